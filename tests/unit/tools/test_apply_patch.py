"""apply_patch: unified diffs over several files, all of them or none."""

import difflib
import os
import shutil
import subprocess
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harn_tui.errors import ToolError
from harn_tui.kinds import ToolErrorCategory
from harn_tui.tools.apply_patch import APPLY_PATCH
from harn_tui.tools.base import ToolResult
from harn_tui.tools.patch.unified_diff import patched_paths
from tests.unit.tools.conftest import Workspace

NUMBERS = "".join(f"line {number}\n" for number in range(1, 21))


async def apply(workspace: Workspace, patch: str) -> ToolResult:
    return await workspace.call("apply_patch", patch=patch)


async def refused(workspace: Workspace, patch: str) -> str:
    """Return why the patch was refused; every file must be as it was."""
    before = contents(workspace.root)
    with pytest.raises(ToolError) as caught:
        await apply(workspace, patch)
    assert contents(workspace.root) == before
    return str(caught.value)


def contents(root: Path) -> dict[str, bytes | None]:
    return {
        str(path.relative_to(root)): path.read_bytes() if path.is_file() else None
        for path in root.rglob("*")
    }


def changing(name: str, old: str, new: str) -> str:
    return f"--- a/{name}\n+++ b/{name}\n@@ -1 +1 @@\n-{old}\n+{new}\n"


async def test_a_change_is_applied_and_told_with_its_diff(workspace: Workspace) -> None:
    path = workspace.write("src/a.txt", NUMBERS)
    patch = (
        "Some words before.\n"
        "--- a/src/a.txt\t2026-01-01 00:00:00\n+++ b/src/a.txt\t2026-01-02 00:00:00\n"
        "@@ -4,3 +4,4 @@ a function\n line 4\n-line 5\n+line five\n+and more\n line 6\n"
    )
    result = await apply(workspace, patch)
    assert path.read_text() == NUMBERS.replace("line 5\n", "line five\nand more\n")
    assert result.text == "Applied the patch to 1 file:\nchanged src/a.txt (+2 -1)"
    details = result.details
    assert (details["path"], details["added"], details["removed"]) == ("src/a.txt", 2, 1)
    assert "-line 5\n+line five\n" in str(details["diff"])


async def test_new_changed_renamed_and_deleted_files_go_together(workspace: Workspace) -> None:
    workspace.write("changed", "old\n")
    workspace.write("deleted", "one\ntwo\n")
    workspace.write("before", "text\n").chmod(0o755)
    patch = (
        "diff --git a/changed b/changed\nindex 1..2 100644\n"
        + changing("changed", "old", "new")
        + "diff --git a/deleted b/deleted\ndeleted file mode 100644\nindex 1..0\n"
        "--- a/deleted\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-one\n-two\n"
        "diff --git a/before b/into/after\nsimilarity index 100%\n"
        "rename from before\nrename to into/after\n"
        "diff --git a/bin/new b/bin/new\nnew file mode 100755\nindex 0..1\n"
        "--- /dev/null\n+++ b/bin/new\n@@ -0,0 +1,2 @@\n+#!/bin/sh\n+true\n"
        "diff --git a/empty b/empty\nnew file mode 100644\nindex 0..1\n"
    )
    result = await apply(workspace, patch)
    assert contents(workspace.root) == {
        "changed": b"new\n",
        "into": None,
        "into/after": b"text\n",
        "bin": None,
        "bin/new": b"#!/bin/sh\ntrue\n",
        "empty": b"",
    }
    assert os.access(workspace.root / "bin/new", os.X_OK)
    assert os.access(workspace.root / "into/after", os.X_OK)
    assert not os.access(workspace.root / "empty", os.X_OK)
    assert result.text.splitlines() == [
        "Applied the patch to 5 files:",
        "changed changed (+1 -1)",
        "deleted deleted (+0 -2)",
        "renamed from before to into/after (+0 -0)",
        "created bin/new (+2 -0)",
        "created empty (+0 -0)",
    ]
    assert (result.details["added"], result.details["removed"]) == (3, 3)
    files = result.details["files"]
    assert isinstance(files, list)
    assert len(files) == 5


