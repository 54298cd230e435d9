"""Repair of the end of a log that a crash cut off in the middle of a line."""

import json
import os

_BLOCK_BYTES = 65_536
_LONGEST_TAIL_BYTES = 64 * 1024 * 1024


def repair_tail(descriptor: int) -> None:
    """Make the file end with a line end, or be empty.

    A last line without its end gets one when it is a whole JSON object, and is cut off
    otherwise. ``descriptor`` must be readable and writable. Raises OSError.
    """
    size = os.fstat(descriptor).st_size
    if size == 0 or os.pread(descriptor, 1, size - 1) == b"\n":
        return
    line_start = _start_of_last_line(descriptor, size)
    if _is_json_object(descriptor, line_start, size):
        os.lseek(descriptor, 0, os.SEEK_END)
        os.write(descriptor, b"\n")
    else:
        os.ftruncate(descriptor, line_start)


def _start_of_last_line(descriptor: int, size: int) -> int:
    end = size
    while end > 0:
        start = max(0, end - _BLOCK_BYTES)
        newline = os.pread(descriptor, end - start, start).rfind(b"\n")
        if newline >= 0:
            return start + newline + 1
        end = start
    return 0


def _is_json_object(descriptor: int, start: int, end: int) -> bool:
    if end - start > _LONGEST_TAIL_BYTES:
        return False
    try:
        return isinstance(json.loads(os.pread(descriptor, end - start, start)), dict)
    except (ValueError, RecursionError):
        return False
