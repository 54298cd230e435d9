"""The lines of a fence as they came: with their tabs, whole, without what contains the fence."""

from __future__ import annotations

from harn_tui.console.transcript.markdown_lines import expand_prefix
from harn_tui.console.transcript.markdown_pieces import Piece


def original_lines(piece: Piece, text: str) -> list[str]:
    """Return the lines of a piece of code, read again in the text that it was cut from.

    The piece itself has leading tabs as spaces, and of a very long line the beginning.
    """
    drawn = piece.source.split("\n")
    raw = text[piece.start : piece.end].split("\n")
    if not piece.context:
        raw = raw[1:]
    raw += [""] * (len(drawn) - len(raw))
    lines = [_original(*pair) for pair in zip(drawn[:-1], raw, strict=False)]
    return [*lines, _original(drawn[-1], raw[len(drawn) - 1], piece.cut_chars)]


def _original(drawn: str, raw: str, cut_chars: int = 0) -> str:
    """Return the end of ``raw`` that ``drawn`` was made of, ``drawn`` when a tab was divided."""
    raw = raw.removesuffix("\r")
    if not cut_chars and "\t" not in raw:
        return drawn
    column = len(expand_prefix(raw)) - len(drawn) - cut_chars
    for start in range(len(raw) + 1):
        at = len(expand_prefix(raw[:start]))
        if at >= column:
            return raw[start:] if at == column else drawn
    return drawn