async def test_a_renamed_file_can_change_too(workspace: Workspace) -> None:
    workspace.write("old name", NUMBERS)
    patch = (
        'diff --git "a/old name" "b/n\\303\\244w"\nsimilarity index 90%\n'
        'rename from old name\nrename to "n\\303\\244w"\n'
        '--- a/old name\t\n+++ "b/n\\303\\244w"\n@@ -1,2 +1,2 @@\n-line 1\n+line one\n line 2\n'
    )
    result = await apply(workspace, patch)
    changed = NUMBERS.replace("line 1\n", "line one\n")
    assert contents(workspace.root) == {"näw": changed.encode()}
    assert "renamed from old name to näw (+1 -1)" in result.text


async def test_hunks_are_found_where_the_lines_are_and_the_shift_is_told(
    workspace: Workspace,
) -> None:
    path = workspace.write("a", "new start\n" * 7 + NUMBERS)
    patch = (
        "--- a/a\n+++ b/a\n@@ -3,2 +3,2 @@\n line 3\n-line 4\n+four\n"
        "@@ -18,2 +18,1 @@\n-line 18\n line 19\n"
    )
    result = await apply(workspace, patch)
    expected = NUMBERS.replace("line 4\n", "four\n").replace("line 18\n", "")
    assert path.read_text() == "new start\n" * 7 + expected
    assert result.text.endswith("; hunks stood +7, +7 lines off")


async def test_of_several_places_the_nearest_is_taken(workspace: Workspace) -> None:
    path = workspace.write("a", "x\n1\n" * 50)
    await apply(workspace, "--- a/a\n+++ b/a\n@@ -62,2 +62,2 @@\n-x\n+y\n 1\n")
    assert path.read_text().split("\n").index("y") in {60, 62}


@pytest.mark.parametrize("line", [1, 4_001, 5_001, 5_999])
async def test_the_nearest_place_is_found_among_thousands(workspace: Workspace, line: int) -> None:
    path = workspace.write("a", "a\n}\n" * 3_000)
    await apply(workspace, f"--- a/a\n+++ b/a\n@@ -{line} +{line} @@\n-}}\n+end\n")
    assert abs(path.read_text().split("\n").index("end") + 1 - line) == 1


async def test_later_hunks_are_found_behind_the_earlier_ones(workspace: Workspace) -> None:
    path = workspace.write("a", "a\n}\n" * 3_000)
    hunks = "@@ -5000 +5000 @@\n-}\n+one\n@@ -5003 +5003 @@\n-}\n+two\n"
    await apply(workspace, f"--- a/a\n+++ b/a\n{hunks}")
    lines = path.read_text().split("\n")
    assert (lines.index("one"), lines.index("two")) == (4_999, 5_001)


async def test_a_last_line_without_an_end_is_found_only_there(workspace: Workspace) -> None:
    path = workspace.write("a", "x\nx\nx")
    none = "\\ No newline at end of file\n"
    await apply(workspace, f"--- a/a\n+++ b/a\n@@ -1 +1 @@\n-x\n{none}+y\n{none}")
    assert path.read_text() == "x\nx\ny"


async def test_sections_of_one_file_build_on_each_other(workspace: Workspace) -> None:
    path = workspace.write("a", "one\n")
    await apply(workspace, changing("a", "one", "two") + changing("a", "two", "three"))
    assert path.read_text() == "three\n"


