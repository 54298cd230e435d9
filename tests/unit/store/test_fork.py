import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harn_tui.errors import StoreError, UsageError
from harn_tui.events.agent import ToolCall, ToolCallUpdate, TurnEnd, TurnStart
from harn_tui.events.host import (
    LoopEnd,
    LoopStart,
    MessageRecorded,
    PermissionDecision,
    SessionStart,
)
from harn_tui.events.record import Event, Record
from harn_tui.kinds import Decision, DecisionScope, FeedbackState, ToolCallStatus, ToolKind
from harn_tui.store.fork import fork_session
from harn_tui.store.history import fold_history
from harn_tui.store.log_reader import read_records
from harn_tui.store.session_folder import SessionFolder, create_session_folder
from harn_tui.store.state_file import SessionState, load_state, save_state
from harn_tui.view.fold import apply_all
from harn_tui.view.model import NoticeBlock, SessionView, ToolBlock
from tests.unit.store.log_building import numbered, write_log
from tests.unit.view.build import (
    asked,
    call_start,
    line,
    loop_start,
    prompt,
    recorded,
    retry,
    session_start,
    tool,
)
from tests.unit.view.sessions import merged, sessions, stamped

S = "s"
NOW_MS = 9_000_000


def stored(sessions_directory: Path, records: Sequence[Record]) -> SessionFolder:
    folder = create_session_folder(sessions_directory, "origin")
    write_log(folder.event_log, records)
    return folder


def forked(
    origin: SessionFolder, at_index: int | None = None
) -> tuple[SessionFolder, list[Record]]:
    folder = fork_session(origin.event_log, origin.path.parent, at_index=at_index, now_ms=NOW_MS)
    return folder, list(read_records(folder.event_log))


def notices(records: Sequence[Record]) -> list[str]:
    return [block.text for block in view_of(records).blocks if isinstance(block, NoticeBlock)]


def view_of(records: Sequence[Record]) -> SessionView:
    view = SessionView()
    apply_all(view, records)
    return view


def calling() -> list[Event]:
    call = {"id": "t1", "name": "run_command", "arguments": {}}
    return [
        session_start(),
        prompt("do it"),
        loop_start("l"),
        recorded(role="user", content="do it"),
        TurnStart(S, 0),
        recorded(role="assistant", content="", tool_calls=[call, {**call, "id": "t2"}]),
        ToolCall(S, "t1", "run_command", ToolKind.EXECUTE, ToolCallStatus.PENDING, {}),
        ToolCall(S, "t2", "run_command", ToolKind.EXECUTE, ToolCallStatus.PENDING, {}),
        ToolCallUpdate(S, "t1", "run_command", ToolCallStatus.COMPLETED, {"text": "fine"}),
        recorded(role="tool", tool_call_id="t1", tool_name="run_command", content="fine"),
        asked("r1", "t2"),
        line(FeedbackState.QUEUED, "and then that", line_id="f1"),
    ]


@given(sessions(), st.data())
@settings(max_examples=60, deadline=None)
def test_a_fork_has_the_messages_as_of_its_event_and_nothing_open(
    events: list[Event], data: st.DataObject
) -> None:
    records = merged(stamped(events))
    at = data.draw(st.integers(0, len(records) - 1))
    with TemporaryDirectory() as name:
        origin = stored(Path(name), records)
        before = origin.event_log.read_bytes()
        folder, found = forked(origin, records[at].index)
        assert origin.event_log.read_bytes() == before
    assert [record.index for record in found] == list(range(len(found)))
    assert {record.event.session_id for record in found} == {folder.session_id}
    as_of = fold_history(records[: at + 1]).messages
    assert fold_history(found).messages == as_of
    view = view_of(found)
    assert not view.is_running
    assert not view.unfinished_tools
    assert not view.queue
    assert not view.permissions
    assert not view.questions
    assert view.call_started_at_ms is None
    # What a process that died had left open, a later session_start has ended already.
    first = max((n for n, r in enumerate(found) if isinstance(r.event, SessionStart)), default=0)
    found = found[first:]
    starts = [r.event.loop_id for r in found if isinstance(r.event, LoopStart)]
    ends = [r.event.loop_id for r in found if isinstance(r.event, LoopEnd)]
    assert sorted(starts) == sorted(ends)


def test_a_fork_works_in_the_folder_that_was_worked_in_at_its_place(tmp_path: Path) -> None:
    moved = replace(session_start(), cwd="/elsewhere")
    origin = stored(tmp_path, numbered([session_start(), prompt("a"), moved, prompt("b")]))
    for at, cwd in ((1, session_start().cwd), (3, "/elsewhere")):
        folder, _ = forked(origin, at)
        assert load_state(folder.state_file)[0].cwd == cwd


def test_open_calls_are_ended_and_answered_and_answered_ones_are_left(tmp_path: Path) -> None:
    _, found = forked(stored(tmp_path, numbered(calling())))
    results = [
        record.event.message
        for record in found
        if isinstance(record.event, MessageRecorded) and record.event.message["role"] == "tool"
    ]
    assert [(r["tool_call_id"], str(r["content"])[:11]) for r in results] == [
        ("t1", "fine"),
        ("t2", "interrupted"),
    ]
    assert fold_history(found).interrupted_call_ids == ()
    assert [r.event.iteration for r in found if isinstance(r.event, TurnEnd)] == [0]
    view = view_of(found)
    states = [b.status for b in view.blocks if isinstance(b, ToolBlock)]
    assert states == [ToolCallStatus.COMPLETED, ToolCallStatus.FAILED]
    assert view.queue == []


