"""How many pixels an image has, as its own first bytes tell."""

import struct
from typing import Final

_JPEG_SIZES: Final = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_JPEG_ALONE: Final = frozenset({0x01, *range(0xD0, 0xDA)})
_LARGEST: Final = 1_000_000
_MOST_MARKERS: Final = 10_000


def size_of(data: bytes) -> tuple[int, int] | None:
    """Return width and height of a PNG, JPEG, GIF or WebP; ``None`` when they are not there."""
    try:
        if data.startswith(b"\x89PNG"):
            size = struct.unpack_from(">II", data, 16)
        elif data.startswith(b"GIF8"):
            size = struct.unpack_from("<HH", data, 6)
        elif data.startswith(b"RIFF"):
            size = _webp_size(data)
        else:
            size = _jpeg_size(data)
    except (struct.error, IndexError, ValueError):
        return None
    width, height = size
    return (width, height) if 0 < width <= _LARGEST and 0 < height <= _LARGEST else None


def _webp_size(data: bytes) -> tuple[int, int]:
    kind = data[12:16]
    if kind == b"VP8X":
        width = int.from_bytes(data[24:27], "little") + 1
        height = int.from_bytes(data[27:30], "little") + 1
        return (width, height) if len(data) >= 30 else (0, 0)
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    return 0, 0


def _jpeg_size(data: bytes) -> tuple[int, int]:
    """Walk from marker to marker to the one that begins the picture."""
    place = 2
    for _ in range(_MOST_MARKERS):
        place = data.index(b"\xff", place)
        while data[place] == 0xFF:
            place += 1
        marker = data[place]
        place += 1
        if marker in _JPEG_SIZES:
            height, width = struct.unpack_from(">HH", data, place + 3)
            return width, height
        if marker not in _JPEG_ALONE:
            (length,) = struct.unpack_from(">H", data, place)
            place += max(2, length)
    return 0, 0
