"""Bounded output: what is kept for the model and what is passed on live."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.kinds import OutputStream
from harn_tui.tools import live_output
from harn_tui.tools.live_output import LiveOutput
from harn_tui.tools.output_window import OutputWindow

PIECES = st.lists(st.binary(max_size=30), max_size=20)


@given(PIECES)
def test_output_that_fits_is_kept_whole(pieces: list[bytes]) -> None:
    window = OutputWindow(400, 400)
    for piece in pieces:
        window.feed(piece)
    whole = b"".join(pieces).decode("utf-8", "replace").replace("\x00", "\u2400")
    assert window.text() == whole


@given(st.lists(st.text("aé\N{GRINNING FACE}\n", max_size=30), max_size=30))
def test_a_cut_output_keeps_whole_characters_of_both_ends(pieces: list[str]) -> None:
    window = OutputWindow(20, 20)
    for piece in pieces:
        window.feed(piece.encode())
    whole = "".join(pieces)
    text = window.text()
    if len(whole.encode()) <= 40:
        assert text == whole
        return
    head, note, tail = text.partition("[... ")
    assert note
    assert "\ufffd" not in text
    assert whole.startswith(head.removesuffix("\n"))
    assert whole.endswith(tail.partition("...]\n")[2])


def test_what_is_kept_does_not_grow_with_the_output() -> None:
    window = OutputWindow(100, 100)
    for _ in range(1000):
        window.feed(b"x" * 999 + b"\n")
    assert len(window._head) + len(window._tail) <= 300
    assert len(window.text()) < 400


@given(PIECES)
def test_live_output_in_pieces_is_the_text_of_the_whole(pieces: list[bytes]) -> None:
    chunks: list[str] = []
    live = LiveOutput(lambda text, _stream: chunks.append(text))
    for piece in pieces:
        live.feed(piece)
        live.flush()
    live.flush(final=True)
    assert "".join(chunks) == b"".join(pieces).decode("utf-8", "replace").replace("\x00", "\u2400")


def test_between_two_flushes_only_the_newest_output_is_kept() -> None:
    chunks: list[tuple[str, OutputStream]] = []
    live = LiveOutput(lambda text, stream: chunks.append((text, stream)))
    for number in range(100_000):
        live.feed(b"%d\n" % number)
    live.flush()
    assert len(chunks) == 1
    text, stream = chunks[0]
    assert stream is OutputStream.STDOUT
    assert "bytes not shown live ...]\n" in text
    assert text.endswith("\n99999\n")
    assert len(text) < live_output.MAX_CHUNK_BYTES + 100


def test_after_much_output_the_pace_drops() -> None:
    live = LiveOutput(lambda _text, _stream: None)
    assert live.pause_s == pytest.approx(1 / 30)
    for _ in range(live_output.FAST_BYTES // live_output.MAX_CHUNK_BYTES + 1):
        live.feed(b"x" * live_output.MAX_CHUNK_BYTES)
        live.flush()
    assert live.pause_s == live_output.SLOW_FRAME_S