async def test_a_file_can_take_the_place_of_one_that_was_renamed(workspace: Workspace) -> None:
    workspace.write("a", "one\n")
    patch = (
        "diff --git a/a b/b\nrename from a\nrename to b\n"
        "--- /dev/null\n+++ b/a\n@@ -0,0 +1 @@\n+two\n"
    )
    result = await apply(workspace, patch)
    assert contents(workspace.root) == {"a": b"two\n", "b": b"one\n"}
    assert "renamed from a to b (+0 -0)" in result.text


@pytest.mark.parametrize(
    ("before", "hunk", "after"),
    [
        ("a", "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n", "b\n"),
        ("a\n", "@@ -1 +1 @@\n-a\n+b\n\\ No newline at end of file\n", "b"),
        ("a", "@@ -1 +1,2 @@\n-a\n\\ No newline at end of file\n+a\n+b\n", "a\nb\n"),
        (
            "a\nb",
            "@@ -1,2 +1,2 @@\n-a\n+x\n b\n\\ No newline at end of file\n",
            "x\nb",
        ),
        ("a\nb\n", "@@ -1,0 +2 @@\n+between\n", "a\nbetween\nb\n"),
        ("a\n", "@@ -0,0 +1 @@\n+first\n", "first\na\n"),
        ("a\n\nb\n", "@@ -1,3 +1,3 @@\n-a\n+A\n\n b\n", "A\n\nb\n"),
        ("a\x0cb\u2028c\n", "@@ -1 +1 @@\n-a\x0cb\u2028c\n+x\n", "x\n"),
        ("-- a\n", "@@ -1 +1 @@\n--- a\n+++ b\n", "++ b\n"),
    ],
)
async def test_line_ends_blank_lines_and_odd_lines_are_taken_as_they_are(
    workspace: Workspace, before: str, hunk: str, after: str
) -> None:
    path = workspace.write("f", before)
    await apply(workspace, f"--- a/f\n+++ b/f\n{hunk}")
    assert path.read_bytes().decode() == after


@pytest.mark.parametrize("patch_end", ["\n", "\r\n"])
@pytest.mark.parametrize("file_end", ["\n", "\r\n"])
async def test_added_lines_get_the_line_ends_of_the_file(
    workspace: Workspace, file_end: str, patch_end: str
) -> None:
    path = workspace.write("f", NUMBERS.replace("\n", file_end))
    patch = "--- a/f\n+++ b/f\n@@ -2,2 +2,3 @@\n line 2\n+new\n line 3\n"
    await apply(workspace, patch.replace("\n", patch_end))
    expected = NUMBERS.replace("line 2\n", "line 2\nnew\n").replace("\n", file_end)
    assert path.read_bytes().decode() == expected


async def test_a_patch_with_both_line_ends_means_them(workspace: Workspace) -> None:
    path = workspace.write("f", "a\r\nb\r\n")
    await apply(workspace, "--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n-a\r\n+a\n b\r\n")
    assert path.read_bytes() == b"a\nb\r\n"


async def test_bytes_that_are_no_utf_8_pass_through(workspace: Workspace) -> None:
    path = workspace.write("f", b"\xff\xfe\xfd\na\n")
    await apply(workspace, "--- a/f\n+++ b/f\n@@ -2 +2 @@\n-a\n+b\n")
    assert path.read_bytes() == b"\xff\xfe\xfd\nb\n"


async def test_a_hunk_that_does_not_fit_is_named_with_what_stands_there(
    workspace: Workspace,
) -> None:
    workspace.write("a", "one\n")
    workspace.write("b", NUMBERS)
    patch = changing("a", "one", "two") + (
        "--- a/b\n+++ b/b\n@@ -1,2 +1,2 @@\n-line 1\n+one\n line 2\n"
        "@@ -10,4 +10,4 @@\n line 10\n line 11\n-line  12\n+twelve\n line 13\n"
    )
    message = await refused(workspace, patch)
    assert "b: hunk 2 of 2 (`@@ -10,4 +10,4 @@`) does not fit; nothing was changed." in message
    assert "Line 12 is `line 12` where the hunk has `line  12`." in message
    assert "11\tline 11\n12\tline 12\n13\tline 13" in message


