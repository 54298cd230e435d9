"""The session as sentences, each said once."""

from collections.abc import Sequence

from harn_tui.events.host import LlmRetry, Notice, PermissionDecision
from harn_tui.events.record import Event, Record
from harn_tui.kinds import (
    Boundary,
    Decision,
    DecisionScope,
    LoopStatus,
    NoticeLevel,
    ProviderErrorCategory,
)
from harn_tui.linear.spoken import Spoken
from tests.unit.console import scenes
from tests.unit.console.stand_ins import SESSION_ID


def said(*events: Event) -> list[str]:
    """Return what is said of the events."""
    lines: list[str] = []
    spoken = Spoken(lines.append)
    take(spoken, events)
    spoken.end_reply()
    return lines


def take(spoken: Spoken, events: Sequence[Event]) -> None:
    for index, event in enumerate(events):
        spoken.take(Record(index, 1000 + 10 * index, None, event))


def test_a_reply_is_said_line_by_line_as_its_lines_end() -> None:
    lines: list[str] = []
    spoken = Spoken(lines.append)
    take(
        spoken,
        [
            scenes.call_start(),
            scenes.text("One"),
            scenes.text(" line.\nAnd "),
        ],
    )
    assert lines[1:] == ["Assistant: One line."]
    take(spoken, [scenes.text("another"), scenes.call_end()])
    assert lines[1:3] == ["Assistant: One line.", "And another"]


def test_a_call_is_said_when_it_begins_and_when_it_ends() -> None:
    lines = said(*scenes.busy_turn(), scenes.tool_runs("t3", "run_command"))
    assert [line for line in lines if line.startswith("Tool")] == [
        "Tool reading tests/test_paging.py",
        "Tool read tests/test_paging.py, 40 ms",
        "Tool searching for def last_page in src",
        "Tool search for def last_page in src, failed: There is no folder src., 8.2 s",
        "Tool running pytest -q tests/test_paging.py",
    ]


def test_a_question_says_what_why_and_how_to_answer() -> None:
    lines = said(*scenes.busy_turn(), scenes.asks("p1", "t3", "run_command", "run pytest"))
    assert lines[-3:] == [
        "Approval needed. run_command: run pytest",
        "Asked because no rule allows run_command, and it can change things",
        "Answer with 1 to allow it once, 2 for this session, 3 to refuse; a note may follow.",
    ]


def test_an_answer_is_said_and_the_next_question_follows() -> None:
    lines = said(
        *scenes.busy_turn(),
        scenes.asks("p1", "t3", "run_command", "run a"),
        scenes.asks("p2", "t3", "run_command", "run b"),
        PermissionDecision(SESSION_ID, "p1", Decision.ALLOW, DecisionScope.SESSION),
    )
    assert lines[-4:-2] == ["Allowed for this session.", "Approval needed. run_command: run b"]


def test_queued_lines_and_their_receipts_are_said() -> None:
    lines = said(
        *scenes.run_start(),
        scenes.queued("f1", "use tabs"),
        scenes.queued("f2", "later", Boundary.AFTER_RUN),
        scenes.claimed("f1"),
        scenes.delivered("f1", 2),
    )
    assert lines[1:] == [
        "Queued: it enters before the next model call.",
        "Queued: it enters after this run.",
        "Your line was delivered before call 2.",
    ]


def test_ends_retries_and_notices_are_said() -> None:
    retry = LlmRetry(SESSION_ID, 1, 2, 1500, ProviderErrorCategory.SERVER_ERROR, "overloaded")
    lines = said(
        *scenes.run_start(),
        retry,
        Notice(SESSION_ID, NoticeLevel.WARNING, "low disk"),
        scenes.run_end(LoopStatus.STUCK, "It repeats itself."),
    )
    assert lines[1:] == [
        "The model failed, retry 2 in 1.5 s: overloaded",
        "Warning: low disk",
        "The run ended: stuck, It repeats itself.",
    ]


def test_nothing_that_is_said_controls_a_terminal() -> None:
    hostile = "a\x1b[2Jb\u202ec\rd"
    lines = said(
        *scenes.run_start(hostile),
        scenes.call_start(),
        scenes.text(hostile + "\n"),
        Notice(SESSION_ID, NoticeLevel.ERROR, hostile),
        scenes.asks("p1", "t1", hostile, hostile),
    )
    assert not {"\x1b", "\u202e", "\r"} & set("".join(lines))


def test_what_happened_before_is_counted_and_not_repeated() -> None:
    lines: list[str] = []
    spoken = Spoken(lines.append)
    events = [*scenes.busy_turn(), scenes.run_end()]
    spoken.fold_past([Record(n, n, None, event) for n, event in enumerate(events)])
    assert lines == ["Resumed a session of 1 turn."]
    assert spoken.queue() == ["No line is waiting."]
