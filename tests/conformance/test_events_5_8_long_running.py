"""Long-running commands in a running loop (events 5.8, loop 5.3 and 8.5)."""

import asyncio
import json
from pathlib import Path

import pytest

from harn_tui.json_types import JsonObject
from harn_tui.kinds import LoopStatus
from harn_tui.permissions.rules import PermissionRules
from harn_tui.tools.command_jobs import CommandJobs
from harn_tui.tools.poll_command import poll_command_tool
from harn_tui.tools.process_table import running_processes
from harn_tui.tools.running_command import CommandServices
from harn_tui.tools.start_command import start_command_tool
from tests.conformance.loop_driver import Reply, Run, Setup
from tests.conformance.observed import told

RULES = PermissionRules.parse({"allow": ["start_command"]})


def started(command: str) -> Reply:
    return Reply("I start it.", calls=(("start_command", {"command": command}),))


def setup_with(*replies: Reply) -> Setup:
    """Return a loop whose commands are wired as a session wires them."""
    setup = Setup(replies, permissions=RULES)
    jobs = CommandJobs(setup.feedback.push_threadsafe, CommandServices())
    setup.session_end.add(jobs.end)
    setup.tools = (start_command_tool(jobs), poll_command_tool(jobs))
    return setup


def details(run: Run, tool_name: str) -> JsonObject:
    ends = [e for e in run.of("tool_call_update") if e.status == "completed"]
    (found,) = [e.raw_output["details"] for e in ends if e.tool_name == tool_name]
    return dict(found)


async def test_events_5_8_the_result_of_a_long_command_arrives_at_a_later_preflight(
    tmp_path: Path,
) -> None:
    gate = tmp_path / "gate"

    async def let_it_end() -> None:
        gate.touch()
        while not setup.feedback.pending(setup.session_id):
            await asyncio.sleep(0.01)

    setup = setup_with(
        started(f"while [ ! -e {gate} ]; do sleep 0.02; done; echo done; exit 4"),
        Reply("I go on.", calls=(("poll_command", {"handle_id": "none"}),), midway=let_it_end),
        Reply("It failed."),
    )
    run = await setup.run()
    assert told(run.provider.requests[1].messages, "tool_result") == []
    (content,) = told(run.provider.requests[2].messages, "tool_result")
    result = json.loads(content[content.index("{") : content.rindex("}") + 1])
    assert result["handle_id"] == details(run, "start_command")["handle_id"]
    assert (result["status"], result["exit_code"], result["stdout"]) == ("completed", 4, "done\n")
    (injected,) = run.of("feedback_injected")
    assert injected.kind == "tool_result"
    assert json.loads(injected.content) == result


@pytest.mark.parametrize(
    "command", ["sleep 1000", "trap '' TERM; while :; do sleep 0.1; done"], ids=["plain", "deaf"]
)
async def test_loop_8_5_commands_end_with_the_run_and_say_nothing(command: str) -> None:
    setup = setup_with(started(command), Reply("I am done."))
    run = await setup.run()
    assert run.result.status is LoopStatus.DONE
    pid = details(run, "start_command")["pid"]
    rows = await asyncio.to_thread(running_processes)
    assert pid not in [row.pid for row in rows]
    assert setup.feedback.pending(setup.session_id) == ()
    assert run.of("feedback_injected") == []
