"""Nested loops of a stored session have sessions of their own, that outlive them."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from harn_tui.errors import HarnError, SessionLockedError
from harn_tui.events.host import (
    FeedbackStateChanged,
    LoopEnd,
    PermissionDecision,
    PermissionRequest,
    SessionStart,
)
from harn_tui.events.record import Record
from harn_tui.kinds import Decision, DecisionScope, FeedbackState, LoopStatus, ToolKind
from harn_tui.loop.sub_agents.run_agent_tool import RUN_AGENT
from harn_tui.session.child_sessions import ChildSessions
from harn_tui.session.handle import SessionHandle
from harn_tui.store.feedback_journal import load_pending_feedback
from harn_tui.store.history import fold_history
from harn_tui.store.listing import SessionSummary, list_sessions
from harn_tui.store.lock import SessionLock
from harn_tui.store.log_reader import read_records
from harn_tui.tools.base import Tool
from harn_tui.view.fold import apply_all
from harn_tui.view.model import SessionView, ToolBlock, WorkerBlock
from harn_tui.view.worker_line import WorkerState, worker_state
from tests.conformance.agent_driver import ScriptByTask, forever, start
from tests.conformance.loop_driver import Reply, make_tool, until
from tests.unit.session.opened import open_scripted

WRITE = make_tool("write", kind=ToolKind.EDIT)


class Sessions:
    """A folder of sessions, in which one called ``stored`` starts nested loops."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.folder = directory / "stored"

    def open(
        self,
        replies: Mapping[str, Sequence[Reply]],
        *tools: Tool,
        children: Path | None = None,
    ) -> SessionHandle:
        """Return the session; ``children`` is where the nested ones go, beside it unless given."""
        self.directory.mkdir(exist_ok=True)
        self.script = ScriptByTask(replies)
        session, _ = open_scripted(
            self.folder,
            [],
            tools=(*tools, RUN_AGENT),
            provider=self.script,
            base_url="http://box:8000/v1",
            child_host=ChildSessions(children or self.directory),
        )
        return session

    def child(self) -> SessionSummary:
        """Return the row of the only nested session."""
        (row,) = (row for row in list_sessions(self.directory) if row.worker_name is not None)
        return row

    def child_records(self) -> list[Record]:
        return list(read_records(self.child().folder.event_log))

    def child_events(self, event_class: type[Any]) -> list[Any]:
        return [r.event for r in self.child_records() if isinstance(r.event, event_class)]

    def view(self) -> SessionView:
        """Return the view of the stored session's log."""
        view = SessionView()
        apply_all(view, read_records(self.folder / "event_log.jsonl"))
        return view


@pytest.fixture
def sessions(tmp_path: Path) -> Sessions:
    return Sessions(tmp_path / "sessions")


async def run(session: SessionHandle, text: str = "go") -> None:
    await session.start()
    session.submit(text)
    await session.wait_idle()
    await session.close()


ONE_AGENT = {
    "go": [Reply(calls=(start("count", name="counter"),)), Reply("end")],
    "count": [Reply("three")],
}


async def test_nested_loop_is_stored_and_listed_as_a_session_of_its_own(sessions: Sessions) -> None:
    await run(sessions.open(ONE_AGENT))
    row = sessions.child()
    assert (row.parent_session_id, row.worker_name) == ("stored", "counter")
    assert row.title == "counter: count"
    assert (row.cwd, row.model, row.provider) == (str(sessions.folder), "test-model", "script")
    assert (row.last_status, row.problems) == (LoopStatus.DONE, ())
    (opened,) = sessions.child_events(SessionStart)
    assert (opened.parent_session_id, opened.worker_name) == ("stored", "counter")
    assert opened.base_url == "http://box:8000/v1"
    assert {record.event.session_id for record in sessions.child_records()} == {row.session_id}
    indices = [record.index for record in sessions.child_records()]
    assert indices == list(range(len(indices)))


