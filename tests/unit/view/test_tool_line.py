from typing import Any

import pytest

from harn_tui.kinds import ToolCallStatus, ToolErrorCategory, ToolKind
from harn_tui.view.durations import duration_words
from harn_tui.view.model import ToolBlock
from harn_tui.view.tool_line import ToolState, tool_line, tool_state

PENDING, RUNNING = ToolCallStatus.PENDING, ToolCallStatus.IN_PROGRESS
COMPLETED, FAILED = ToolCallStatus.COMPLETED, ToolCallStatus.FAILED
PATCH = """\
--- a/x\t2026-01-01
+++ b/x\t2026-01-01
@@ -1 +1 @@
-old
+new
--- /dev/null
+++ "b/new y"
@@ -0,0 +1 @@
+new
--- a/gone
+++ /dev/null
@@ -1 +0,0 @@
-old
diff --git a/from b/to
rename from from
rename to to
"""


def call(
    name: str, status: ToolCallStatus, arguments: Any = None, kind: ToolKind | None = None, **f: Any
) -> ToolBlock:
    return ToolBlock(1_000, "t1", name, kind, status, arguments, **f)


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        (
            call("edit_file", COMPLETED, {"path": "app.py"}, details={"added": 12, "removed": 3}),
            "edited app.py +12 -3",
        ),
        (
            call(
                "run_command",
                FAILED,
                {"command": "pytest -q"},
                details={"exit_code": 1},
                error="1 failed",
                execution_duration_ms=8_200,
            ),
            "ran pytest -q, exit 1, 8.2 s",
        ),
        (
            call(
                "write_file",
                COMPLETED,
                {"path": "a.md"},
                details={"created": True, "added": 2, "removed": 0},
                duration_ms=12,
            ),
            "wrote a.md +2 -0, new file, 12 ms",
        ),
        (
            call(
                "search_files",
                COMPLETED,
                {"pattern": "TODO", "path": "src"},
                details={"matches": 1},
            ),
            "searched for TODO in src, 1 match",
        ),
        (
            call(
                "run_command",
                COMPLETED,
                {"command": "ls"},
                details={"exit_code": 0, "sandbox": "bubblewrap"},
            ),
            "ran ls, exit 0, sandboxed",
        ),
        (
            call(
                "run_command",
                COMPLETED,
                {"command": "ls"},
                details={"exit_code": 0, "sandbox": "none"},
            ),
            "ran ls, exit 0",
        ),
        (
            call(
                "apply_patch",
                COMPLETED,
                {"patch": "--- a/x"},
                details={"files": [{"path": "x"}, {"path": "y"}, 3], "added": 1, "removed": 2},
            ),
            "patched x, y +1 -2",
        ),
        (call("apply_patch", RUNNING, {"patch": "--- a/x"}), "patching"),
        (call("apply_patch", RUNNING, {"patch": PATCH}), "patching x, new y, gone, to"),
        (call("poll_command", COMPLETED, {"handle_id": "hto-1-1"}), "looked at hto-1-1"),
        (
            call("list_directory", COMPLETED, {"path": "."}, details={"entries": 1_200}),
            "listed ., 1,200 entries",
        ),
        (call("read_file", RUNNING, {"path": "a"}), "reading a"),
        (call("read_file", PENDING, {"path": "a"}), "read a, announced"),
        (
            call("run_command", PENDING, {"command": "ls"}, waiting_since_ms=5),
            "run ls, waiting for approval",
        ),
        (
            call("read_file", FAILED, {"path": "a"}, error="There is no file a.\n"),
            "read a, failed: There is no file a.",
        ),
        (
            call(
                "write_file",
                FAILED,
                {"path": "a"},
                error="not now",
                error_category=ToolErrorCategory.PERMISSION_DENIED,
            ),
            "write a, refused: not now",
        ),
        (
            call(
                "run_command",
                FAILED,
                {"command": "sleep 9"},
                error_category=ToolErrorCategory.TIMEOUT,
            ),
            "ran sleep 9, timed out",
        ),
        (call("edit_file", FAILED, {"path": "a"}, interrupted=True), "edit a, interrupted"),
        (call("update_plan", COMPLETED, {"steps": []}), "updated the plan"),
        (call("emit_plan", RUNNING), "proposing the plan"),
        (
            call("fetch_page", COMPLETED, {"url": "http://x"}, ToolKind.FETCH),
            "fetched http://x",
        ),
        (call("mystery", COMPLETED, {"depth": 3}), "called mystery 3"),
        (call("mystery", RUNNING), "calling mystery"),
        (call("", PENDING, arguments_partial="{"), "call a tool, announced"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_line_says_what_the_call_does_and_what_came_of_it(block: ToolBlock, expected: str) -> None:
    assert tool_line(block).text == expected


@pytest.mark.parametrize(
    ("block", "state"),
    [
        (call("a", PENDING), ToolState.ANNOUNCED),
        (call("a", PENDING, waiting_since_ms=1), ToolState.WAITING),
        (call("a", RUNNING), ToolState.RUNNING),
        (call("a", COMPLETED), ToolState.DONE),
        (call("a", FAILED), ToolState.FAILED),
        (call("a", FAILED, error_category=ToolErrorCategory.CANCELLED), ToolState.INTERRUPTED),
        (call("a", RUNNING, interrupted=True), ToolState.INTERRUPTED),
    ],
)
def test_state_has_a_word_and_a_glyph_of_its_own(block: ToolBlock, state: ToolState) -> None:
    assert tool_state(block) is state
    assert len(tool_line(block).glyph) == 1


def test_glyphs_tell_good_ends_from_bad_ones() -> None:
    ends = [call("a", COMPLETED), call("a", FAILED), call("a", FAILED, interrupted=True)]
    assert len({tool_line(block).glyph for block in ends}) == 3


def test_line_of_hostile_arguments_is_one_bounded_printable_line() -> None:
    command = "echo \x1b[31m\r\n\u202egnp.exe\x9b" + "x" * 10_000
    text = tool_line(call("run_command", COMPLETED, {"command": command})).text
    assert text.startswith("ran echo ␛[31m \\u202egnp.exe\\x9b")
    assert text.endswith("…")
    assert len(text) < 250
    assert text.isprintable()


@pytest.mark.parametrize("details", [{"added": "1", "removed": 2}, {"exit_code": True}, {"x": []}])
def test_details_of_an_unexpected_shape_are_left_out(details: Any) -> None:
    assert tool_line(call("read_file", COMPLETED, {"path": "a"}, details=details)).facts == ()


@pytest.mark.parametrize("arguments", [None, "text", 5, ["a"], {}])
def test_arguments_that_are_no_object_leave_the_verb_alone(arguments: Any) -> None:
    assert tool_line(call("read_file", RUNNING, arguments)).text == "reading"


@pytest.mark.parametrize(
    ("duration_ms", "words"),
    [
        (-5, "0 ms"),
        (840, "840 ms"),
        (8_249, "8.2 s"),
        (59_999, "59 s"),
        (185_000, "3 m 05 s"),
        (7_440_000, "2 h 04 m"),
    ],
)
def test_duration_is_in_the_largest_fitting_units(duration_ms: int, words: str) -> None:
    assert duration_words(duration_ms) == words
