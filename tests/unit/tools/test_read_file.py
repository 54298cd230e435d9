"""read_file and list_directory."""

import os
from pathlib import Path

import pytest

from harn_tui.errors import ToolError
from harn_tui.kinds import ToolErrorCategory
from harn_tui.tools import read_file
from harn_tui.tools.list_directory import list_folder
from tests.unit.tools.conftest import Workspace


def numbered(first: int, last: int) -> str:
    return "\n".join(f"{n}\tline {n}" for n in range(first, last + 1))


def lines(count: int) -> str:
    return "".join(f"line {n}\n" for n in range(1, count + 1))


async def test_a_file_is_returned_as_numbered_lines(workspace: Workspace) -> None:
    workspace.write("a.txt", "one\ntwo\n\nfour")
    result = await workspace.call("read_file", path="a.txt")
    assert result.text == "1\tone\n2\ttwo\n3\t\n4\tfour"
    assert result.details == {"path": "a.txt", "first_line": 1, "lines": 4}


async def test_tools_1_9_a_page_names_the_offset_to_continue_with(workspace: Workspace) -> None:
    workspace.write("a.txt", lines(10))
    result = await workspace.call("read_file", path="a.txt", offset=5, limit=3)
    assert result.text.startswith(numbered(5, 7) + "\n")
    assert "3 more lines not shown" in result.text
    assert "offset=8" in result.text


async def test_pages_that_follow_their_notes_give_the_whole_file(workspace: Workspace) -> None:
    workspace.write("a.txt", lines(2500))
    first = await workspace.call("read_file", path="a.txt", limit=5000)
    second = await workspace.call("read_file", path="a.txt", offset=2001)
    assert "500 more lines not shown" in first.text
    assert first.text.rsplit("\n", 1)[0] == numbered(1, 2000)
    assert second.text == numbered(2001, 2500)


async def test_tools_1_9_offset_and_limit_are_clamped(workspace: Workspace) -> None:
    workspace.write("a.txt", lines(3))
    result = await workspace.call("read_file", path="a.txt", offset=-4, limit=0)
    assert result.text.startswith("1\tline 1\n")
    assert "offset=2" in result.text


@pytest.mark.parametrize(("content", "count"), [("a\nb\n", 2), ("a\nb", 2), ("a", 1)])
async def test_an_offset_past_the_end_says_how_many_lines_there_are(
    workspace: Workspace, content: str, count: int
) -> None:
    workspace.write("a.txt", content)
    with pytest.raises(ToolError, match=f"has only {count} lines"):
        await workspace.call("read_file", path="a.txt", offset=count + 1)
    last = await workspace.call("read_file", path="a.txt", offset=count)
    assert last.text.startswith(f"{count}\t")


async def test_an_empty_file_says_so(workspace: Workspace) -> None:
    workspace.write("a.txt", "")
    assert (await workspace.call("read_file", path="a.txt")).text == "[the file is empty]"


async def test_a_folder_is_listed_sorted_with_slashes(workspace: Workspace) -> None:
    workspace.write("b.txt", "")
    workspace.write("a/x", "")
    workspace.write(".hidden", "")
    expected = ".hidden\na/\nb.txt"
    assert (await workspace.call("read_file", path=".")).text == expected
    assert (await workspace.call("list_directory")).text == expected
    assert (await workspace.call("list_directory", path="a")).text == "x"


async def test_an_empty_folder_says_so(workspace: Workspace) -> None:
    assert (await workspace.call("list_directory")).text == "[the folder is empty]"


async def test_a_full_folder_is_cut_with_a_note(workspace: Workspace) -> None:
    for number in range(2003):
        (workspace.root / f"{number:04}").touch()
    listing = (await workspace.call("list_directory")).text.split("\n")
    assert listing[1999] == "1999"
    assert "3 more entries not shown" in listing[2000]


async def test_listing_a_file_advises_to_read_it(workspace: Workspace) -> None:
    workspace.write("a.txt", "x")
    with pytest.raises(ToolError, match="Use read_file"):
        await workspace.call("list_directory", path="a.txt")