@pytest.mark.parametrize(
    ("content", "patch", "words"),
    [
        ("a", changing("f", "a", "b"), "ends without a line end"),
        ("a\n", "--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n\\ No newline\n+b\n", "ends with a line end"),
        ("b\n", changing("f", "a", "b"), "is there already"),
        ("", changing("f", "a", "b"), "The file has 0 lines."),
        ("x\n", "--- a/f\n+++ b/f\n@@ -5,0 +6 @@\n+y\n", "The file has 1 lines."),
        ("x\n", "--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n x\n-y\n+z\n", "is behind the end"),
        (
            "a\nb\n",
            "--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+x\n\\ No newline\n",
            "no line end although",
        ),
        ("a\nb\n", "--- a/f\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n", "leaves lines in it"),
        ("a\n", "--- /dev/null\n+++ b/f\n@@ -0,0 +1 @@\n+a\n", "f exists already"),
        ("a\n", changing("g", "a", "b"), "g does not exist"),
        ("a\n", "--- a/g\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n", "g does not exist"),
        ("a\n", "diff --git a/f b/f\nrename from f\nrename to f/x/..\n", "exists already"),
        ("a\x00b\n", changing("f", "a", "b"), "binary file"),
    ],
)
async def test_what_cannot_be_applied_changes_nothing(
    workspace: Workspace, content: str, patch: str, words: str
) -> None:
    workspace.write("f", content)
    assert words in await refused(workspace, patch)


@pytest.mark.parametrize(
    ("patch", "words"),
    [
        ("", "no change"),
        ("just words\n", "no change"),
        ("@@ -1 +1 @@\n-a\n+b\n", "begins a hunk of no file"),
        ("--- a/f\n+++ b/f\nno hunk\n", "f has no hunk"),
        ("diff --git a/f b/f\nindex 1..2 100644\n", "f has no hunk"),
        ("--- a/f\n+++ b/g\n@@ -1 +1 @@\n-a\n+b\n", "rename from OLD"),
        ("--- /dev/null\n+++ /dev/null\n@@ -1 +1 @@\n-a\n+b\n", "both sides"),
        (
            "--- a/f\n+++ b/f\n@@ -1,2 +1 @@\n-a\n+b\n",
            "says 2 old and 1 new lines, but has 1 and 1",
        ),
        ("--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+b\n+c\n", "but has 1 and 2"),
        ("--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n-a\nb\n+c\n", "begin every line of a hunk"),
        ("--- a/f\n+++ b/f\n@@ -1 +1 @@\n\\ No newline\n-a\n+b\n", "before the first line"),
        ("diff --git a/f b/f\nGIT binary patch\nliteral 3\n", "a binary change"),
        ("diff --git a/f b/f\nBinary files a/f and b/f differ\n", "a binary change"),
        ("diff --git a/f b/g\ncopy from f\ncopy to g\n", "a copy of a file"),
        ("diff --git a/f b/f\nnew file mode 120000\n--- /dev/null\n+++ b/f\n", "a link"),
        ("diff --git a/f b/f\nindex 1..2 160000\n", "a submodule"),
        ("diff --git a/f g b/f\n", "does not tell which file"),
    ],
)
async def test_a_patch_that_cannot_be_read_says_why(
    workspace: Workspace, patch: str, words: str
) -> None:
    workspace.write("f", "a\n")
    if not patch:
        with pytest.raises(ToolError, match="no change"):
            await APPLY_PATCH.run({"patch": ""}, workspace.context)
        return
    assert words in await refused(workspace, patch)


