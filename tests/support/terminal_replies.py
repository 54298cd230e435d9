"""What a terminal answers when a program asks it something."""

import re

_QUERY = re.compile(
    rb"\x1b\[(?P<attributes>[>=]?)0?c"
    rb"|\x1b\[(?P<status>\??[0-9]+)n"
    rb"|\x1b\](?P<colour>10|11|12|4;\d+);\?(?P<end>\x07|\x1b\\)"
    rb"|\x1b\[>0?(?P<version>q)"
    rb"|\x1b\[\?(?P<mode>\d+)\$p"
    rb"|\x1b\[(?P<size>14|16|18)t"
)
_KNOWN_MODES = frozenset({b"2026", b"2004", b"1049", b"25", b"1000", b"1002", b"1003", b"1004"})
_CELL_WIDTH, _CELL_HEIGHT = 9, 18
_DARK_BACKGROUND = b"1818/1818/1818"
_LIGHT = b"fafa/f4f4/e6e6"
_LIGHT_TEXT = b"d8d8/d8d8/d8d8"


def replies_to(
    output: bytes, cursor: tuple[int, int], size: tuple[int, int], *, is_light: bool = False
) -> bytes:
    """Return what the terminal sends back for the queries in ``output``.

    ``cursor`` is (row, column) from 0, ``size`` (columns, rows). In-band resize reports (mode
    2048) are unknown to this terminal, so that programs hear of a new size through SIGWINCH.
    Its background is dark unless it ``is_light``.
    """
    if b"\x1b" not in output:
        return b""
    found = (match.groupdict() for match in _QUERY.finditer(output))
    return b"".join(_reply(query, cursor, size, is_light=is_light) for query in found)


def _reply(
    query: dict[str, bytes | None],
    cursor: tuple[int, int],
    size: tuple[int, int],
    *,
    is_light: bool,
) -> bytes:
    if (attributes := query["attributes"]) is not None:
        return _attributes(attributes)
    if status := query["status"]:
        return _status(status, cursor)
    if colour := query["colour"]:
        background = _LIGHT if is_light else _DARK_BACKGROUND
        shade = background if colour == b"11" else _LIGHT_TEXT
        return b"\x1b]" + colour + b";rgb:" + shade + (query["end"] or b"\x07")
    if query["version"]:
        return b"\x1bP>|XTerm(390)\x1b\\"
    if mode := query["mode"]:
        return b"\x1b[?%s;%d$y" % (mode, 2 if mode in _KNOWN_MODES else 0)
    return _size(query["size"], size)


def _attributes(prefix: bytes) -> bytes:
    return {b"": b"\x1b[?62;22;52c", b">": b"\x1b[>41;390;0c"}.get(prefix, b"\x1bP!|00000000\x1b\\")


def _status(status: bytes, cursor: tuple[int, int]) -> bytes:
    if status == b"5":
        return b"\x1b[0n"
    if status in {b"6", b"?6"}:
        return b"\x1b[%s%d;%dR" % (status[:-1], cursor[0] + 1, cursor[1] + 1)
    return b"\x1b[?997;1n" if status == b"?996" else b""


def _size(which: bytes | None, size: tuple[int, int]) -> bytes:
    columns, rows = size
    if which == b"14":
        return b"\x1b[4;%d;%dt" % (rows * _CELL_HEIGHT, columns * _CELL_WIDTH)
    if which == b"16":
        return b"\x1b[6;%d;%dt" % (_CELL_HEIGHT, _CELL_WIDTH)
    return b"\x1b[8;%d;%dt" % (rows, columns)
