"""A run that is stopped at each of its awaits in turn leaves nothing open, lost or running."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from harn_tui.json_types import JsonObject
from harn_tui.kinds import FeedbackState, LoopStatus
from harn_tui.store.feedback_journal import load_pending_feedback
from harn_tui.store.history import delivered_feedback_ids, fold_history
from harn_tui.store.log_reader import read_records
from harn_tui.tools.process_table import running_processes
from tests.conformance.reference_run import Stop, Stopped, by_control, by_task, finished, stop_at

MOST_STEPS = 400


def _stops_in_turn(
    folder: Path,
    *before: tuple[int, Stop],
    stop: Stop,
    first: int = 0,
    tool_format: str = "native",
) -> Iterator[Stopped]:
    """Yield a run that is stopped at its n-th await after ``before``, for each n from ``first``.

    The last one had ended before its stop.
    """
    for step in range(first, MOST_STEPS):
        name = "-".join(str(number) for number, _ in (*before, (step, stop)))
        stopped = stop_at(folder / name, *before, (step, stop), tool_format=tool_format)
        yield stopped
        if stopped.stops <= len(before):
            return
    pytest.fail(f"the run had not ended after {MOST_STEPS} awaits")


def _check(stopped: Stopped) -> None:
    _check_end(stopped)
    for events in (stopped.events, stopped.nested):
        _check_pairs(events)
    _check_lines(stopped)
    _check_log(stopped)
    assert stopped.ended_sessions == ["stored"] * len(stopped.of("loop_start"))
    assert len(stopped.of("loop_start")) <= 1
    assert stopped.leftover_tasks == []
    assert stopped.leftover_threads == []
    assert not stopped.is_running
    assert not stopped.left_a_process


def _check_end(stopped: Stopped) -> None:
    statuses = {end.status for end in stopped.of("loop_end")}
    if not stopped.of("loop_start"):  # its task was cancelled before it had begun
        assert statuses == set()
    elif stopped.ended_before_stop or not stopped.stops:
        assert statuses == {LoopStatus.DONE}
    elif stopped.answered_before_stop:
        assert statuses < {LoopStatus.DONE, LoopStatus.CANCELLED}
    else:
        assert statuses == {LoopStatus.CANCELLED}


def _check_pairs(events: Sequence[Any]) -> None:
    counts = Counter(event.type for event in events)
    for opening, closing in (
        ("loop_start", "loop_end"),
        ("turn_start", "turn_end"),
        ("llm_call_start", "llm_call_end"),
    ):
        assert counts[opening] == counts[closing]
    announced = {event.tool_call_id for event in events if event.type == "tool_call"}
    updates = [event for event in events if event.type == "tool_call_update"]
    ended = [update.tool_call_id for update in updates if update.status.is_terminal]
    assert sorted(ended) == sorted(announced)


def _check_lines(stopped: Stopped) -> None:
    records = list(read_records(stopped.folder / "session" / "event_log.jsonl"))
    messages = [event.message for event in stopped.of("message_recorded")]
    recorded = [message.get("feedback_id") for message in messages]
    delivered = [e.feedback_id for e in stopped.of("feedback_state") if e.state == "delivered"]
    journal = stopped.folder / "session" / "feedback.jsonl"
    waiting = load_pending_feedback(journal, delivered_feedback_ids(records)).items
    assert {item.state for item in waiting} <= {FeedbackState.QUEUED}
    for feedback_id, text in stopped.lines.items():
        kept = [item.content for item in waiting if item.feedback_id == feedback_id]
        assert recorded.count(feedback_id) == delivered.count(feedback_id)
        assert kept == [text] * (1 - delivered.count(feedback_id))


def _check_log(stopped: Stopped) -> None:
    records = list(read_records(stopped.folder / "session" / "event_log.jsonl"))
    assert [record.index for record in records] == sorted({record.index for record in records})
    history = fold_history(records)
    assert history.interrupted_call_ids == ()
    _check_request(history.messages)
    if stopped.result is not None:
        assert history.messages == list(stopped.result.messages)
    if stopped.next_request:
        _check_request(stopped.next_request)
        told = [str(message["content"]) for message in stopped.next_request]
        for text in (*stopped.lines.values(), "go on"):
            assert sum(text in content for content in told) <= 1
        assert len(told) > len(history.messages)


def _check_request(messages: Sequence[JsonObject]) -> None:
    """Every call is answered at once and once, and no result stands alone."""
    open_calls: list[object] = []
    for message in messages:
        if message["role"] == "tool":
            assert message["tool_call_id"] == open_calls.pop(0)
            continue
        assert open_calls == []
        assert message["content"] or message.get("tool_calls")
        calls: Any = message.get("tool_calls", [])
        open_calls = [call["id"] for call in calls]
    assert open_calls == []
    assert _written_calls(messages) == _reported_results(messages)


def _written_calls(messages: Sequence[JsonObject]) -> int:
    """Return how many calls whole turns of the text format make."""
    turns = [m for m in messages if m["role"] == "assistant" and not m.get("interrupted")]
    return sum(str(turn["content"]).count("<tool_call>") for turn in turns)


def _reported_results(messages: Sequence[JsonObject]) -> int:
    reports = [str(m["content"]) for m in messages if m.get("kind") == "tool_results"]
    return sum(report.count("[result of ") for report in reports)


def _processes_of_this_test(folder: Path) -> list[str]:
    found = []
    for row in running_processes():
        try:
            command = Path(f"/proc/{row.pid}/cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if str(folder) in command and row.pid != os.getpid():
            found.append(command)
    return found


@pytest.mark.parametrize(
    ("stop", "tool_format"), [(by_control, "native"), (by_task, "native"), (by_control, "text")]
)
def test_a_run_stopped_at_any_await_leaves_nothing_open_lost_or_running(
    tmp_path: Path, stop: Stop, tool_format: str
) -> None:
    count = 0
    for stopped in _stops_in_turn(tmp_path, stop=stop, tool_format=tool_format):
        _check(stopped)
        count += 1
    assert finished(stopped)
    assert stopped.of("notice") == []
    assert count > 60
    assert _processes_of_this_test(tmp_path) == []


@pytest.mark.parametrize(
    ("first", "second", "offset"), [(by_control, by_task, 0), (by_task, by_control, 1)]
)
def test_a_second_stop_at_any_await_of_the_way_out_changes_nothing(
    tmp_path: Path, first: Stop, second: Stop, offset: int
) -> None:
    for step in range(offset, MOST_STEPS, 4):
        ways_out = list(_stops_in_turn(tmp_path, (step, first), stop=second, first=1))
        for stopped in ways_out:
            _check(stopped)
        if not stopped.stops:
            break
    assert finished(stopped)
    assert _processes_of_this_test(tmp_path) == []
