"""search_files, with ripgrep and with the stand-in that runs without it."""

import asyncio
import os
import re
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.errors import ToolError
from harn_tui.kinds import ToolErrorCategory
from harn_tui.tools import search_files
from harn_tui.tools.search_process import MatchParser
from harn_tui.tools.search_worker import path_glob
from tests.unit.tools.conftest import Workspace
from tests.unit.tools.processes import is_running, wait_for_file

HAS_RIPGREP = shutil.which("rg") is not None


@pytest.fixture(params=["ripgrep", "python"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run a test with each of the two search programs."""
    if request.param == "python":
        without_ripgrep(monkeypatch)
    elif not HAS_RIPGREP:
        pytest.skip("ripgrep is not installed")
    return str(request.param)


def without_ripgrep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_files.shutil, "which", lambda _name: None)  # type: ignore[attr-defined]


def project(workspace: Workspace) -> None:
    """Write a tree with all that a search leaves out or finds in an odd place."""
    workspace.write("a.py", "alpha\nbeta alpha\n")
    workspace.write("a/z.py", "alpha in a folder\n")
    workspace.write("a.txt", "alpha\r\nAlpha: with : colons\r\n")
    workspace.write("b/deep/er/x.py", "no\n\nalpha")
    workspace.write("b/ümlaut name.py", "älpha alpha\n")
    workspace.write("bom.py", b"\xef\xbb\xbfalpha at the start\n")
    workspace.write("latin.py", b"caf\xe9 alpha\n")
    workspace.write("data.bin", b"alpha\x00\n")
    workspace.write(".hidden", "alpha\n")
    workspace.write(".config/x.py", "alpha\n")
    workspace.write("build/out.py", "alpha\n")
    workspace.write("logs/a.log", "alpha\n")
    workspace.write("logs/keep.log", "alpha\n")
    workspace.write("sub/only/here.tmp", "alpha\n")
    workspace.write("sub/here.tmp", "alpha\n")
    workspace.write(".gitignore", "# comment\n/build/\n*.log\n!keep.log\n")
    workspace.write("sub/.gitignore", "only/*.tmp\n")
    (workspace.root / "link.py").symlink_to("a.py")
    (workspace.root / "loop").symlink_to(".")


CASES: list[dict[str, str | int | bool]] = [
    {"pattern": "alpha"},
    {"pattern": "^alpha"},
    {"pattern": "alpha$"},
    {"pattern": "ALPHA", "ignore_case": True},
    {"pattern": "alpha", "path": "b"},
    {"pattern": "alpha", "path": "a.txt"},
    {"pattern": "alpha", "path": "build"},
    {"pattern": "alpha", "path": "sub"},
    {"pattern": "alpha", "glob": "*.py"},
    {"pattern": "alpha", "glob": "b/**/*.py"},
    {"pattern": "alpha", "glob": "*.{txt,log}"},
    {"pattern": "alpha", "glob": "!*.py"},
    {"pattern": "alpha", "glob": "[ab].py"},
    {"pattern": "alpha", "glob": "/a.py"},
    {"pattern": "alpha", "glob": "b/*.py"},
    {"pattern": "alpha", "max_results": 3},
    {"pattern": "al(ph|f)a\\b.*colons"},
    {"pattern": "-e", "path": "."},
    {"pattern": "nowhere"},
]


@pytest.mark.skipif(not HAS_RIPGREP, reason="ripgrep is not installed")
@pytest.mark.parametrize("arguments", CASES, ids=lambda case: " ".join(map(str, case.values())))
async def test_both_search_programs_give_the_same_answer(
    workspace: Workspace,
    monkeypatch: pytest.MonkeyPatch,
    arguments: dict[str, str | int | bool],
) -> None:
    project(workspace)
    with_ripgrep = await workspace.call("search_files", **arguments)
    without_ripgrep(monkeypatch)
    assert (await workspace.call("search_files", **arguments)).text == with_ripgrep.text


async def test_matches_come_as_path_line_and_text_sorted(workspace: Workspace, engine: str) -> None:
    project(workspace)
    result = await workspace.call("search_files", pattern="alpha", glob="!b*")
    assert result.text.split("\n") == [
        "a/z.py:1: alpha in a folder",
        "a.py:1: alpha",
        "a.py:2: beta alpha",
        "a.txt:1: alpha",
        "latin.py:1: caf\ufffd alpha",
        "logs/keep.log:1: alpha",
        "sub/here.tmp:1: alpha",
    ]
    assert result.details == {"matches": 7}


async def test_a_full_list_says_that_there_is_more(workspace: Workspace, engine: str) -> None:
    workspace.write("a.txt", "x\n" * 50_000)
    result = await workspace.call("search_files", pattern="x", max_results=2)
    first, second, note = result.text.split("\n")
    assert (first, second) == ("a.txt:1: x", "a.txt:2: x")
    assert "more matches not shown after the first 2" in note
    exact = await workspace.call("search_files", pattern="x", path="a.txt", max_results=1000)
    assert len(exact.text.split("\n")) == 1001


async def test_no_match_is_no_error(workspace: Workspace, engine: str) -> None:
    workspace.write("a.txt", "x")
    result = await workspace.call("search_files", pattern="y")
    assert result.ok
    assert result.text == "No line matches 'y'."


async def test_a_wrong_expression_is_explained(workspace: Workspace, engine: str) -> None:
    with pytest.raises(ToolError, match="not a valid regular expression.*backslash") as caught:
        await workspace.call("search_files", pattern="call(")
    assert caught.value.category is ToolErrorCategory.SCHEMA_VALIDATION


async def test_a_wrong_glob_is_explained(workspace: Workspace, engine: str) -> None:
    with pytest.raises(ToolError, match="`glob` is not a valid glob") as caught:
        await workspace.call("search_files", pattern="x", glob="[z-a]")
    assert caught.value.category is ToolErrorCategory.SCHEMA_VALIDATION


async def test_an_expression_that_only_python_knows_still_works(
    workspace: Workspace, engine: str
) -> None:
    workspace.write("a.txt", "foo\nbar\n")
    result = await workspace.call("search_files", pattern="^(?!foo)")
    assert result.text == "a.txt:2: bar"


async def test_a_long_line_is_cut(workspace: Workspace, engine: str) -> None:
    workspace.write("a.txt", "x" * 1_000_000 + "\ny x\n")
    first, second = (await workspace.call("search_files", pattern="x")).text.split("\n")
    assert first == "a.txt:1: " + "x" * 400 + " [line cut here]"
    assert second == "a.txt:2: y x"


async def test_outside_and_missing_paths_are_refused(workspace: Workspace, engine: str) -> None:
    with pytest.raises(ToolError, match="outside the workspace"):
        await workspace.call("search_files", pattern="x", path="/etc")
    with pytest.raises(ToolError, match="does not exist"):
        await workspace.call("search_files", pattern="x", path="gone")


async def test_a_module_in_the_searched_folder_is_never_run(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_ripgrep(monkeypatch)
    workspace.write("json.py", "open('ran', 'w')\n")
    workspace.write("re.py", "open('ran', 'w')\n")
    result = await workspace.call("search_files", pattern="ran")
    assert result.details == {"matches": 2}
    assert not (workspace.root / "ran").exists()


def fake_ripgrep(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program = folder / "rg"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


async def test_a_hung_search_is_killed_and_told(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    pid_file = workspace.outside / "pid"
    fake_ripgrep(workspace.outside, f"echo $$ > {pid_file}; exec sleep 1000", monkeypatch)
    monkeypatch.setattr(search_files, "SEARCH_TIMEOUT_S", 1.5)
    with pytest.raises(ToolError, match="stopped after 1.5 s") as caught:
        await workspace.call("search_files", pattern="x")
    assert caught.value.category is ToolErrorCategory.TIMEOUT
    assert not is_running(int(pid_file.read_text()))


async def test_a_search_that_hangs_after_some_matches_gives_them(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = "printf 'a.txt\\0001:x\\n'; exec sleep 1000"
    fake_ripgrep(workspace.outside, script, monkeypatch)
    monkeypatch.setattr(search_files, "SEARCH_TIMEOUT_S", 1.5)
    result = await workspace.call("search_files", pattern="x")
    assert result.text.startswith("a.txt:1: x\n[incomplete")
    assert result.details == {"matches": 1, "timed_out": True}


async def test_a_pattern_that_never_ends_is_stopped_and_the_loop_stays_free(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_ripgrep(monkeypatch)
    monkeypatch.setattr(search_files, "SEARCH_TIMEOUT_S", 0.5)
    workspace.write("a.txt", "a" * 60 + "b\n")
    with pytest.raises(ToolError, match="was stopped"):
        await workspace.call("search_files", pattern="(a+)+$")


async def test_a_cancelled_search_leaves_no_process(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    pid_file = workspace.outside / "pid"
    script = f"echo $$ > {pid_file}.new; mv {pid_file}.new {pid_file}; exec sleep 1000"
    fake_ripgrep(workspace.outside, script, monkeypatch)
    task = asyncio.create_task(workspace.call("search_files", pattern="x"))
    pid = int(await wait_for_file(pid_file))
    assert is_running(pid)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not is_running(pid)


@given(st.lists(st.integers(0, 60)), st.integers(1, 4))
def test_matches_are_read_the_same_however_they_arrive(cuts: list[int], limit: int) -> None:
    data = b"a.py\x001:x\nb: c\x0012:y:z\nremark\nc\x003:\nd\x004:e\n"
    whole, pieces = MatchParser(limit), MatchParser(limit)
    whole.feed(data)
    places = sorted({0, len(data), *(min(cut, len(data)) for cut in cuts)})
    for start, end in zip(places, places[1:], strict=False):
        if not pieces.has_more:
            pieces.feed(data[start:end])
    assert (
        pieces.matches == whole.matches == ["a.py:1: x", "b: c:12: y:z", "c:3: ", "d:4: e"][:limit]
    )
    assert pieces.has_more == whole.has_more == (limit < 4)


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("*.py", "a/b.py", True),
        ("/*.py", "a/b.py", False),
        ("a/*.py", "a/b.py", True),
        ("a/*.py", "x/a/b.py", False),
        ("a/**/b", "a/b", True),
        ("a/**/b", "a/x/y/b", True),
        ("**/b", "b", True),
        ("a/**", "a/x/y", True),
        ("a/**", "a", False),
        ("a?c", "a/c", False),
        ("[!a]b", "/b", False),
        ("{a,b}.c", "b.c", True),
        ("a}b", "a}b", True),
        ("{a", "a", True),
        ("a,b", "a,b", True),
        ("a[b", "a[b", True),
        ("[[]b", "[b", True),
        ("[]]b", "]b", True),
        ("[a-c]", "b", True),
        ("\\*", "*", True),
        ("\\*", "a", False),
    ],
)
def test_a_path_glob_matches_as_in_gitignore(pattern: str, path: str, expected: bool) -> None:
    assert (path_glob(pattern).fullmatch(path) is not None) is expected


@given(st.text("ab*?[]{},/!\\", max_size=12))
def test_any_path_glob_is_either_an_expression_or_a_clean_error(pattern: str) -> None:
    try:
        path_glob(pattern)
    except re.error:
        return
