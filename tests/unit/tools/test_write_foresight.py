"""What ``write_file`` would replace, told before it runs."""

import os

import pytest

from harn_tui.errors import ToolError
from harn_tui.tools.foreseen_change import ForeseenChange
from harn_tui.tools.write_file import WRITE_FILE
from harn_tui.tools.write_foresight import MOST_COMPARED_BYTES, MOST_COUNTED_BYTES
from tests.unit.tools.conftest import Workspace


def foreseen(workspace: Workspace, path: str, content: str) -> ForeseenChange:
    assert WRITE_FILE.foresee is not None
    return WRITE_FILE.foresee({"path": path, "content": content}, workspace.context)


async def test_the_change_is_the_one_that_the_call_then_makes(workspace: Workspace) -> None:
    workspace.write("settings.toml", "timeout = 3\nretry = 2\n")
    told = foreseen(workspace, "settings.toml", "retry = 5\n")
    assert workspace.root.joinpath("settings.toml").read_text() == "timeout = 3\nretry = 2\n"
    made = await workspace.call("write_file", path="settings.toml", content="retry = 5\n")
    assert (told.diff, told.added, told.removed) == (made.details["diff"], 1, 2)
    assert (told.path, told.old_lines, told.is_new) == ("settings.toml", 2, False)


def test_a_file_that_is_not_there_is_new(workspace: Workspace) -> None:
    told = foreseen(workspace, "deep/new.txt", "a\n")
    assert told == ForeseenChange("deep/new.txt")
    assert told.is_new
    assert not workspace.root.joinpath("deep").exists()


def test_a_link_tells_what_it_leads_to(workspace: Workspace) -> None:
    target = workspace.write("target.txt", "old\n")
    workspace.root.joinpath("link.txt").symlink_to(target)
    told = foreseen(workspace, "link.txt", "new\n")
    assert (told.path, told.added, told.removed) == ("target.txt", 1, 1)


@pytest.mark.parametrize("last", ["", "\n"])
def test_of_a_large_file_the_lines_are_counted(workspace: Workspace, last: str) -> None:
    lines = MOST_COMPARED_BYTES // 4
    old = "\n".join(["12345"] * lines) + last
    workspace.write("large.txt", old)
    told = foreseen(workspace, "large.txt", "x")
    assert (told.old_lines, told.old_bytes, told.diff) == (lines, len(old), "")
    assert (told.added, told.removed) == (None, None)


def test_of_a_huge_file_nothing_is_read_but_the_beginning(workspace: Workspace) -> None:
    path = workspace.write("huge.txt", "a\n" * MOST_COMPARED_BYTES)
    os.truncate(path, MOST_COUNTED_BYTES + 1)
    told = foreseen(workspace, "huge.txt", "x")
    assert (told.old_lines, told.old_bytes) == (None, MOST_COUNTED_BYTES + 1)


def test_a_binary_file_and_a_long_new_content_have_no_diff(workspace: Workspace) -> None:
    workspace.write("image.png", b"\x89PNG\x00\x00")
    binary = foreseen(workspace, "image.png", "text")
    assert (binary.is_binary, binary.old_lines, binary.old_bytes) == (True, None, 6)
    workspace.write("small.txt", "a\nb\n")
    long = foreseen(workspace, "small.txt", "x" * (MOST_COMPARED_BYTES + 1))
    assert (long.is_binary, long.old_lines, long.diff) == (False, 2, "")


@pytest.mark.parametrize("path", ["folder", "folder/", "new/", "../outside.txt", "pipe", "no\0"])
def test_what_cannot_be_written_is_told_and_never_waited_for(
    workspace: Workspace, path: str
) -> None:
    workspace.root.joinpath("folder").mkdir()
    os.mkfifo(workspace.root / "pipe")
    with pytest.raises(ToolError):
        foreseen(workspace, path, "x")
