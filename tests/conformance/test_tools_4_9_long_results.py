"""Statements of docs/tools.md on long results: of every tool both ends, and a handle (7.3)."""

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harn_tui.config.loop_options import LoopOptions
from harn_tui.errors import ToolError
from harn_tui.json_types import JsonObject
from harn_tui.kinds import LifecycleEvent, ToolCallStatus
from harn_tui.loop.lifecycle_hooks import LifecycleHooks
from harn_tui.tools.base import Tool, ToolContext, ToolResult
from harn_tui.tools.output_blobs import HANDLE_CHARACTERS, OutputBlobs
from harn_tui.tools.output_capture import INLINE_BYTES
from harn_tui.tools.read_output import read_output_tool
from tests.conformance.loop_driver import Reply, Run, make_tool, run_loop

LINES = [f"line {number} of what a tool found" for number in range(5000)]
LONG = "\n".join(LINES)
HANDLE = hashlib.sha256(LONG.encode()).hexdigest()[:HANDLE_CHARACTERS]


@pytest.fixture
def blobs(tmp_path: Path) -> OutputBlobs:
    return OutputBlobs(tmp_path / "blobs")


def finding(found: str | Exception, **changes: Any) -> Tool:
    async def run(arguments: JsonObject, context: ToolContext) -> ToolResult:
        if isinstance(found, Exception):
            raise found
        return ToolResult(found, details={"count": 7})

    return replace(make_tool("find", run=run), **changes)


async def called(tool: Tool, *more: Tool, replies: tuple[Reply, ...] = (), **setup: Any) -> Run:
    setup.setdefault("options", LoopOptions(compaction=False))
    return await run_loop(
        Reply(calls=(("find", {}),)), *replies, Reply("end"), tools=(tool, *more), **setup
    )


def answers(run: Run) -> list[str]:
    return [str(m["content"]) for m in run.result.messages if m["role"] == "tool"]


def last(run: Run) -> Any:
    return run.of("tool_call_update")[-1]


@pytest.mark.parametrize("changes", [{}, {"mcp_server": "github"}])
async def test_tools_odd_32_a_long_result_of_any_tool_is_kept_and_read_on(
    changes: dict[str, Any], blobs: OutputBlobs
) -> None:
    offset = LONG.index(LINES[2500])
    run = await called(
        finding(LONG, **changes),
        read_output_tool(blobs),
        replies=(
            Reply(calls=(("read_output", {"handle": HANDLE, "offset": offset, "limit": 32}),)),
        ),
        extra={"output_blobs": blobs},
    )
    first, second = answers(run)
    assert len(first.encode()) < INLINE_BYTES + 500
    assert LINES[0] in first
    assert LINES[-1] in first
    assert LINES[2500] not in first
    assert f'read_output with handle "{HANDLE}"' in first
    assert second.startswith(LINES[2500])
    end = next(u for u in run.of("tool_call_update") if u.status.is_terminal)
    assert end.status is ToolCallStatus.COMPLETED
    assert end.raw_output["text"] == first
    assert end.raw_output["details"] == {
        "count": 7,
        "output_handle": HANDLE,
        "output_sha256": hashlib.sha256(LONG.encode()).hexdigest(),
        "output_bytes": len(LONG),
        "output_kept_bytes": len(LONG),
    }


@pytest.mark.parametrize(
    "text",
    ["", "short", "x" * INLINE_BYTES, "é" * (INLINE_BYTES // 2)],
    ids=["empty", "short", "at the limit", "at the limit in bytes"],
)
async def test_a_result_that_fits_is_given_as_it_is(text: str, blobs: OutputBlobs) -> None:
    run = await called(finding(text), extra={"output_blobs": blobs})
    assert answers(run) == [text]
    assert last(run).raw_output["details"] == {"count": 7}


@pytest.mark.parametrize(
    "text",
    ["x" * (INLINE_BYTES + 1), "é" * (INLINE_BYTES // 2 + 1)],
    ids=["characters", "bytes"],
)
async def test_what_is_one_byte_too_long_is_bounded(text: str, blobs: OutputBlobs) -> None:
    run = await called(finding(text), extra={"output_blobs": blobs})
    assert "output_handle" in last(run).raw_output["details"]
    assert blobs.find(last(run).raw_output["details"]["output_handle"]).read_text() == text


async def test_a_tool_that_pages_its_own_results_is_left_alone(blobs: OutputBlobs) -> None:
    run = await called(finding(LONG, is_output_bounded=True), extra={"output_blobs": blobs})
    assert answers(run) == [LONG]


async def test_without_a_place_to_keep_it_a_result_is_left_to_compaction() -> None:
    assert answers(await called(finding(LONG))) == [LONG]
    run = await called(finding(LONG), options=LoopOptions(tool_output_max_chars=600))
    assert len(answers(run)[0].encode()) <= 600


async def test_a_long_failure_is_bounded_as_well(blobs: OutputBlobs) -> None:
    run = await called(finding(ToolError(LONG)), extra={"output_blobs": blobs})
    assert last(run).status is ToolCallStatus.FAILED
    assert len(last(run).error) < INLINE_BYTES + 500
    assert HANDLE in answers(run)[0]


async def test_a_disk_that_fails_costs_the_middle_and_not_the_call(tmp_path: Path) -> None:
    (tmp_path / "blobs").write_text("no folder")
    broken = OutputBlobs(tmp_path / "blobs")
    run = await called(finding(LONG), extra={"output_blobs": broken})
    assert last(run).status is ToolCallStatus.COMPLETED
    assert "could not be kept" in answers(run)[0]


async def test_tools_4_9_the_handle_outlives_a_shortening_and_reaches_the_hooks(
    blobs: OutputBlobs,
) -> None:
    seen: list[Any] = []
    hooks = LifecycleHooks()
    hooks.add(LifecycleEvent.POST_TOOL_USE, "*", seen.append)
    run = await called(
        finding(LONG),
        options=LoopOptions(compaction=True, tool_output_max_chars=600),
        extra={"output_blobs": blobs, "hooks": hooks},
    )
    assert len(answers(run)[0].encode()) <= 600
    assert HANDLE in answers(run)[0]
    assert seen[0]["result"]["text"] == answers(run)[0]


async def test_control_characters_are_kept_as_they_are_but_for_nul(blobs: OutputBlobs) -> None:
    text = "\x1b]0;title\x07\x00\ud800" + "x" * INLINE_BYTES
    run = await called(finding(text), extra={"output_blobs": blobs})
    assert "\x00" not in answers(run)[0]
    answers(run)[0].encode()
    handle = last(run).raw_output["details"]["output_handle"]
    assert blobs.find(handle).read_bytes().startswith(b"\x1b]0;title\x07\x00?")
