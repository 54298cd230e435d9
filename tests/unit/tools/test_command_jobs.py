"""Long-running commands: started, polled, stopped, told of, and never left behind."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from harn_tui.errors import ToolError
from harn_tui.json_types import JsonValue
from harn_tui.kinds import ToolErrorCategory
from harn_tui.tools import process_tree
from harn_tui.tools.arguments import validate_arguments
from harn_tui.tools.base import Tool, ToolResult
from harn_tui.tools.command_jobs import MAX_REMEMBERED, MAX_RUNNING, CommandJobs
from harn_tui.tools.output_blobs import OutputBlobs
from harn_tui.tools.poll_command import poll_command_tool
from harn_tui.tools.running_command import CommandServices
from harn_tui.tools.start_command import start_command_tool
from harn_tui.tools.stop_command import stop_command_tool
from tests.unit.tools.conftest import Workspace
from tests.unit.tools.processes import is_running, open_descriptors, pids_called, wait_for_file


@dataclass
class Background:
    """Jobs of one workspace, the tools for them, and what was told of those that ended."""

    workspace: Workspace
    jobs: CommandJobs
    told: asyncio.Queue[tuple[str, str, str]] = field(default_factory=asyncio.Queue)

    async def call(self, tool: Tool, **arguments: JsonValue) -> ToolResult:
        checked = validate_arguments(tool, dict(arguments))
        return await tool.run(checked, self.workspace.context)

    async def start(self, command: str, **arguments: JsonValue) -> str:
        result = await self.call(start_command_tool(self.jobs), command=command, **arguments)
        handle = result.details["handle_id"]
        assert isinstance(handle, str)
        assert handle in result.text
        return handle

    async def poll(self, handle: str, wait_s: float = 0) -> ToolResult:
        return await self.call(poll_command_tool(self.jobs), handle_id=handle, wait_s=wait_s)

    async def stop(self, handle: str) -> ToolResult:
        return await self.call(stop_command_tool(self.jobs), handle_id=handle)

    async def next_told(self) -> dict[str, Any]:
        """Return the content of the next feedback (the test's time limit bounds the wait)."""
        session_id, kind, content = await self.told.get()
        assert (session_id, kind) == ("session", "tool_result")
        found: dict[str, Any] = json.loads(content)
        return found


@pytest.fixture
async def background(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Background]:
    monkeypatch.setattr(process_tree, "TERM_GRACE_S", 0.2)
    told: asyncio.Queue[tuple[str, str, str]] = asyncio.Queue()
    services = CommandServices(blobs=OutputBlobs(workspace.outside / "blobs"))
    jobs = CommandJobs(lambda *feedback: told.put_nowait(feedback), services)
    yield Background(workspace, jobs, told)
    await jobs.close()


async def test_events_5_8_a_long_command_returns_a_handle_at_once(background: Background) -> None:
    result = await background.call(start_command_tool(background.jobs), command="sleep 1000")
    details = result.details
    assert details["status"] == "running"
    assert str(details["handle_id"]).startswith("hto-")
    assert str(details["command_id"]).startswith("cmd_")
    assert details["pid"] == details["process_group_id"]
    assert (details["ended_at"], details["exit_code"], details["signal"]) == (None, None, None)
    assert (details["stdout"], details["byte_count"], details["duration_ms"]) == ("", 0, 0)
    assert (details["timed_out"], details["sandbox"]) == (False, "none")
    assert isinstance(details["pid"], int)
    assert is_running(details["pid"])


async def test_events_5_8_its_result_is_told_as_feedback_when_it_has_ended(
    background: Background,
) -> None:
    handle = await background.start("echo out; echo err >&2; exit 3")
    told = await background.next_told()
    assert told["handle_id"] == handle
    assert told["status"] == "completed"
    assert (told["exit_code"], told["signal"], told["timed_out"]) == (3, None, False)
    assert told["stdout"] == "out\nerr\n"
    assert (told["line_count"], told["byte_count"]) == (2, 8)
    assert told["output_sha256"] == hashlib.sha256(b"out\nerr\n").hexdigest()
    assert told["sandbox"] == "none"
    assert told["started_at"] <= told["ended_at"]
    assert told["ended_at"].endswith("Z")


async def test_events_5_8_a_long_output_is_told_in_part_and_kept_whole(
    background: Background,
) -> None:
    await background.start("seq 1 30000")
    told = await background.next_told()
    assert len(told["stdout"].encode()) < 50_000
    blob = background.workspace.outside / "blobs" / told["output_sha256"]
    assert blob.read_text().endswith("\n30000\n")
    assert blob.name.startswith(told["output_handle"])


async def test_events_5_8_stopping_ends_it_and_nothing_is_told(background: Background) -> None:
    root = background.workspace.root
    handle = await background.start("sleep 1000 & echo $$ $! > new; mv new pids; wait")
    pids = [int(word) for word in (await wait_for_file(root / "pids")).split()]
    result = await background.stop(handle)
    assert result.details["cancelled"] is True
    assert result.details["status"] == "stopped"
    assert "was stopped" in result.text
    assert not any(map(is_running, pids))
    again = await background.stop(handle)
    assert again.details["cancelled"] is False
    assert background.told.empty()


async def test_an_unknown_handle_names_the_known_ones(background: Background) -> None:
    handle = await background.start("sleep 1000")
    for call in (background.poll, background.stop):
        with pytest.raises(ToolError) as caught:
            await call("hto-0-0")
        assert handle in str(caught.value)


async def test_a_handle_of_another_session_is_unknown(background: Background) -> None:
    handle = await background.start("sleep 1000")
    context = replace(background.workspace.context, session_id="another")
    with pytest.raises(ToolError, match="no long-running command"):
        await poll_command_tool(background.jobs).run({"handle_id": handle}, context)


async def test_polling_gives_what_is_new_since_the_last_look(background: Background) -> None:
    root = background.workspace.root
    script = "echo one; touch first; while [ ! -e gate ]; do sleep 0.02; done; echo two"
    handle = await background.start(script)
    await wait_for_file(root / "first")
    seen = ""
    while "one" not in seen:  # the file may be there before the pipe was read
        seen = (await background.poll(handle)).text
    assert f"[{handle} has been running for " in seen
    assert (await background.poll(handle)).text.startswith("(no new output)\n")
    (root / "gate").touch()
    ended = await background.poll(handle, wait_s=100)
    assert ended.text.startswith("two\n")
    assert ended.text.endswith("exit_code=0]")
    assert ended.details["status"] == "completed"


async def test_a_flood_between_two_looks_is_cut_in_the_middle(background: Background) -> None:
    handle = await background.start("seq 1 100000")
    await background.next_told()
    result = await background.poll(handle)
    assert result.text.startswith("1\n2\n")
    assert "bytes cut from the middle" in result.text
    assert "read_output with handle" in result.text
    assert len(result.text) < 20_000


async def test_time_limits_end_a_command_and_are_told(background: Background) -> None:
    handle = await background.start("sleep 1000", timeout_s=0.2)
    told = await background.next_told()
    assert (told["timed_out"], told["exit_code"], told["signal"]) == (True, 143, "SIGTERM")
    assert "its time limit" in (await background.poll(handle)).text


@pytest.mark.parametrize(
    "command",
    [
        "trap '' TERM; touch ready; while :; do sleep 0.05; done",
        "sleep 1000 & sleep 1000 & touch ready; wait",
        "exec >&- 2>&-; touch ready; sleep 1000",
        "touch ready; yes",
        "touch ready; kill -STOP $$; sleep 1000",
    ],
    ids=["ignores TERM", "children", "closed output", "flood", "stopped"],
)
async def test_loop_8_5_the_end_of_a_session_ends_all_its_commands(
    background: Background, command: str
) -> None:
    handle = await background.start(command)
    await wait_for_file(background.workspace.root / "ready")
    pid = (await background.poll(handle)).details["pid"]
    assert isinstance(pid, int)
    await background.jobs.end("session")
    assert not is_running(pid)
    assert background.told.empty()
    with pytest.raises(ToolError, match="Handles of this run: none"):
        await background.poll(handle)


async def test_loop_8_5_a_daemon_that_detached_twice_is_ended_too(background: Background) -> None:
    name = f"daemon-of-{background.workspace.root}"
    loop = "trap '' TERM; touch ready; while :; do sleep 0.05; done"
    await background.start(f'(setsid sh -c "(setsid sh -c \\"{loop}\\" {name} &)" &); sleep 1000')
    await wait_for_file(background.workspace.root / "ready")
    assert await asyncio.to_thread(pids_called, name)
    await background.jobs.end("session")
    assert not await asyncio.to_thread(pids_called, name)


async def test_a_daemon_left_behind_by_a_command_that_has_ended_is_ended_too(
    background: Background,
) -> None:
    name = f"daemon-of-{background.workspace.root}"
    loop = "touch ready; while :; do sleep 0.05; done"
    script = f"(setsid sh -c '{loop}' {name} >/dev/null 2>&1 &); "
    await background.start(script + "while [ ! -e ready ]; do sleep 0.02; done")
    assert (await background.next_told())["exit_code"] == 0
    assert not await asyncio.to_thread(pids_called, name)


async def test_other_sessions_go_on_when_one_ends(background: Background) -> None:
    handle = await background.start("sleep 1000")
    await background.jobs.end("another")
    assert (await background.poll(handle)).details["status"] == "running"


async def test_only_so_many_run_at_a_time(background: Background) -> None:
    handles = [await background.start("sleep 1000") for _ in range(MAX_RUNNING)]
    with pytest.raises(ToolError, match="run already") as caught:
        await background.start("sleep 1000")
    assert handles[0] in str(caught.value)
    await background.stop(handles[0])
    await background.start("sleep 1000")


async def test_old_commands_are_forgotten_so_that_memory_stays_bounded(
    background: Background,
) -> None:
    handles = []
    for _ in range(MAX_REMEMBERED + 2):
        handles.append(await background.start("true"))
        await background.next_told()
    await background.start("true")
    with pytest.raises(ToolError, match="no long-running command"):
        await background.poll(handles[0])
    assert (await background.poll(handles[-1])).details["status"] == "completed"


async def test_a_command_that_cannot_start_is_an_error_and_leaves_no_handle(
    background: Background,
) -> None:
    with pytest.raises(ToolError, match="could not be started"):
        await background.start("echo " + "x" * 3_000_000)
    with pytest.raises(ToolError, match="Handles of this run: none"):
        await background.poll("x")


@pytest.mark.parametrize("command", ["   ", "echo a\x00b", "echo \ud800"])
async def test_text_that_is_no_command_is_refused(background: Background, command: str) -> None:
    with pytest.raises(ToolError) as caught:
        await background.start(command)
    assert caught.value.category is ToolErrorCategory.SCHEMA_VALIDATION


async def test_a_listener_that_fails_does_not_harm_the_command(workspace: Workspace) -> None:
    def fail(*_feedback: str) -> None:
        raise RuntimeError("the queue is gone")

    jobs = CommandJobs(fail, CommandServices())
    background = Background(workspace, jobs)
    handle = await background.start("echo x")
    result = await background.poll(handle, wait_s=100)
    assert result.details["status"] == "completed"
    assert result.details["exit_code"] == 0


async def test_a_start_that_is_cancelled_leaves_no_process(background: Background) -> None:
    name = f"started-by-{background.workspace.root}"
    task = asyncio.create_task(background.start(f"exec -a {name} sleep 1000"))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not await asyncio.to_thread(pids_called, name)


async def test_times_come_from_the_clock_that_was_given(workspace: Workspace) -> None:
    moments = iter(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=n) for n in range(100))
    told: asyncio.Queue[str] = asyncio.Queue()
    jobs = CommandJobs(
        lambda _session, _kind, content: told.put_nowait(content),
        CommandServices(),
        clock=lambda: next(moments),
    )
    await Background(workspace, jobs).start("true")
    content = json.loads(await told.get())
    assert content["started_at"] == "2026-01-01T00:00:00.000Z"
    assert content["ended_at"] == "2026-01-01T00:00:01.000Z"
    assert content["duration_ms"] == 1000


async def test_many_commands_leak_no_file_descriptor(background: Background) -> None:
    counts = []
    for _ in range(5):
        await background.start("seq 1 30000")
        await background.next_told()
        counts.append(open_descriptors())
    assert counts[-1] <= counts[1]