async def test_a_missing_file_names_similar_ones(workspace: Workspace) -> None:
    workspace.write("src/app.py", "x")
    with pytest.raises(ToolError, match=r"src/ap\.py does not exist.*app\.py"):
        await workspace.call("read_file", path="src/ap.py")
    with pytest.raises(ToolError, match="does not exist either"):
        await workspace.call("read_file", path="gone/a.py")
    with pytest.raises(ToolError, match="does not exist"):
        await workspace.call("list_directory", path="gone")


async def test_a_binary_file_is_refused_with_its_size(workspace: Workspace) -> None:
    workspace.write("a.bin", b"\x7fELF\x00" + b"x" * 1000)
    with pytest.raises(ToolError, match="binary file of 1,005 bytes"):
        await workspace.call("read_file", path="a.bin")


async def test_bytes_that_are_not_utf8_are_replaced_with_a_note(workspace: Workspace) -> None:
    workspace.write("a.txt", b"caf\xe9\nok\n")
    result = await workspace.call("read_file", path="a.txt")
    assert result.text.startswith("1\tcaf\ufffd\n2\tok\n[")
    assert "not UTF-8" in result.text


async def test_a_genuine_replacement_character_gets_no_note(workspace: Workspace) -> None:
    workspace.write("a.txt", "a \ufffd b")
    assert (await workspace.call("read_file", path="a.txt")).text == "1\ta \ufffd b"


async def test_control_characters_stay_but_nul_is_shown(workspace: Workspace) -> None:
    workspace.write("a.txt", b"x" * 9000 + b"\n\x1b[31mred\x00\n")
    result = await workspace.call("read_file", path="a.txt", offset=2)
    assert result.text == "2\t\x1b[31mred\u2400"


async def test_line_ends_and_byte_order_marks_are_not_shown(workspace: Workspace) -> None:
    workspace.write("a.txt", b"\xef\xbb\xbfone\r\ntwo\r\n")
    assert (await workspace.call("read_file", path="a.txt")).text == "1\tone\n2\ttwo"


async def test_a_line_of_a_megabyte_is_cut_with_a_note(workspace: Workspace) -> None:
    workspace.write("a.txt", "é" * 500_000 + "\nshort\n")
    result = await workspace.call("read_file", path="a.txt")
    long, short = result.text.split("\n")
    assert long == "1\t" + "é" * 2000 + " [line cut here; it has 1,000,000 bytes]"
    assert short == "2\tshort"


async def test_a_page_of_long_lines_is_bounded(workspace: Workspace) -> None:
    workspace.write("a.txt", ("x" * 1999 + "\n") * 500)
    result = await workspace.call("read_file", path="a.txt")
    assert len(result.text) < read_file.MAX_PAGE_CHARACTERS + 5000
    shown = result.details["lines"]
    assert isinstance(shown, int)
    assert f"{500 - shown} more lines not shown; continue with offset={shown + 1}" in result.text


async def test_a_huge_file_is_read_only_as_far_as_needed(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_file, "_MAX_SCANNED_BYTES", 1024 * 1024)
    path = workspace.write("a.txt", lines(2000))
    os.truncate(path, 10**13)  # a hole: reading all of it would never end
    result = await workspace.call("read_file", path="a.txt", limit=2)
    assert result.text.startswith(numbered(1, 2))
    assert "at least 1,99" in result.text
    assert "more lines not shown; continue with offset=3" in result.text
    with pytest.raises(ToolError, match="too large"):
        await workspace.call("read_file", path="a.txt", offset=3000)


async def test_a_pipe_is_refused_instead_of_waited_for(workspace: Workspace) -> None:
    os.mkfifo(workspace.root / "pipe")
    with pytest.raises(ToolError, match="not a regular file"):
        await workspace.call("read_file", path="pipe")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
async def test_a_file_without_permission_is_told_as_such(workspace: Workspace) -> None:
    workspace.write("a.txt", "x").chmod(0)
    with pytest.raises(ToolError, match="denies access") as caught:
        await workspace.call("read_file", path="a.txt")
    assert caught.value.category is ToolErrorCategory.PERMISSION_DENIED


def test_names_that_are_not_utf8_are_listed_readably(workspace: Workspace) -> None:
    name = os.fsdecode(b"caf\xe9")
    try:
        (workspace.root / name).touch()
    except OSError:
        pytest.skip("this file system allows UTF-8 names only")
    assert list_folder(workspace.context, Path(workspace.root)).text == "caf\ufffd"
