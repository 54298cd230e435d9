"""Tools of MCP servers in a run of the loop."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from harn_tui.json_types import JsonObject
from harn_tui.kinds import ToolCallStatus, ToolErrorCategory
from harn_tui.permissions.rules import PermissionRules
from harn_tui.tools.mcp.servers import McpServers
from harn_tui.tools.mcp.settings import McpServerSettings
from harn_tui.tools.output_blobs import OutputBlobs
from tests.conformance.loop_driver import Reply, run_loop
from tests.support import mcp_stand_in

ALLOWED = PermissionRules.parse({"allow": ["git__*"]})


@pytest.fixture
async def servers() -> AsyncIterator[McpServers]:
    """Run the stand-in as the server ``git``."""
    command = (sys.executable, "-I", mcp_stand_in.__file__)
    running = McpServers(
        [McpServerSettings("git", command)],
        on_change=lambda: None,
        on_notice=lambda _level, _text: None,
    )
    running.start()
    await running.wait_started()
    yield running
    await running.aclose()


async def test_tools_2_2_a_server_that_dies_in_a_call_fails_it_and_the_run_goes_on(
    servers: McpServers,
) -> None:
    run = await run_loop(
        Reply(calls=(("git__die", {}),)),
        Reply(calls=(("git__echo", {"note": "again"}),)),
        Reply("Done."),
        tools=servers.current_tools(),
        permissions=ALLOWED,
    )
    died, answered = (
        update for update in run.of("tool_call_update") if ToolCallStatus(update.status).is_terminal
    )
    assert died.status is ToolCallStatus.FAILED
    assert died.error_category is ToolErrorCategory.MCP_SERVER_ERROR
    assert "it ended with exit code 3: going down" in str(run.result.messages[2]["content"])
    assert answered.status is ToolCallStatus.COMPLETED
    assert answered.raw_output["text"] == '{"note": "again"}'
    assert run.result.text.endswith("Done.")


async def test_tools_odd_38_calls_of_one_turn_run_beside_each_other(servers: McpServers) -> None:
    calls: tuple[tuple[str, JsonObject], ...] = (
        ("git__echo", {"note": "one"}),
        ("git__echo", {"note": "two"}),
    )
    run = await run_loop(Reply(calls=calls), Reply("Done."), tools=servers.current_tools())
    texts = [message["content"] for message in run.result.messages if message["role"] == "tool"]
    assert texts == ['{"note": "one"}', '{"note": "two"}']


async def test_tools_odd_32_a_long_answer_of_a_server_is_kept_whole(
    servers: McpServers, tmp_path: Path
) -> None:
    blobs = OutputBlobs(tmp_path / "blobs")
    run = await run_loop(
        Reply(calls=(("git__big", {"bytes": 1_500_000}),)),
        Reply("Done."),
        tools=servers.current_tools(),
        permissions=ALLOWED,
        extra={"output_blobs": blobs},
    )
    end = run.of("tool_call_update")[-1]
    assert "read_output with handle" in end.raw_output["text"]
    assert len(end.raw_output["text"]) < 33_000
    kept = blobs.find(end.raw_output["details"]["output_handle"])
    assert kept.read_bytes() == b"x" * 1_500_000


async def test_a_tool_without_a_hint_is_not_run_without_a_word(servers: McpServers) -> None:
    run = await run_loop(
        Reply(calls=(("git__env", {}),)), Reply("Done."), tools=servers.current_tools()
    )
    (update,) = (u for u in run.of("tool_call_update") if u.error_category is not None)
    assert update.error_category is ToolErrorCategory.PERMISSION_DENIED
