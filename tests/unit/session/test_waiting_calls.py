"""Calls that waited for an approval when a process ended are asked about again by the next."""

import asyncio
import shutil
from pathlib import Path
from typing import Any

import pytest

from harn_tui.events.host import LoopEnd, Notice, PermissionRequest, SessionStart
from harn_tui.events.record import Record
from harn_tui.json_types import JsonObject
from harn_tui.kinds import Decision, LoopStatus, ToolKind
from harn_tui.loop.sub_agents.run_agent_tool import RUN_AGENT
from harn_tui.providers.base import CompletionRequest
from harn_tui.session.handle import SessionHandle
from harn_tui.store.history import INTERRUPTED_RESULT
from harn_tui.store.log_reader import read_records
from harn_tui.tools.base import Tool, ToolAnnotations
from harn_tui.view.fold import apply_all
from harn_tui.view.model import SessionView, ToolBlock
from tests.conformance.loop_driver import Reply, Script, make_tool, until
from tests.unit.session.opened import open_scripted

TOOLS = (make_tool("look", kind=ToolKind.READ), make_tool("write", kind=ToolKind.EDIT))
CALLS = Reply(
    "I look and write.", calls=(("look", {"n": "1"}), ("write", {"n": "2"}), ("look", {}))
)
DONE = Reply("done")


def opened(folder: Path, *replies: Reply, asks_again: bool = True) -> tuple[SessionHandle, Script]:
    return open_scripted(folder, replies, tools=TOOLS, asks_again=asks_again)


async def asked(session: SessionHandle) -> str:
    await until(lambda: len(session.open_requests()) == 1)
    return session.open_requests()[0]


async def killed(folder: Path, *replies: Reply, steer: str = "") -> Path:
    """Return a copy of the session's folder as it is while it asks, as SIGKILL leaves it."""
    session, _ = opened(folder, *replies)
    await session.start()
    session.submit("go")
    await asked(session)
    if steer:
        session.submit(steer)
    session._parts.recorder.flush()
    await until(lambda: "permission_request" in (folder / "event_log.jsonl").read_text())
    left = Path(
        shutil.copytree(
            folder, folder.with_name("left"), ignore=shutil.ignore_patterns("*.sock", ".*")
        )
    )
    await session.close()
    return left


def bodies(*scripts: Script) -> list[list[JsonObject]]:
    return [sent(request) for script in scripts for request in script.requests]


def sent(request: CompletionRequest) -> list[JsonObject]:
    """Return the messages without the ids that are drawn for each line."""
    return [{k: v for k, v in m.items() if k != "feedback_id"} for m in request.messages]


def events(folder: Path, kind: type[Any]) -> list[Any]:
    records = read_records(folder / "event_log.jsonl")
    return [record.event for record in records if isinstance(record.event, kind)]


def take(view: SessionView, record: Record) -> None:
    apply_all(view, [record])


@pytest.mark.parametrize("steer", ["", "and use tabs"])
async def test_an_approval_that_a_kill_left_is_asked_again_and_nothing_is_different_for_it(
    tmp_path: Path, steer: str
) -> None:
    whole, script = opened(tmp_path / "whole", CALLS, DONE)
    await whole.start()
    whole.submit("go")
    request = await asked(whole)
    if steer:
        whole.submit(steer)
    assert whole.answer(request, Decision.ALLOW)
    await whole.wait_idle()
    await whole.close()

    left = await killed(tmp_path / "killed", CALLS, steer=steer)
    again, second = opened(left, DONE)
    await again.start()
    assert again.answer(await asked(again), Decision.ALLOW)
    result = await again.wait_idle()
    assert result is not None
    assert result.status is LoopStatus.DONE
    await again.close()
    assert bodies(second) == bodies(script)[1:]
    assert [notice.text for notice in events(left, Notice)] == []


async def test_the_row_of_the_call_goes_on(tmp_path: Path) -> None:
    left = await killed(tmp_path / "s", CALLS)
    again, _ = opened(left, DONE)
    seen = SessionView()
    apply_all(seen, again.past_records())
    again.subscribe(lambda record: take(seen, record))
    await again.start()
    request = await asked(again)
    rows = [block for block in seen.blocks if isinstance(block, ToolBlock)]
    assert [row.tool_name for row in rows] == ["look", "write", "look"]
    assert [row.waiting_since_ms is not None for row in rows] == [False, True, False]
    assert not any(row.interrupted for row in rows)
    assert [pending.request_id for pending in seen.permissions] == [request]
    assert seen.turn == 1, "the turn of the call goes on, too"
    again.answer(request, Decision.ALLOW)
    await again.wait_idle()
    assert seen.turn == 2
    await again.close()


async def test_leaving_while_it_asks_has_it_asked_again_as_often_as_that_happens(
    tmp_path: Path,
) -> None:
    session, _ = opened(tmp_path / "s", CALLS)
    await session.start()
    session.submit("go")
    await asked(session)
    await session.close(leaves_approvals=True)
    for _ in range(2):
        again, _ = opened(tmp_path / "s")
        await again.start()
        await asked(again)
        await again.close(leaves_approvals=True)
    assert events(tmp_path / "s", LoopEnd) == []
    last, script = opened(tmp_path / "s", Reply("then not"))
    await last.start()
    assert last.answer(await asked(last), Decision.DENY, note="not today")
    await last.wait_idle()
    await last.close()
    contents = [message["content"] for message in script.requests[0].messages]
    assert "not today" in str(contents[-2])
    assert len(events(tmp_path / "s", PermissionRequest)) == 4


