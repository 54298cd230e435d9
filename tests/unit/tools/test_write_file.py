"""write_file."""

import asyncio
import os
import stat
import threading

import pytest

from harn_tui.errors import ToolError
from harn_tui.kinds import ToolErrorCategory
from harn_tui.tools import atomic_write
from tests.unit.tools.conftest import Workspace


def names_in(workspace: Workspace) -> list[str]:
    return sorted(entry.name for entry in workspace.root.rglob("*"))


async def test_a_new_file_is_created_with_its_folders(workspace: Workspace) -> None:
    result = await workspace.call("write_file", path="a/b/c.txt", content="one\ntwo\n")
    assert (workspace.root / "a/b/c.txt").read_text() == "one\ntwo\n"
    assert result.text == "Created a/b/c.txt (2 lines)."
    assert result.details == {
        "path": "a/b/c.txt",
        "created": True,
        "diff": "--- /dev/null\n+++ b/a/b/c.txt\n@@ -0,0 +1,2 @@\n+one\n+two\n",
        "added": 2,
        "removed": 0,
    }
    assert names_in(workspace) == ["a", "b", "c.txt"]


async def test_a_file_is_replaced_with_a_diff(workspace: Workspace) -> None:
    workspace.write("a.txt", "one\ntwo\nthree\n")
    result = await workspace.call("write_file", path="a.txt", content="one\n2\nthree\n")
    assert result.text == "Wrote a.txt (3 lines, +1 -1)."
    assert result.details["diff"] == (
        "--- a/a.txt\n+++ b/a.txt\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n"
    )


async def test_writing_the_same_content_says_so(workspace: Workspace) -> None:
    workspace.write("a.txt", "same\n")
    result = await workspace.call("write_file", path="a.txt", content="same\n")
    assert "already had exactly this content" in result.text
    assert result.details["diff"] == ""


@pytest.mark.parametrize("mode", [0o755, 0o600, 0o664])
async def test_the_mode_of_a_file_is_kept(workspace: Workspace, mode: int) -> None:
    path = workspace.write("a.sh", "old")
    path.chmod(mode)
    await workspace.call("write_file", path="a.sh", content="new")
    assert stat.S_IMODE(path.stat().st_mode) == mode


async def test_a_new_file_gets_the_usual_mode(workspace: Workspace) -> None:
    (workspace.root / "reference").touch()
    await workspace.call("write_file", path="a", content="x")
    assert (workspace.root / "a").stat().st_mode == (workspace.root / "reference").stat().st_mode


async def test_a_link_is_written_through_and_stays_a_link(workspace: Workspace) -> None:
    workspace.write("real.txt", "old")
    (workspace.root / "link.txt").symlink_to("real.txt")
    await workspace.call("write_file", path="link.txt", content="new")
    assert (workspace.root / "link.txt").is_symlink()
    assert (workspace.root / "real.txt").read_text() == "new"


async def test_a_link_out_of_the_workspace_is_not_written_through(workspace: Workspace) -> None:
    (workspace.root / "link").symlink_to(workspace.outside / "new.txt")
    with pytest.raises(ToolError, match="outside the workspace"):
        await workspace.call("write_file", path="link", content="x")
    assert list(workspace.outside.iterdir()) == []


@pytest.mark.parametrize("path", [".", "folder", "new/"])
async def test_a_folder_is_refused(workspace: Workspace, path: str) -> None:
    (workspace.root / "folder").mkdir()
    with pytest.raises(ToolError, match="is a folder"):
        await workspace.call("write_file", path=path, content="x")


async def test_a_file_in_place_of_a_folder_is_told_as_such(workspace: Workspace) -> None:
    workspace.write("a", "x")
    with pytest.raises(ToolError, match="a part of its path is a file"):
        await workspace.call("write_file", path="a/b", content="x")


async def test_a_pipe_is_left_alone(workspace: Workspace) -> None:
    os.mkfifo(workspace.root / "pipe")
    with pytest.raises(ToolError, match="not a regular file"):
        await workspace.call("write_file", path="pipe", content="x")


async def test_half_a_character_is_refused(workspace: Workspace) -> None:
    with pytest.raises(ToolError, match="`content` holds an incomplete character") as caught:
        await workspace.call("write_file", path="a", content="x\ud800")
    assert caught.value.category is ToolErrorCategory.SCHEMA_VALIDATION
    assert names_in(workspace) == []


async def test_a_binary_file_is_replaced_without_a_diff(workspace: Workspace) -> None:
    workspace.write("a", b"\x00\x01")
    result = await workspace.call("write_file", path="a", content="text")
    assert result.details["diff"] == ""
    assert result.details["diff_cut"] is True
    assert (workspace.root / "a").read_text() == "text"


async def test_a_failed_write_leaves_the_old_file_and_nothing_else(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.write("a.txt", "old")

    def no_space(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(ToolError, match="no space left"):
        await workspace.call("write_file", path="a.txt", content="new")
    assert (workspace.root / "a.txt").read_text() == "old"
    assert names_in(workspace) == ["a.txt"]


async def test_a_file_that_changes_meanwhile_is_not_overwritten(workspace: Workspace) -> None:
    path = workspace.write("a.txt", "old")
    before = path.stat()
    path.write_text("changed by a person")
    with pytest.raises(ToolError, match="changed by somebody else"):
        atomic_write.replace_file(path, b"new", "a.txt", unchanged=before)
    with pytest.raises(ToolError, match="changed by somebody else"):
        atomic_write.replace_file(path, b"new", "a.txt", unchanged=None)
    assert path.read_text() == "changed by a person"


async def test_a_cancelled_write_ends_whole(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached, go_on = threading.Event(), threading.Event()
    real_fsync = os.fsync

    def slow_fsync(descriptor: int) -> None:
        reached.set()
        go_on.wait(30)
        real_fsync(descriptor)

    monkeypatch.setattr(os, "fsync", slow_fsync)
    task = asyncio.create_task(workspace.call("write_file", path="a.txt", content="new"))
    await asyncio.to_thread(reached.wait, 30)
    task.cancel()
    await asyncio.sleep(0)
    assert not task.done()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert names_in(workspace) == ["a.txt"]
    assert (workspace.root / "a.txt").read_text() == "new"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
async def test_a_read_only_file_is_left_alone(workspace: Workspace) -> None:
    workspace.write("a.txt", "old").chmod(0o444)
    with pytest.raises(ToolError, match="is read-only"):
        await workspace.call("write_file", path="a.txt", content="new")