async def test_log_of_the_parent_has_none_of_the_nested_events(sessions: Sessions) -> None:
    await run(sessions.open(ONE_AGENT))
    records = list(read_records(sessions.folder / "event_log.jsonl"))
    assert {record.event.session_id for record in records} == {"stored"}
    view = sessions.view()
    (block,) = (block for block in view.blocks if isinstance(block, WorkerBlock))
    assert (block.session_id, block.last_line) == (sessions.child().session_id, "three")


async def test_nested_session_can_be_taken_up_when_it_has_ended(sessions: Sessions) -> None:
    await run(sessions.open(ONE_AGENT))
    folder = sessions.child().folder
    with SessionLock(folder.lock_file):
        messages = fold_history(read_records(folder.event_log)).messages
    assert [message["content"] for message in messages] == ["count", "three"]


async def test_nested_session_is_locked_while_its_loop_runs(sessions: Sessions) -> None:
    tried: list[type[Exception]] = []

    async def try_to_open() -> None:
        try:
            SessionLock(sessions.child().folder.lock_file)
        except SessionLockedError as error:
            tried.append(type(error))

    await run(sessions.open(ONE_AGENT | {"count": [Reply("three", midway=try_to_open)]}))
    assert tried == [SessionLockedError]


async def test_question_is_answered_at_the_root_and_logged_in_both(sessions: Sessions) -> None:
    session = sessions.open(
        {
            "go": [Reply(calls=(start("fix", name="fixer"),)), Reply("end")],
            "fix": [Reply(calls=(("write", {"path": "a"}),)), Reply("fixed")],
        },
        WRITE,
    )
    answers = answer_all(session, DecisionScope.SESSION, note="but no more")
    await run(session)
    assert [request.source for request in answers] == ["fixer"]
    (below,) = sessions.child_events(PermissionDecision)
    assert (below.decision, below.scope, below.note) == (
        Decision.ALLOW,
        DecisionScope.SESSION,
        "but no more",
    )
    assert below.rule is not None
    last = sessions.script.requests_of("fix")[-1].messages[-1]
    assert "but no more" in str(last["content"])
    assert sessions.view().queue == []


async def test_a_blank_note_on_an_approval_is_none(sessions: Sessions) -> None:
    session = sessions.open(
        {
            "go": [Reply(calls=(start("fix"), ("write", {"path": "b"}))), Reply("end")],
            "fix": [Reply(calls=(("write", {"path": "a"}),)), Reply("fixed")],
        },
        WRITE,
    )
    answer_all(session, DecisionScope.ONCE, note=" \n")
    await run(session)
    (below,) = sessions.child_events(PermissionDecision)
    assert (below.decision, below.note) == (Decision.ALLOW, None)
    assert sessions.view().queue == []


async def test_grant_for_a_nested_loop_does_not_come_back_with_the_resumed_parent(
    sessions: Sessions,
) -> None:
    replies = {
        "go": [Reply(calls=(start("fix"),)), Reply("end")],
        "fix": [Reply(calls=(("write", {"path": "a"}),)), Reply("fixed")],
    }
    session = sessions.open(replies, WRITE)
    answer_all(session, DecisionScope.SESSION)
    await run(session)
    again = sessions.open({"go": [Reply(calls=(("write", {"path": "a"}),)), Reply("end")]}, WRITE)
    answers = answer_all(again, DecisionScope.ONCE)
    await run(again, "more")
    assert [request.source for request in answers] == [None]


def answer_all(
    session: SessionHandle, scope: DecisionScope, note: str | None = None
) -> list[PermissionRequest]:
    """Allow whatever is asked; the requests are in the returned list, as they come."""
    asked: list[PermissionRequest] = []

    def answer(record: Record) -> None:
        if isinstance(record.event, PermissionRequest):
            asked.append(record.event)
            assert session.answer(record.event.request_id, Decision.ALLOW, scope, note)

    session.subscribe(answer)
    return asked


