import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.errors import ProviderError
from harn_tui.kinds import ProviderErrorCategory
from harn_tui.providers.sse import SseDecoder, SseEvent
from tests.unit.providers.wire import WIRE


def decode(*chunks: bytes) -> list[SseEvent]:
    decoder = SseDecoder()
    return [event for chunk in chunks for event in decoder.feed(chunk)]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_each_kind_of_line_end_ends_a_line(end: bytes) -> None:
    body = end.join([b"event: ping", b"data: one", b"", b"data: two", b"", b""])
    assert decode(body) == [SseEvent("ping", "one"), SseEvent("message", "two")]


def test_a_carriage_return_and_its_line_feed_in_two_chunks_are_one_line_end() -> None:
    assert decode(b"data: a\r", b"\ndata: b\r", b"\n\r", b"\n") == [SseEvent("message", "a\nb")]


def test_an_event_is_dispatched_by_a_lone_carriage_return_without_waiting_for_more() -> None:
    assert decode(b"data: a\r\r") == [SseEvent("message", "a")]


def test_mixed_line_ends_do_not_make_empty_events() -> None:
    assert decode(b"data: a\r\n\r\n\n\r\rdata: b\n\n") == [
        SseEvent("message", "a"),
        SseEvent("message", "b"),
    ]


@pytest.mark.parametrize("character", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\x1e"])
def test_other_line_separators_of_unicode_stay_within_the_data(character: str) -> None:
    text = f"before{character}after"
    assert decode(f"data: {text}\n\n".encode()) == [SseEvent("message", text)]


def test_a_byte_order_mark_at_the_start_is_dropped_even_when_split() -> None:
    assert decode(b"\xef", b"\xbb", b"\xbfdata: a\n\n") == [SseEvent("message", "a")]


def test_a_byte_order_mark_later_on_is_part_of_the_field_name() -> None:
    assert decode(b"data: a\n\n\xef\xbb\xbfdata: b\n\n") == [SseEvent("message", "a")]


def test_several_data_lines_are_joined_with_line_feeds() -> None:
    assert decode(b"data: a\ndata:\ndata:  b\n\n") == [SseEvent("message", "a\n\n b")]


def test_only_one_space_after_the_colon_is_dropped() -> None:
    assert decode(b"data:a\n\ndata:  a\n\n") == [
        SseEvent("message", "a"),
        SseEvent("message", " a"),
    ]


def test_comments_ids_retries_and_unknown_fields_are_passed_over() -> None:
    body = b": keep-alive\n\nid: 7\nretry: 10\nfoo: bar\ndata: a\n: in between\n\n"
    assert decode(body) == [SseEvent("message", "a")]


def test_a_field_without_a_colon_has_an_empty_value() -> None:
    assert decode(b"data\n\n") == [SseEvent("message", "")]


def test_an_event_name_without_data_dispatches_nothing_and_is_forgotten() -> None:
    assert decode(b"event: ping\n\ndata: a\n\n") == [SseEvent("message", "a")]


def test_a_last_event_without_its_blank_line_is_dropped() -> None:
    assert decode(b"data: a\n\ndata: b\n") == [SseEvent("message", "a")]


def test_invalid_utf_8_is_replaced_instead_of_raising() -> None:
    assert decode(b"data: \xff\n\n") == [SseEvent("message", "\ufffd")]


def test_an_event_that_outgrows_the_bound_is_refused() -> None:
    decoder = SseDecoder(max_event_bytes=64)
    decoder.feed(b"data: short\n\n")
    with pytest.raises(ProviderError) as caught:
        decoder.feed(b"data: " + b"x" * 100)
    assert caught.value.category is ProviderErrorCategory.INVALID_RESPONSE


def test_many_small_lines_of_one_event_are_bounded_together() -> None:
    decoder = SseDecoder(max_event_bytes=64)
    for _ in range(5):
        decoder.feed(b"data: 1234\n")
    with pytest.raises(ProviderError):
        decoder.feed(b"data: 1234\n")


def test_keep_alive_comments_never_add_up_to_an_oversized_event() -> None:
    decoder = SseDecoder(max_event_bytes=64)
    for _ in range(100):
        assert decoder.feed(b": keep-alive\n") == []
    assert decoder.feed(b"data: a\n\n") == [SseEvent("message", "a")]


lines = st.sampled_from(
    [
        b"data: a",
        b"data:",
        b"event: e",
        b": c",
        b"",
        b"data: \xe2\x80\xa8x",
        b"id: 1",
        b"\xef\xbb\xbf",
    ]
)
ends = st.sampled_from([b"\n", b"\r\n", b"\r"])


@given(st.lists(st.tuples(lines, ends), max_size=30), st.data())
def test_the_events_do_not_depend_on_how_the_bytes_are_cut(
    parts: list[tuple[bytes, bytes]], data: st.DataObject
) -> None:
    body = b"".join(line + end for line, end in parts)
    cuts = data.draw(st.lists(st.integers(0, len(body)), max_size=8).map(sorted))
    edges = [0, *cuts, len(body)]
    chunks = [body[start:stop] for start, stop in zip(edges, edges[1:], strict=False)]
    assert decode(*chunks) == decode(body)


@given(st.binary(max_size=400), st.data())
def test_any_bytes_decode_the_same_whole_and_byte_by_byte(body: bytes, data: st.DataObject) -> None:
    assert decode(*(bytes([byte]) for byte in body)) == decode(body)


@pytest.mark.parametrize("path", sorted(WIRE.glob("*.sse")), ids=lambda path: path.name)
def test_recorded_bodies_decode_the_same_byte_by_byte(path: object) -> None:
    body = path.read_bytes()  # type: ignore[attr-defined]
    assert decode(*(bytes([byte]) for byte in body)) == decode(body)