def test_a_fork_says_where_it_came_from(tmp_path: Path) -> None:
    folder, found = forked(stored(tmp_path, numbered(calling())), 5)
    start = found[0].event
    assert isinstance(start, SessionStart)
    assert (start.parent_session_id, start.forked_at_index) == (S, 5)
    assert notices(found)[0] == "Forked from session s at event 5"
    assert found[-1].emitted_at_ms == NOW_MS
    assert folder.session_id not in {S, "origin"}


@pytest.mark.parametrize("at_index", [0, 5])
def test_a_fork_says_once_where_it_came_from_and_where_that_ends(
    tmp_path: Path, at_index: int
) -> None:
    _, found = forked(stored(tmp_path, numbered(calling())), at_index)
    told = notices(found)
    assert [text for text in told if "Forked" in text] == [
        f"Forked from session s at event {at_index}"
    ]
    assert told[-1] == "Taken over up to here from session s"


def test_without_an_index_all_is_taken_over(tmp_path: Path) -> None:
    events = calling()
    _, found = forked(stored(tmp_path, numbered(events)))
    start = found[0].event
    assert isinstance(start, SessionStart)
    assert start.forked_at_index == len(events) - 1


def test_a_fork_of_a_fork_names_the_nearer_one(tmp_path: Path) -> None:
    first, _ = forked(stored(tmp_path, numbered(calling())))
    _, found = forked(first, 3)
    parents = [r.event.parent_session_id for r in found if isinstance(r.event, SessionStart)]
    assert parents == [first.session_id]


def test_what_was_granted_for_the_session_is_asked_again_in_a_fork(tmp_path: Path) -> None:
    granted = PermissionDecision(S, "r1", Decision.ALLOW, DecisionScope.SESSION, rule="run:*")
    _, found = forked(stored(tmp_path, numbered([*calling(), granted])))
    rules = [r.event.rule for r in found if isinstance(r.event, PermissionDecision)]
    assert rules == [None]


def test_outputs_and_images_come_along_and_the_title_says_fork(tmp_path: Path) -> None:
    origin = stored(tmp_path, numbered(calling()))
    origin.blobs.mkdir()
    (origin.blobs / ("a" * 64)).write_bytes(b"long output")
    save_state(origin.state_file, SessionState(title="mend it", draft="unsent"))
    folder, _ = forked(origin)
    assert (folder.blobs / ("a" * 64)).read_bytes() == b"long output"
    state, warning = load_state(folder.state_file)
    assert (state.title, state.draft, state.created_at_ms, warning) == (
        "mend it (fork)", "", NOW_MS, None,
    )  # fmt: skip
    assert not folder.feedback_journal.exists()


@pytest.mark.parametrize(
    ("title", "of_the_fork"),
    [("mend it (fork)", "mend it (fork 2)"), ("mend it (fork 9)", "mend it (fork 10)")],
)
def test_the_title_of_a_fork_of_a_fork_is_counted_on(
    tmp_path: Path, title: str, of_the_fork: str
) -> None:
    origin = stored(tmp_path, numbered(calling()))
    save_state(origin.state_file, SessionState(title=title))
    folder, _ = forked(origin)
    assert load_state(folder.state_file)[0].title == of_the_fork


def test_unknown_and_unreadable_lines_are_kept_in_a_fork(tmp_path: Path) -> None:
    origin = stored(tmp_path, numbered(calling()))
    odd = {"index": 12, "emitted_at_ms": 5, "type": "later", "session_id": S, "more": [1]}
    with origin.event_log.open("ab") as file:
        file.write(json.dumps(odd).encode() + b"\nno record\n")
    _, found = forked(origin)
    assert {"later", "unreadable"} <= {record.event.type for record in found}


def test_an_event_that_is_not_there_is_told_and_no_session_is_left(tmp_path: Path) -> None:
    origin = stored(tmp_path, numbered(calling()))
    with pytest.raises(UsageError, match="There is no event 99"):
        forked(origin, 99)
    assert [path.name for path in tmp_path.iterdir()] == ["origin"]


def test_an_empty_log_cannot_be_forked(tmp_path: Path) -> None:
    origin = stored(tmp_path, [])
    with pytest.raises(UsageError, match="no events"):
        forked(origin)
    assert [path.name for path in tmp_path.iterdir()] == ["origin"]


def test_a_log_that_is_not_there_leaves_no_session(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="There is no log"):
        fork_session(tmp_path / "x.jsonl", tmp_path / "sessions", now_ms=NOW_MS)
    assert list((tmp_path / "sessions").iterdir()) == []


def test_calls_that_a_retry_voided_are_not_ended_again(tmp_path: Path) -> None:
    events: list[Event] = [
        session_start(), loop_start("l"), call_start(), tool("gone"), retry(),
    ]  # fmt: skip
    _, found = forked(stored(tmp_path, numbered(events)))
    assert not [r for r in found if isinstance(r.event, ToolCallUpdate)]
