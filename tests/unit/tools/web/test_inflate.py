"""Decompressing a body within its limit."""

import gzip
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.tools.web.inflate import BoundedBody, InflateError


def fed(encoding: str, data: bytes, limit: int, piece: int) -> BoundedBody:
    body = BoundedBody(encoding, limit)
    for start in range(0, len(data), piece):
        body.feed(data[start : start + piece])
    return body


def plain_deflate(data: bytes) -> bytes:
    made = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return made.compress(data) + made.flush()


@given(
    st.binary(max_size=3000),
    st.sampled_from(["", "identity", "gzip", "GZIP ", "x-gzip", "deflate", "plain"]),
    st.integers(1, 500),
    st.integers(1, 4000),
)
def test_what_comes_out_is_the_beginning_of_what_went_in(
    data: bytes, encoding: str, piece: int, limit: int
) -> None:
    packed = data
    if "gzip" in encoding.lower():
        packed = gzip.compress(data)
    elif encoding == "deflate":
        packed = zlib.compress(data)
    elif encoding == "plain":
        encoding, packed, piece = "deflate", plain_deflate(data), max(piece, 3)
    body = fed(encoding, packed, limit, piece)
    assert bytes(body.data) == data[:limit]
    assert body.is_cut == (len(data) > limit)


def test_several_compressed_pieces_in_a_row_are_one_body() -> None:
    packed = gzip.compress(b"one ") + gzip.compress(b"two") + b"\0\0"
    assert bytes(fed("gzip", packed, 100, 7).data) == b"one two"


def test_a_bomb_costs_no_more_than_its_limit() -> None:
    packer = zlib.compressobj(wbits=31)
    bomb = b"".join(packer.compress(b"\0" * 1_000_000) for _ in range(100)) + packer.flush()
    assert len(bomb) < 120_000
    tracemalloc.start()
    try:
        body = fed("gzip", bomb, 1_000_000, 65_536)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert body.is_cut
    assert len(body.data) == 1_000_000
    assert peak < 8_000_000


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_body_that_is_no_such_thing_is_an_error(encoding: str) -> None:
    with pytest.raises(InflateError, match="damaged"):
        BoundedBody(encoding, 100).feed(b"\xff\xff<html>")


def test_a_body_that_breaks_in_the_middle_is_an_error() -> None:
    packed = gzip.compress(bytes(range(256)) * 50)
    body = BoundedBody("gzip", 100_000)
    body.feed(packed[:100])
    with pytest.raises(InflateError, match="damaged"):
        body.feed(b"\xff" * 200)


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "compress"])
def test_encodings_that_were_not_asked_for_are_refused(encoding: str) -> None:
    with pytest.raises(InflateError, match=encoding):
        BoundedBody(encoding, 100)
