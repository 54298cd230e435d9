"""From a log's snapshots: which files were there at an event, and whose work led on from them."""

import pytest

from harn_tui.errors import UsageError
from harn_tui.events.agent import FeedbackInjected
from harn_tui.events.host import (
    FeedbackStateChanged,
    FilesSnapshot,
    LoopStart,
    Notice,
    SessionStart,
    UserMessage,
)
from harn_tui.events.record import Event, Record
from harn_tui.events.snapshot_moment import SnapshotMoment
from harn_tui.kinds import Boundary, FeedbackState, HostMessageMode, NoticeLevel
from harn_tui.snapshots.restore_journal import Restore
from harn_tui.store.file_history import FileHistory, file_history, steps_between
from harn_tui.store.rewind_points import rewind_points

S = "session"
START = SessionStart(S, "/work", "m", "p", "native")
NOTE = Notice(S, NoticeLevel.INFO, "here")


def snap(tree: str, moment: str, folder: str = "/work", *, unsure: bool = False) -> FilesSnapshot:
    return FilesSnapshot(S, tree, SnapshotMoment(moment), folder, unsure=unsure or None)


def records(*events: Event) -> list[Record]:
    return [Record(n, 1000 + n, None, event) for n, event in enumerate(events)]


def history(*events: Event) -> FileHistory:
    return file_history(records(*events))


def way(found: FileHistory, index: int) -> tuple[str, list[tuple[str, str, bool | None]]]:
    back = found.way_back(index)
    return back.target, [(each.old, each.new, each.is_of_agent) for each in back.since]


TWO_STEPS = (
    START,
    NOTE,
    snap("a", "before"),
    NOTE,
    snap("b", "after"),
    NOTE,
    snap("c", "before"),
    snap("d", "after"),
    NOTE,
)


def test_between_steps_the_files_are_those_before_the_next_one() -> None:
    found = history(*TWO_STEPS)
    whole = [("a", "b", True), ("b", "c", False), ("c", "d", True)]
    assert way(found, 1) == ("a", whole)
    assert way(found, 3) == ("a", whole), "within a step: before it"
    assert way(found, 5) == ("c", whole[2:]), "what the person did meanwhile stays"
    assert way(found, 8) == ("d", []), "nothing was changed since"
    assert not found.way_back(1).is_open_end
    assert [(s.old, s.new) for s in steps_between(found, 1, 5)] == [("a", "b")]
    assert [(s.old, s.new) for s in steps_between(found, 5, None)] == [("c", "d")]


def test_what_came_after_a_process_ended_within_a_step_is_nobodys_for_sure() -> None:
    found = history(START, NOTE, snap("a", "before"), START, snap("b", "before"))
    assert way(found, 1) == ("a", [("a", "b", None)])
    assert history(START, snap("a", "before"), NOTE).way_back(0).is_open_end


def test_a_process_that_ended_between_steps_leaves_the_person_what_is_theirs() -> None:
    found = history(
        START, snap("a", "before"), snap("b", "after"), START, snap("c", "before"), NOTE
    )
    assert way(found, 0)[1] == [("a", "b", True), ("b", "c", False)]


def test_a_snapshot_that_failed_in_between_makes_the_next_unsure() -> None:
    found = history(START, snap("a", "before"), snap("b", "before", unsure=True))
    assert way(found, 0)[1] == [("a", "b", None)]


def test_a_background_command_keeps_a_step_open() -> None:
    found = history(
        START, snap("a", "before"), snap("b", "during"), snap("c", "before"), snap("d", "after")
    )
    assert way(found, 0)[1] == [("a", "b", True), ("b", "c", True), ("c", "d", True)]


def test_snapshots_of_another_folder_say_nothing() -> None:
    found = history(START, snap("a", "before"), snap("x", "before", "/else"), snap("b", "after"))
    assert way(found, 0) == ("a", [("a", "b", True)])
    assert found.folder == "/work"


def test_a_restore_on_behalf_of_the_session_is_no_work_of_the_person() -> None:
    restores = [
        Restore(0, 1005, S, 1, "n", "r"),
        Restore(1, 1005, "another", 1, "x", "y"),
        Restore(2, 1006, S, 1, "o", None),
    ]
    found = history(*TWO_STEPS[:5], NOTE, NOTE, snap("c", "before")).with_restores(restores)
    assert way(found, 1)[1] == [
        *(("a", "b", True), ("b", "n", False), ("n", "r", True)),
        *(("r", "o", False), ("o", "c", True)),
    ]


def test_a_session_without_snapshots_says_so() -> None:
    with pytest.raises(UsageError, match="no snapshots"):
        history(START, NOTE).way_back(1)


def state(name: str, how: FeedbackState) -> FeedbackStateChanged:
    return FeedbackStateChanged(S, name, how, Boundary.NEXT_PREFLIGHT)


def test_a_line_is_gone_back_to_before_it_was_queued() -> None:
    queued, claimed = FeedbackState.QUEUED, FeedbackState.CLAIMED
    said = UserMessage(S, "one", HostMessageMode.WAIT_FOR_COMPLETION)
    log = (
        *(START, state("f1", queued), LoopStart(S, "l"), state("f1", claimed), said, NOTE),
        *(state("f2", queued), NOTE, state("f2", claimed), FeedbackInjected(S, "user", "two")),
        *(FeedbackInjected(S, "tool_result", "no line"), NOTE),
    )
    one, two = rewind_points(records(*log))
    assert (one.text, one.index, one.line, one.until) == ("one", 0, 4, 7)
    assert (two.text, two.index, two.line, two.until) == ("two", 7, 9, None)


def test_before_the_first_event_there_is_nothing_to_go_back_to() -> None:
    said = UserMessage(S, "one", HostMessageMode.WAIT_FOR_COMPLETION)
    (point,) = rewind_points(records(said))
    assert point.index is None
