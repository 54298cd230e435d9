"""A text as a file for a program: private, and never left behind."""

import asyncio
import errno
import os
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from harn_tui.console.pager import page
from harn_tui.console.prompt.external_editor import edit
from harn_tui.console.text_file_for_program import RunProgram, text_file
from harn_tui.errors import HarnError
from tests.support.waiting import wait_until_blocking
from tests.unit.console.conftest import is_empty


async def never_run(words: Sequence[str]) -> int:
    raise AssertionError(words)


async def _page(run: RunProgram) -> None:
    await page("text", ["less"], run)


async def _edit(run: RunProgram) -> None:
    await edit("text", ["vi"], run)


@pytest.mark.parametrize("show", [_page, _edit])
async def test_a_full_disk_is_told_and_leaves_no_folder(
    temporary: Path, monkeypatch: pytest.MonkeyPatch, show: object
) -> None:
    def fail(*_: object, **__: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_text", fail)
    assert callable(show)
    with pytest.raises(HarnError, match="cannot be written for the .*: No space left"):
        await show(never_run)
    assert is_empty(temporary)


async def test_cancelled_while_it_is_written_it_leaves_no_folder(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, gate = threading.Event(), threading.Event()
    real = Path.write_text

    def write_slowly(self: Path, data: str, encoding: str, errors: str) -> int:
        begun.set()
        assert gate.wait(20)
        return real(self, data, encoding=encoding, errors=errors)

    monkeypatch.setattr(Path, "write_text", write_slowly)

    async def use() -> None:
        async with text_file("text", "file.txt", problem="It cannot be written"):
            raise AssertionError

    task = asyncio.create_task(use())
    await asyncio.to_thread(begun.wait, 20)
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()  # once more, while it waits for the writing to end
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not is_empty(temporary)
    gate.set()
    await asyncio.to_thread(wait_until_blocking, lambda: is_empty(temporary), 20.0)
