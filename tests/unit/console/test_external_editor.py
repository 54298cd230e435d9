"""The person's own editor: which one it is, the file that it gets, and what comes back."""

import asyncio
import os
import stat
from collections.abc import Sequence
from pathlib import Path

import pytest

from harn_tui.console.prompt.external_editor import edit, editor_command, ending_words
from harn_tui.errors import HarnError
from tests.unit.console.conftest import OpenConsole, is_empty


class Editor:
    """Writes ``data`` over the file, unless it is ``None``, and ends with ``code``."""

    def __init__(self, data: bytes | None, code: int = 0) -> None:
        self.data, self.code = data, code
        self.found = b""
        self.modes: list[str] = []

    async def __call__(self, words: Sequence[str]) -> int:
        return self._edit(Path(words[-1]))

    def _edit(self, file: Path) -> int:
        self.found = file.read_bytes()
        self.modes = [stat.filemode(path.stat().st_mode) for path in (file, file.parent)]
        if self.data is not None:
            file.write_bytes(self.data)
        return self.code


async def test_the_editor_gets_the_text_in_a_file_that_is_private_and_gone_after(
    temporary: Path,
) -> None:
    editor = Editor("größer\n".encode())
    edited = await edit("groß 界", ["ed"], editor)
    assert editor.found == "groß 界".encode()
    assert editor.modes == ["-rw-------", "drwx------"]
    assert (edited.exit_code, edited.text, edited.is_utf8) == (0, "größer", True)
    assert is_empty(temporary)


@pytest.mark.parametrize(
    ("data", "text", "is_utf8"),
    [
        (b"", "", True),
        (b"a\r\nb\rc\n", "a\nb\nc", True),
        (b"\xef\xbb\xbfwith a mark", "with a mark", True),
        (b"gr\xf6\xdfer", "gr\ufffd\ufffder", False),
        (b"a\x00b\x1b[2Jc\tx", "ab[2Jc\tx", True),
        (b"two\n\n", "two\n", True),
    ],
)
async def test_whatever_an_editor_writes_comes_back_as_text(
    temporary: Path, data: bytes, text: str, is_utf8: bool
) -> None:
    edited = await edit("before", ["ed"], Editor(data))
    assert (edited.text, edited.is_utf8) == (text, is_utf8)


async def test_a_file_that_is_gone_or_too_large_is_told(temporary: Path) -> None:
    async def remove(words: Sequence[str]) -> int:
        os.unlink(words[-1])  # noqa: PTH108 - of a coroutine
        return 0

    with pytest.raises(HarnError, match="cannot be read"):
        await edit("x", ["ed"], remove)
    with pytest.raises(HarnError, match="too large"):
        await edit("x", ["ed"], Editor(b"x" * (10 * 1024 * 1024 + 1)))
    assert is_empty(temporary)


async def test_the_file_is_gone_when_the_editing_is_cancelled(temporary: Path) -> None:
    begun = asyncio.Event()

    async def never(words: Sequence[str]) -> int:
        begun.set()
        await asyncio.Event().wait()
        return 0

    task = asyncio.create_task(edit("x", ["ed"], never))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert is_empty(temporary)


def test_visual_goes_before_editor_and_may_have_arguments(tmp_path: Path) -> None:
    program = tmp_path / "my editor"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    environment = {"VISUAL": f"'{program}' --wait", "EDITOR": "other", "PATH": ""}
    assert editor_command(environment) == [str(program), "--wait"]
    assert editor_command({"VISUAL": " ", "EDITOR": f"'{program}'"}) == [str(program)]


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"EDITOR": "no-such-editor -x"}, "'no-such-editor' is not there"),
        ({"VISUAL": "vi 'half"}, "VISUAL does not read like a command"),
        ({"EDITOR": "/tmp"}, "'/tmp' is not there"),
        ({"PATH": "/nowhere"}, "'vi' is not there"),
    ],
)
def test_an_editor_that_cannot_be_used_is_told(environment: dict[str, str], words: str) -> None:
    with pytest.raises(HarnError, match=words):
        editor_command(environment)


def test_the_ending_of_an_editor_is_said_in_words() -> None:
    assert ending_words(3) == "ended with code 3"
    assert ending_words(-15) == "was ended by SIGTERM"
    assert ending_words(-300) == "was ended by signal 300"


async def test_without_a_terminal_the_draft_stays_and_the_person_is_told(
    open_console: OpenConsole, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISUAL", "true")
    async with open_console() as console:
        await console.type("my draft")
        await console.press("ctrl+g")
        await console.until(lambda: bool(console.app._notifications))
        assert "no terminal here" in next(iter(console.app._notifications)).message
        assert console.prompt.text == "my draft"
