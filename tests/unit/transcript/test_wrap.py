from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style

from harn_tui.console.transcript.wrap import (
    break_text,
    crop_runs,
    crop_text,
    runs_cells,
    wrap_runs,
)

RED, BLUE = Style(color="red"), Style(color="blue")
characters = st.sampled_from("ab c漢é\u0301👩\u200d💻\ufe0f字 …")
texts = st.text(characters, max_size=60)


@given(texts, st.integers(2, 20))
def test_no_row_is_wider_than_told(text: str, width: int) -> None:
    for row in wrap_runs([(text, RED)], width):
        assert row.cells <= width
        assert row.cells == sum(cell_len(segment.text) for segment in row.segments)


@given(texts, st.integers(2, 20))
def test_only_spaces_are_lost_at_breaks(text: str, width: int) -> None:
    spans = break_text(text, width)
    kept = "".join(text[start:end] for start, end in spans)
    assert kept.replace(" ", "") == text.replace(" ", "")
    assert spans == sorted(spans)


@given(st.lists(st.tuples(texts, st.sampled_from([RED, BLUE])), max_size=5), st.integers(2, 20))
def test_runs_keep_their_styles_when_cut(runs: list[tuple[str, Style]], width: int) -> None:
    styled = {(character, style) for text, style in runs for character in text}
    text = "".join(text for text, _ in runs)
    rows = wrap_runs(runs or [("", RED)], width)
    if all(cell_len(character) == 1 for character in text):
        for row in rows:
            for segment in row.segments:
                assert {(character, segment.style) for character in segment.text} <= styled


def test_words_stay_whole_where_they_fit() -> None:
    assert [row.segments[0].text for row in wrap_runs([("one two three", RED)], 8)] == [
        "one two",
        "three",
    ]


def test_a_long_word_is_cut_at_the_width() -> None:
    assert [row.cells for row in wrap_runs([("x" * 25, RED)], 10)] == [10, 10, 5]


def test_line_feeds_begin_rows_and_offsets_say_where() -> None:
    rows = wrap_runs([("ab\ncd", RED), ("e\n", BLUE)], 10)
    assert [row.offset for row in rows] == [0, 3, 7]
    assert [segment.text for segment in rows[1].segments] == ["cd", "e"]


def test_wide_characters_are_never_halved() -> None:
    rows = wrap_runs([("漢字漢字", RED)], 5)
    assert [row.segments[0].text for row in rows] == ["漢字", "漢字"]


@given(texts, st.integers(0, 20))
def test_cropped_text_fits(text: str, width: int) -> None:
    assert cell_len(crop_text(text.replace("\n", " "), width)) <= width


@given(st.lists(st.tuples(texts, st.just(RED)), max_size=4), st.integers(0, 20))
def test_cropped_runs_fit(runs: list[tuple[str, Style]], width: int) -> None:
    assert runs_cells(crop_runs(runs, width)) <= width


def test_a_cut_is_marked() -> None:
    assert crop_text("abcdef", 4) == "abc…"
    assert crop_runs([("abcd", RED), ("ef", BLUE)], 4) == [("abc…", RED)]


def test_a_line_of_a_megabyte_is_cropped_without_measuring_it() -> None:
    assert crop_text("x" * 1_000_000, 10) == "x" * 9 + "…"