async def test_line_for_an_agent_is_journalled_in_its_session_before_it_is_sent(
    sessions: Sessions,
) -> None:
    waiting: list[str] = []

    async def steer() -> None:
        (agent,) = session.agents.running
        assert session.agents.steer(agent.worker_id, "only the tests")
        journal = sessions.child().folder.feedback_journal
        waiting.extend(item.content for item in load_pending_feedback(journal).items)

    session = sessions.open(ONE_AGENT | {"count": [Reply("so", midway=steer), Reply("three")]})
    await run(session)
    assert waiting == ["only the tests"]
    states = [event.state for event in sessions.child_events(FeedbackStateChanged)]
    assert states == [FeedbackState.QUEUED, FeedbackState.CLAIMED, FeedbackState.DELIVERED]
    assert load_pending_feedback(sessions.child().folder.feedback_journal).items == ()


async def test_line_that_a_cancelled_agent_never_read_waits_in_its_session(
    sessions: Sessions,
) -> None:
    async def steer_and_cancel() -> None:
        (agent,) = session.agents.running
        session.agents.steer(agent.worker_id, "only the tests")
        session.agents.cancel(agent.worker_id)
        await forever()

    session = sessions.open(ONE_AGENT | {"count": [Reply("so", midway=steer_and_cancel)]})
    await run(session)
    row = sessions.child()
    assert row.last_status is LoopStatus.CANCELLED
    items = load_pending_feedback(row.folder.feedback_journal).items
    assert [item.content for item in items] == ["only the tests"]


async def test_blank_line_for_an_agent_is_refused(sessions: Sessions) -> None:
    async def steer() -> None:
        (agent,) = session.agents.running
        with pytest.raises(HarnError, match="nothing to send"):
            session.agents.steer(agent.worker_id, " ")

    session = sessions.open(ONE_AGENT | {"count": [Reply("so", midway=steer)]})
    await run(session)
    assert sessions.child().last_status is LoopStatus.DONE


async def test_closing_the_session_ends_and_closes_its_agents_first(sessions: Sessions) -> None:
    session = sessions.open(ONE_AGENT | {"count": [Reply("so", midway=forever)]})
    await session.start()
    session.submit("go")
    await until(lambda: any(agent.progress.turns for agent in session.agents.running))
    await session.close()
    row = sessions.child()
    assert (row.last_status, row.owner_pid) == (LoopStatus.CANCELLED, None)
    (ended,) = sessions.child_events(LoopEnd)
    assert ended.reason == "the run that started it was stopped"
    SessionLock(row.folder.lock_file).release()


async def test_session_that_died_with_its_agents_is_resumed_without_them(
    sessions: Sessions, tmp_path: Path
) -> None:
    """What a killed process leaves is what its files hold in the middle of the run."""
    killed = tmp_path / "killed"

    async def die() -> None:
        shutil.copytree(sessions.directory, killed)
        session.interrupt()
        await forever()

    session = sessions.open(ONE_AGENT | {"count": [Reply("half", midway=die)]})
    await run(session)
    left = Sessions(killed)
    assert left.child().last_status is None
    resumed = left.open({"go": [Reply("I know")]})
    seen = SessionView()
    apply_all(seen, resumed.past_records())
    await run(resumed, "what now?")
    view = left.view()
    (worker,) = (block for block in view.blocks if isinstance(block, WorkerBlock))
    assert worker_state(worker) is WorkerState.INTERRUPTED
    (call,) = (block for block in view.blocks if isinstance(block, ToolBlock))
    assert call.interrupted
    (request,) = left.script.requests
    assert [m["role"] for m in request.messages] == ["user", "assistant", "tool", "user"]
    assert "interrupted" in str(request.messages[2]["content"])
    folder = left.child().folder
    messages = fold_history(read_records(folder.event_log)).messages
    assert [message["content"] for message in messages] == ["count"]


async def test_session_that_cannot_be_made_is_a_failed_call(
    sessions: Sessions, tmp_path: Path
) -> None:
    no_folder = tmp_path / "a file"
    no_folder.write_text("")
    session = sessions.open(ONE_AGENT, children=no_folder / "sessions")
    await run(session)
    result = session.last_result
    assert result is not None
    assert result.status is LoopStatus.DONE
    assert "cannot be made" in str(result.messages[2]["content"])
    assert session.agents.running == ()
    assert sessions.view().workers_by_id == {}