@pytest.mark.parametrize(
    "path", ["../outside/x", "/etc/passwd", "link/x", "a/../../outside/x", "~/x", "a\x00b"]
)
async def test_tools_odd_42_paths_out_of_the_workspace_are_refused(
    workspace: Workspace, path: str
) -> None:
    (workspace.root / "link").symlink_to(workspace.outside)
    workspace.write("first", "a\n")
    (workspace.outside / "x").write_text("a\n")
    patch = changing("first", "a", "b") + f"--- {path}\n+++ {path}\n@@ -1 +1 @@\n-a\n+b\n"
    await refused(workspace, patch)
    assert (workspace.outside / "x").read_text() == "a\n"
    new = f"--- /dev/null\n+++ b/{path}\n@@ -0,0 +1 @@\n+b\n"
    await refused(workspace, changing("first", "a", "b") + new)
    renamed = f"diff --git a/first b/{path}\nrename from first\nrename to {path}\n"
    await refused(workspace, renamed)


async def test_a_link_inside_the_workspace_is_followed_but_not_deleted(
    workspace: Workspace,
) -> None:
    path = workspace.write("real", "a\n")
    (workspace.root / "link").symlink_to("real")
    await apply(workspace, changing("link", "a", "b"))
    assert path.read_text() == "b\n"
    message = await refused(workspace, "--- a/link\n+++ /dev/null\n@@ -1 +0,0 @@\n-b\n")
    assert "link is a link" in message


async def test_when_a_write_fails_the_files_before_it_are_put_back(workspace: Workspace) -> None:
    workspace.write("a", "one\n").chmod(0o751)
    workspace.write("blocks", "a file\n")
    patch = (
        changing("a", "one", "two")
        + "--- /dev/null\n+++ b/new/deep/file\n@@ -0,0 +1 @@\n+x\n"
        + "--- /dev/null\n+++ b/blocks/below\n@@ -0,0 +1 @@\n+x\n"
    )
    assert "a part of its path is a file" in await refused(workspace, patch)
    assert (workspace.root / "a").stat().st_mode & 0o777 == 0o751


async def test_a_name_that_no_disk_takes_puts_the_others_back(workspace: Workspace) -> None:
    workspace.write("a", "one\n")
    workspace.write("b", "gone\n")
    patch = (
        changing("a", "one", "two")
        + "--- a/b\n+++ /dev/null\n@@ -1 +0,0 @@\n-gone\n"
        + f"--- /dev/null\n+++ b/{'x' * 300}\n@@ -0,0 +1 @@\n+x\n"
    )
    assert "too long" in await refused(workspace, patch)


async def test_a_huge_file_is_refused(workspace: Workspace) -> None:
    path = workspace.write("f", "a\n")
    with path.open("r+b") as file:
        file.truncate(17 * 1024 * 1024)
    with pytest.raises(ToolError, match="too large to patch"):
        await apply(workspace, changing("f", "a", "b"))


async def test_escape_sequences_in_a_patch_are_only_text(workspace: Workspace) -> None:
    path = workspace.write("f", "a\n")
    await apply(workspace, changing("f", "a", "\x1b[31mred"))
    assert path.read_text() == "\x1b[31mred\n"


async def test_a_mode_alone_can_change(workspace: Workspace) -> None:
    path = workspace.write("f", "a\n")
    await apply(workspace, "diff --git a/f b/f\nold mode 100644\nnew mode 100755\n")
    assert os.access(path, os.X_OK)
    assert path.read_text() == "a\n"


def test_paths_of_a_patch_are_known_before_it_runs() -> None:
    patch = changing("a", "x", "y") + "diff --git a/b b/c\nrename from b\nrename to c\n"
    assert patched_paths(patch) == ("a", "b", "c")
    assert patched_paths("nonsense") == ()
    assert APPLY_PATCH.summarize({"patch": patch}) == "patch a, b, c"
    assert APPLY_PATCH.summarize({"patch": "nonsense"}) == "patch (it cannot be read)"
    assert APPLY_PATCH.paths_of is not None
    assert APPLY_PATCH.paths_of({"patch": patch}) == ("a", "b", "c")


