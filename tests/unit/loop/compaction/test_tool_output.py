from hypothesis import given
from hypothesis import strategies as st

from harn_tui.loop.compaction.estimate import text_bytes
from harn_tui.loop.compaction.tool_output import shorten_output

_lines = st.sampled_from(["plain", "error: no", "a.py:3: undefined", "é" * 40, "😀" * 9, "", "\r"])
_outputs = st.lists(_lines, max_size=120).map("\n".join) | st.text(max_size=600)


@given(_outputs, st.integers(1, 700))
def test_an_output_is_never_longer_than_its_limit(text: str, limit: int) -> None:
    shortened = shorten_output(text, limit)
    assert text_bytes(shortened) <= limit or shortened == text
    assert text_bytes(shortened) <= max(limit, 0)


@given(_outputs, st.integers(1, 700))
def test_an_output_that_fits_stays_as_it_is(text: str, limit: int) -> None:
    if text_bytes(text) <= limit:
        assert shorten_output(text, limit) == text


@given(_outputs, st.integers(100, 700))
def test_most_of_the_room_is_used(text: str, limit: int) -> None:
    shortened = shorten_output(text, limit)
    if shortened != text:
        assert text_bytes(shortened) >= limit // 4


def test_half_a_surrogate_pair_is_cut_like_any_character() -> None:
    text = "\ud800" * 300
    assert set(shorten_output(text, 100).split("\n[")[0]) == {"\ud800"}