async def test_leaving_before_it_was_asked_again_loses_nothing(tmp_path: Path) -> None:
    left = await killed(tmp_path / "s", CALLS)
    for _ in range(2):
        early, _ = opened(left)
        await early.start()
        await early.close(leaves_approvals=True)
    again, _ = opened(left, DONE)
    await again.start()
    assert again.answer(await asked(again), Decision.ALLOW)
    await again.wait_idle()
    await again.close()
    assert events(left, Notice) == []


async def test_leaving_keeps_what_was_refused_beside_the_call_that_is_asked_about(
    tmp_path: Path,
) -> None:
    """Both are of one batch: the first has ended, and its result is not recorded yet."""
    fetch = Tool(
        name="fetch",
        description="Fetches.",
        parameters={"type": "object", "properties": {"n": {"type": "string"}}},
        annotations=ToolAnnotations(kind=ToolKind.FETCH, reaches_any_address=True),
        run=TOOLS[0].run,
        summarize=lambda arguments: f"fetch {arguments}",
    )
    both = Reply("", calls=(("fetch", {"n": "1"}), ("fetch", {"n": "2"})))
    session, _ = open_scripted(tmp_path / "s", [both], tools=(fetch,), asks_again=True)
    await session.start()
    session.submit("go")
    assert session.answer(await asked(session), Decision.DENY, note="not that one")
    await until(lambda: len(events(tmp_path / "s", PermissionRequest)) == 2)
    await session.close(leaves_approvals=True)
    assert len(events(tmp_path / "s", LoopEnd)) == 1
    again, script = open_scripted(tmp_path / "s", [DONE], tools=(fetch,), asks_again=True)
    await again.start()
    again.submit("go on")
    await again.wait_idle()
    await again.close()
    assert "not that one" in str(script.requests[0].messages[2]["content"])


async def test_a_call_of_a_servers_tool_is_asked_about_once_the_server_is_there(
    tmp_path: Path,
) -> None:
    class SlowServers:
        may_start = asyncio.Event()

        def start(self) -> None: ...

        async def aclose(self) -> None: ...

        async def wait_started(self) -> None:
            await self.may_start.wait()

        def current_tools(self) -> tuple[Tool, ...]:
            return TOOLS[1:] if self.may_start.is_set() else ()

    left = await killed(tmp_path / "s", CALLS)
    servers = SlowServers()
    again, _ = open_scripted(left, [DONE], tools=TOOLS[:1], asks_again=True, mcp_servers=servers)
    await again.start()
    for _ in range(100):  # as far as it gets
        await asyncio.sleep(0)
    servers.may_start.set()
    assert again.answer(await asked(again), Decision.ALLOW)
    await again.wait_idle()
    await again.close()


async def test_a_front_end_that_leaves_nothing_ends_the_run(tmp_path: Path) -> None:
    session, _ = opened(tmp_path / "s", CALLS)
    await session.start()
    session.submit("go")
    await asked(session)
    await session.close()
    assert [end.status for end in events(tmp_path / "s", LoopEnd)] == [LoopStatus.CANCELLED]
    again, _ = opened(tmp_path / "s")
    await again.start()
    assert not again.is_running
    await again.close()


async def test_interrupting_it_answers_the_calls_and_the_next_line_goes_on(tmp_path: Path) -> None:
    left = await killed(tmp_path / "s", CALLS)
    again, script = opened(left, DONE)
    await again.start()
    await asked(again)
    assert again.interrupt()
    await again.wait_idle()
    again.submit("something else")
    await again.wait_idle()
    roles = [message["role"] for message in script.requests[0].messages]
    assert roles == ["user", "assistant", "tool", "tool", "tool", "user"]
    await again.close()


async def test_where_nobody_attends_the_calls_are_answered_as_interrupted(tmp_path: Path) -> None:
    left = await killed(tmp_path / "s", CALLS)
    again, script = opened(left, DONE, asks_again=False)
    await again.start()
    assert not again.is_running
    assert any("still waited" in notice.text for notice in events(left, Notice))
    again.submit("go on")
    await again.wait_idle()
    results = [m["content"] for m in script.requests[0].messages if m["role"] == "tool"]
    assert results[1] == INTERRUPTED_RESULT
    await again.close()


async def test_the_call_of_a_nested_loop_is_not_taken_up(tmp_path: Path) -> None:
    agent = Reply("", calls=((RUN_AGENT.name, {"name": "fixer", "task": "fix it"}),))
    write = Reply("", calls=(("write", {"n": "2"}),))
    tools = (*TOOLS, RUN_AGENT)
    session, _ = open_scripted(tmp_path / "s", [agent, write], tools=tools, asks_again=True)
    await session.start()
    session.submit("go")
    await asked(session)
    await session.close(leaves_approvals=True)
    assert len(events(tmp_path / "s", LoopEnd)) == 1, "ended, because it cannot go on there"
    again, _ = open_scripted(tmp_path / "s", [], tools=tools, asks_again=True)
    await again.start()
    assert not again.is_running
    assert len(events(tmp_path / "s", SessionStart)) == 2
    await again.close()
