import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.session.image_size import size_of

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 640, 480)
GIF = b"GIF89a" + struct.pack("<HH", 640, 480)
WEBP = b"RIFF\0\0\0\0WEBP"
LOSSY = WEBP + b"VP8 \0\0\0\0\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 640, 480)
LOSSLESS = WEBP + b"VP8L\0\0\0\0\x2f" + struct.pack("<I", 639 | 479 << 14)
EXTENDED = WEBP + b"VP8X" + b"\0" * 8 + b"\x7f\x02\0" + b"\xdf\x01\0"
APP0 = b"\xff\xe0\0\x10JFIF\0" + b"\0" * 9
FRAME = b"\xff\xc0\0\x11\x08" + struct.pack(">HH", 480, 640)
JPEG = b"\xff\xd8" + APP0 + b"\xff\xff" + FRAME[1:]


@pytest.mark.parametrize("data", [PNG, GIF, LOSSY, LOSSLESS, EXTENDED, JPEG])
def test_an_image_tells_its_size(data: bytes) -> None:
    assert size_of(data) == (640, 480)
    assert size_of(data + bytes(range(256))) == (640, 480)


@pytest.mark.parametrize("data", [PNG, GIF, LOSSY, LOSSLESS, EXTENDED, JPEG])
def test_an_image_that_is_cut_off_has_no_size_or_the_right_one(data: bytes) -> None:
    assert {size_of(data[:length]) for length in range(len(data))} == {None}


@given(
    st.sampled_from([b"", PNG[:16], GIF[:6], LOSSY[:16], EXTENDED[:16], b"\xff\xd8"]), st.binary()
)
def test_nothing_is_raised_for_any_bytes(start: bytes, rest: bytes) -> None:
    size = size_of(start + rest)
    assert size is None or min(size) > 0


def test_a_file_of_nothing_but_markers_ends() -> None:
    assert size_of(b"\xff\xd8" + b"\xff\xd9" * 1_000_000) is None
