"""Reading a block in the person's own pager."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from harn_tui.console.pager import page, pager_command
from harn_tui.console.transcript.block_source import shown_source
from harn_tui.errors import HarnError
from tests.unit.transcript.builders import thought, tool


def program(folder: Path, name: str) -> str:
    path = folder / name
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return str(path)


def test_the_pager_is_what_the_environment_says(tmp_path: Path) -> None:
    most, less = program(tmp_path, "most"), program(tmp_path, "less")
    path = {"PATH": str(tmp_path)}
    assert pager_command({"PAGER": "most -s 'a b'", **path}) == [most, "-s", "a b"]
    assert pager_command(path) == [less]
    assert pager_command({"PAGER": "  ", **path}) == [less]
    assert pager_command({"PAGER": "cat -n", **path}) == [less]


@pytest.mark.parametrize(
    ("pager", "message"),
    [("'open", "does not read"), ("nowhere -x", "'nowhere' is not there"), ("", "no pager")],
)
def test_a_pager_that_cannot_be_is_told(tmp_path: Path, pager: str, message: str) -> None:
    with pytest.raises(HarnError, match=message):
        pager_command({"PAGER": pager, "PATH": str(tmp_path)})


class Pager:
    """Takes the place of the program; keeps what it could read, and how private that was."""

    def __init__(self, code: int = 0) -> None:
        self._code = code
        self.text = ""
        self.modes: list[int] = []
        self.file = Path()

    async def __call__(self, command: Sequence[str]) -> int:
        self.file = Path(command[-1])
        self._read()
        return self._code

    def _read(self) -> None:
        self.text = self.file.read_text()
        self.modes = [path.stat().st_mode & 0o777 for path in (self.file, self.file.parent)]

    def is_cleared_away(self) -> bool:
        return not self.file.parent.exists()


async def test_the_file_is_private_clean_and_gone_afterwards() -> None:
    pager = Pager()
    await page("\x1b[31mred\x1b[0m plain\nnext \x07", ["less"], pager)
    assert pager.text.splitlines()[0] == "red plain"
    assert not any(ord(one) < 32 for one in pager.text if one != "\n")
    assert pager.modes == [0o600, 0o700]
    assert pager.is_cleared_away()


async def test_a_pager_that_fails_is_told_and_its_file_is_gone_too() -> None:
    pager = Pager(code=3)
    with pytest.raises(HarnError, match="less ended with code 3"):
        await page("text", ["/usr/bin/less"], pager)
    assert pager.is_cleared_away()


def test_what_is_read_is_whole_though_it_is_folded() -> None:
    assert shown_source(thought("hidden"), is_folded=False) == "hidden"
    shown = shown_source(tool(arguments={"command": "ls"}, result="a\nb"), is_folded=False)
    assert shown == "ran ls\na\nb"
