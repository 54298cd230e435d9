import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.errors import ProviderError
from harn_tui.kinds import ProviderErrorCategory
from harn_tui.providers.json_lines import JsonLineDecoder


def decode(*chunks: bytes) -> list[str]:
    decoder = JsonLineDecoder()
    events = [event for chunk in chunks for event in decoder.feed(chunk)]
    return [event.data for event in (*events, *decoder.finish())]


def test_each_line_is_an_event_as_soon_as_it_has_ended() -> None:
    decoder = JsonLineDecoder()
    assert [event.data for event in decoder.feed(b'{"a":1}\n{"b"')] == ['{"a":1}']
    assert [event.data for event in decoder.feed(b":2}\n")] == ['{"b":2}']
    assert decoder.finish() == []


def test_carriage_returns_blank_lines_and_a_byte_order_mark_are_no_data() -> None:
    assert decode(b"\xef\xbb\xbf{}\r\n\r\n", b" \n[]\r\n") == ["{}", "[]"]


def test_the_last_line_may_lack_its_end() -> None:
    assert decode(b"{}\n[", b"]") == ["{}", "[]"]


@pytest.mark.parametrize("character", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c"])
def test_other_line_separators_of_unicode_stay_within_a_line(character: str) -> None:
    assert decode(f"a{character}b\n".encode()) == [f"a{character}b"]


@given(st.lists(st.text(st.characters(exclude_characters="\r\n \t")), max_size=8), st.data())
def test_lines_are_the_same_wherever_the_bytes_are_cut(
    lines: list[str], data: st.DataObject
) -> None:
    body = "\n".join(lines).encode("utf-8", "replace")
    chunks: list[bytes] = []
    while body:
        size = data.draw(st.integers(1, len(body)))
        chunks.append(body[:size])
        body = body[size:]
    assert decode(*chunks) == decode(b"".join(chunks))


def test_a_line_that_outgrows_the_bound_is_refused_before_it_has_ended() -> None:
    decoder = JsonLineDecoder(max_line_bytes=8)
    decoder.feed(b"12345678\n1234")
    with pytest.raises(ProviderError) as caught:
        decoder.feed(b"56789")
    assert caught.value.category is ProviderErrorCategory.INVALID_RESPONSE
