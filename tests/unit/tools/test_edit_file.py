"""edit_file."""

import pytest

from harn_tui.errors import ToolError
from harn_tui.kinds import ToolErrorCategory
from tests.unit.tools.conftest import Workspace


async def edited(workspace: Workspace, old: str, new: str, **more: bool) -> bytes:
    await workspace.call("edit_file", path="a.txt", old_text=old, new_text=new, **more)
    return (workspace.root / "a.txt").read_bytes()


async def test_one_place_is_replaced_with_a_diff(workspace: Workspace) -> None:
    workspace.write("a.txt", "one\ntwo\nthree\n")
    result = await workspace.call("edit_file", path="a.txt", old_text="two", new_text="2\n2b")
    assert result.text == "Edited a.txt in 1 place (+2 -1)."
    assert result.details == {
        "path": "a.txt",
        "created": False,
        "diff": "--- a/a.txt\n+++ b/a.txt\n@@ -1,3 +1,4 @@\n one\n-two\n+2\n+2b\n three\n",
        "added": 2,
        "removed": 1,
        "replacements": 1,
    }


async def test_every_place_is_replaced_on_request(workspace: Workspace) -> None:
    workspace.write("a.txt", "x y x\nx\n")
    assert await edited(workspace, "x", "z", replace_all=True) == b"z y z\nz\n"


async def test_an_ambiguous_text_is_refused_with_count_and_lines(workspace: Workspace) -> None:
    workspace.write("a.txt", "x\ny\nx\n" + "y\n" * 9 + "x\n")
    with pytest.raises(ToolError, match=r"occurs 3 times in a\.txt \(lines 1, 3, 13\)"):
        await edited(workspace, "x", "z")
    assert (workspace.root / "a.txt").read_text().count("x") == 3


async def test_many_places_are_not_all_listed(workspace: Workspace) -> None:
    workspace.write("a.txt", "x\n" * 5000)
    with pytest.raises(ToolError, match=r"occurs 5000 times .*9, 10, …\)"):
        await edited(workspace, "x", "z")


async def test_overlapping_places_are_ambiguous(workspace: Workspace) -> None:
    workspace.write("a.txt", "aaa")
    with pytest.raises(ToolError, match="occurs 2 times"):
        await edited(workspace, "aa", "b")


async def test_an_absent_text_is_refused(workspace: Workspace) -> None:
    workspace.write("a.txt", "one\n")
    with pytest.raises(ToolError, match="is not in a.txt; nothing was changed"):
        await edited(workspace, "two", "2")


async def test_text_that_differs_in_spaces_only_is_pointed_at(workspace: Workspace) -> None:
    workspace.write("a.txt", "x\n\tif a:\n\t\tb()\n")
    with pytest.raises(ToolError, match="begins in line 2"):
        await edited(workspace, "    if a:\n        b()", "c")


async def test_windows_line_ends_are_kept(workspace: Workspace) -> None:
    workspace.write("a.txt", b"one\r\ntwo\r\nthree\r\n")
    assert await edited(workspace, "one\ntwo", "1\n2") == b"1\r\n2\r\nthree\r\n"
    assert await edited(workspace, "three", "3\n4") == b"1\r\n2\r\n3\r\n4\r\n"
    assert await edited(workspace, "3\r\n4", "5") == b"1\r\n2\r\n5\r\n"


async def test_unix_line_ends_are_kept(workspace: Workspace) -> None:
    workspace.write("a.txt", b"one\ntwo\r\nthree\n")
    assert await edited(workspace, "one", "1\n1") == b"1\n1\ntwo\r\nthree\n"
    assert await edited(workspace, "two\r\n", "2\n") == b"1\n1\n2\nthree\n"


async def test_byte_order_mark_and_missing_last_line_end_are_kept(workspace: Workspace) -> None:
    workspace.write("a.txt", b"\xef\xbb\xbfone\ntwo")
    assert await edited(workspace, "one", "1") == b"\xef\xbb\xbf1\ntwo"
    assert await edited(workspace, "two", "2") == b"\xef\xbb\xbf1\n2"


async def test_bytes_that_are_not_utf8_are_left_as_they_are(workspace: Workspace) -> None:
    workspace.write("a.txt", b"caf\xe9 one\n")
    result = await workspace.call("edit_file", path="a.txt", old_text="one", new_text="é")
    assert (workspace.root / "a.txt").read_bytes() == b"caf\xe9 \xc3\xa9\n"
    assert "caf\ufffd é" in str(result.details["diff"])


async def test_the_mode_of_a_file_is_kept(workspace: Workspace) -> None:
    path = workspace.write("a.txt", "one")
    path.chmod(0o751)
    await edited(workspace, "one", "two")
    assert path.stat().st_mode & 0o777 == 0o751


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("", "x", "`old_text` must be a string that is not empty"),
        ("x", "x", "are the same"),
        ("x\ud800", "y", "`old_text` holds an incomplete character"),
        ("x", "\udc00", "`new_text` holds an incomplete character"),
    ],
)
async def test_a_pointless_edit_is_refused(
    workspace: Workspace, old: str, new: str, words: str
) -> None:
    workspace.write("a.txt", "x")
    with pytest.raises(ToolError, match=words) as caught:
        await edited(workspace, old, new)
    assert caught.value.category is ToolErrorCategory.SCHEMA_VALIDATION


async def test_an_edit_of_line_ends_that_would_change_nothing_is_refused(
    workspace: Workspace,
) -> None:
    workspace.write("a.txt", b"one\r\ntwo\r\n")
    with pytest.raises(ToolError, match="differ only in the line ends"):
        await edited(workspace, "one\r\n", "one\n")


async def test_missing_binary_and_folder_are_refused(workspace: Workspace) -> None:
    workspace.write("b.bin", b"x\x00")
    for path, words in (("a.txt", "does not exist"), ("b.bin", "binary"), (".", "is a folder")):
        with pytest.raises(ToolError, match=words):
            await workspace.call("edit_file", path=path, old_text="x", new_text="y")


async def test_a_link_out_of_the_workspace_is_not_edited(workspace: Workspace) -> None:
    (workspace.outside / "x").write_text("one")
    (workspace.root / "a.txt").symlink_to(workspace.outside / "x")
    with pytest.raises(ToolError, match="outside the workspace"):
        await edited(workspace, "one", "two")
