"""Outputs of any length: what the model reads, what is kept, what it costs."""

import asyncio
import hashlib
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harn_tui.errors import ToolError
from harn_tui.kinds import ToolErrorCategory
from harn_tui.tools.output_blobs import OutputBlobs
from harn_tui.tools.output_capture import INLINE_BYTES, CapturedOutput, OutputCapture, capture_text


async def captured(blobs: OutputBlobs | None, *pieces: bytes) -> CapturedOutput:
    capture = OutputCapture(blobs, lambda _is_behind: None)
    for piece in pieces:
        capture.feed(piece)
    return await capture.finish()


def files_in(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


async def test_an_output_that_fits_is_given_whole_and_kept_nowhere(tmp_path: Path) -> None:
    output = await captured(OutputBlobs(tmp_path / "blobs"), b"a\n", b"b")
    assert output.text == "a\nb"
    assert (output.byte_count, output.line_count) == (3, 1)
    assert output.sha256 == hashlib.sha256(b"a\nb").hexdigest()
    assert (output.blob, output.note, output.details) == (None, "", {})
    assert files_in(tmp_path / "blobs") == []


async def test_tools_odd_32_a_long_output_is_kept_whole_under_a_handle_that_the_model_reads(
    tmp_path: Path,
) -> None:
    data = b"".join(b"line %d\n" % number for number in range(20_000))
    output = await captured(OutputBlobs(tmp_path / "blobs"), data[:50], data[50:])
    assert output.blob is not None
    path = tmp_path / "blobs" / hashlib.sha256(data).hexdigest()
    assert path.read_bytes() == data
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert output.text.startswith("line 0\n")
    assert output.text.endswith("line 19999\n")
    assert "bytes cut from the middle" in output.text
    assert output.blob.handle in output.note
    assert output.details["output_sha256"] == output.sha256 == path.name
    assert output.details["output_bytes"] == output.details["output_kept_bytes"] == len(data)


async def test_a_blob_ends_at_its_limit_and_the_end_of_the_output_is_still_read(
    tmp_path: Path,
) -> None:
    blobs = OutputBlobs(tmp_path, max_blob_bytes=40_000)
    output = await captured(blobs, b"x" * 50_000, b"the end")
    assert output.blob is not None
    assert output.blob.kept_bytes == 40_000
    assert output.sha256 == ""
    assert output.text.endswith("the end")
    assert "only the first 40,000 are kept" in output.note


async def test_a_gigabyte_is_survived_in_little_memory(tmp_path: Path) -> None:
    blobs = OutputBlobs(tmp_path, max_blob_bytes=1024 * 1024)
    chunk = b"0123456789abcde\n" * 65_536
    waiting = asyncio.Event()
    waiting.set()
    capture = OutputCapture(
        blobs, lambda is_behind: (waiting.clear if is_behind else waiting.set)()
    )
    tracemalloc.start()
    try:
        for _ in range(1024):
            capture.feed(chunk)
            await waiting.wait()
        output = await capture.finish()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert output.byte_count == 1024 * len(chunk) == 2**30
    assert output.line_count == 2**26
    assert len(output.text) < INLINE_BYTES + 200
    assert peak < 40 * 1024 * 1024


async def test_without_a_place_to_keep_it_the_middle_is_lost_and_nothing_is_promised() -> None:
    output = await captured(None, b"x" * 100_000)
    assert "bytes cut from the middle" in output.text
    assert (output.note, output.details, output.sha256) == ("", {}, "")


async def test_a_disk_that_fails_costs_the_blob_and_not_the_command(tmp_path: Path) -> None:
    in_the_way = tmp_path / "blobs"
    in_the_way.write_text("a file")
    output = await captured(OutputBlobs(in_the_way), b"x" * 100_000, b"y" * 100_000)
    assert output.blob is None
    assert output.problem
    assert "could not be kept" in output.note
    assert output.text.endswith("y")


async def test_a_full_folder_keeps_no_more(tmp_path: Path) -> None:
    blobs = OutputBlobs(tmp_path, max_folder_bytes=150_000)
    first = await captured(blobs, b"1" * 100_000)
    second = await captured(blobs, b"2" * 100_000)
    third = await captured(blobs, b"3" * 100_000)
    assert first.blob is not None
    assert second.blob is not None
    assert (first.blob.kept_bytes, second.blob.kept_bytes) == (100_000, 50_000)
    assert third.problem is not None
    assert "150,000" in third.problem


async def test_what_is_thrown_away_leaves_no_file(tmp_path: Path) -> None:
    capture = OutputCapture(OutputBlobs(tmp_path), lambda _is_behind: None)
    capture.feed(b"x" * 1_000_000)
    await capture.discard()
    assert files_in(tmp_path) == []


async def test_the_same_output_twice_is_kept_once(tmp_path: Path) -> None:
    blobs = OutputBlobs(tmp_path)
    text = "ü" * 40_000
    first, second = await capture_text(text, blobs), await capture_text(text, blobs)
    assert first.blob == second.blob
    assert [path.read_text("utf-8") for path in files_in(tmp_path)] == [text]


async def test_a_source_that_is_faster_than_the_disk_is_told_to_wait(tmp_path: Path) -> None:
    told: list[bool] = []
    capture = OutputCapture(OutputBlobs(tmp_path), told.append)
    for _ in range(20):
        capture.feed(b"x" * 1024 * 1024)
    assert told == [True]
    output = await capture.finish()
    assert told == [True, False]
    assert output.blob is not None
    assert output.blob.kept_bytes == 20 * 1024 * 1024


@pytest.mark.parametrize("handle", ["", "abc", "../../etc/passwd", "0" * 65, "zzzzzzzz", "*" * 8])
def test_what_is_no_handle_is_refused(tmp_path: Path, handle: str) -> None:
    with pytest.raises(ToolError, match="`handle`") as caught:
        OutputBlobs(tmp_path).find(handle)
    assert caught.value.category is ToolErrorCategory.SCHEMA_VALIDATION


def test_a_handle_names_one_blob_or_none(tmp_path: Path) -> None:
    blobs = OutputBlobs(tmp_path / "not there yet")
    with pytest.raises(ToolError, match="no kept output"):
        blobs.find("0" * 16)
    blobs = OutputBlobs(tmp_path)
    stored = blobs.store(b"data")
    assert blobs.find(stored.handle).read_bytes() == b"data"
    assert blobs.find(stored.sha256) == blobs.find(stored.handle[:8])
    (tmp_path / (stored.handle[:8] + "0" * 56)).touch()
    with pytest.raises(ToolError, match="More than one"):
        blobs.find(stored.handle[:8])


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.binary(max_size=30_000), max_size=6))
async def test_whatever_the_pieces_all_bytes_are_kept_in_order(
    tmp_path: Path, pieces: list[bytes]
) -> None:
    data = b"".join(pieces)
    output = await captured(OutputBlobs(tmp_path), *pieces)
    assert output.byte_count == len(data)
    assert output.sha256 == hashlib.sha256(data).hexdigest()
    assert (output.blob is None) == (len(data) <= INLINE_BYTES)
    if output.blob is not None:
        assert (tmp_path / output.blob.sha256).read_bytes() == data