def test_of_a_large_patch_the_summary_reads_only_the_beginning() -> None:
    patch = changing("src/a", "x", "y") * 1_000
    said = f"patch src/a and what else {len(patch):,} characters of diff change"
    assert APPLY_PATCH.summarize({"patch": patch}) == said


async def test_a_patch_that_is_no_text_is_refused(workspace: Workspace) -> None:
    with pytest.raises(ToolError) as caught:
        await apply(workspace, "\ud800")
    assert caught.value.category is ToolErrorCategory.SCHEMA_VALIDATION


LINES = st.lists(
    st.sampled_from(["a", "b", "c", "", "  indented", "-- x", "++ y", "\\ z"]), max_size=30
)


def as_text(lines: list[str], *, has_end: bool = True) -> str:
    text = "\n".join(lines)
    return text + "\n" if lines and (has_end or not lines[-1]) else text


def unified(old: str, new: str) -> str:
    lines = difflib.unified_diff(
        old.splitlines(keepends=True), new.splitlines(keepends=True), "a/f", "b/f"
    )
    no_end = "\n\\ No newline at end of file\n"
    return "".join(line if line.endswith("\n") else line + no_end for line in lines)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(LINES, LINES, st.booleans(), st.booleans())
async def test_the_diff_of_two_texts_turns_one_into_the_other(
    workspace: Workspace, old: list[str], new: list[str], old_end: bool, new_end: bool
) -> None:
    before, after = as_text(old, has_end=old_end), as_text(new, has_end=new_end)
    patch = unified(before, after)
    if patch:
        path = workspace.write("f", before)
        await apply(workspace, patch)
        assert path.read_text() == after


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.booleans(), min_size=8, max_size=40), st.integers(1, 30), st.randoms())
async def test_a_diff_still_fits_when_other_lines_came_before(
    workspace: Workspace, kept: list[bool], moved: int, random: Random
) -> None:
    old = [f"line {number}" for number in range(len(kept))]
    new = [line if is_kept else f"new {line}" for line, is_kept in zip(old, kept, strict=True)]
    new.insert(random.randrange(len(new)), "added")
    start = as_text([f"unlike the others {number}" for number in range(moved)])
    path = workspace.write("f", start + as_text(old))
    await apply(workspace, unified(as_text(old), as_text(new)))
    assert path.read_text() == start + as_text(new)


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
async def test_what_git_writes_of_a_commit_can_be_applied(workspace: Workspace) -> None:
    def git(*arguments: str) -> str:
        options = ["-c", "user.name=x", "-c", "user.email=x@y", "-c", "init.defaultBranch=m"]
        done = subprocess.run(
            ["git", *options, *arguments], cwd=workspace.outside, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    git("init")
    for root in (workspace.outside, workspace.root):
        (root / "a b.txt").write_text(NUMBERS)
        (root / "ä.txt").write_text("no end")
        (root / "moved.txt").write_text(NUMBERS)
        (root / "gone").write_text("x\n")
    git("add", "-A")
    git("commit", "-m", "one")
    (workspace.outside / "a b.txt").write_text(NUMBERS.replace("7\n", "seven\n"))
    (workspace.outside / "ä.txt").write_text("an end\n")
    (workspace.outside / "new.sh").write_text("#!/bin/sh\n")
    (workspace.outside / "new.sh").chmod(0o755)
    (workspace.outside / "gone").unlink()
    (workspace.outside / "sub").mkdir()
    (workspace.outside / "moved.txt").rename(workspace.outside / "sub" / "there.txt")
    git("add", "-A")
    git("commit", "-m", "two\n\nWith words.")
    await apply(workspace, git("format-patch", "--stdout", "-M", "-1"))
    shutil.rmtree(workspace.outside / ".git")
    assert contents(workspace.root) == contents(workspace.outside)
    assert os.access(workspace.root / "new.sh", os.X_OK)
