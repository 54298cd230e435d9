import json
from typing import Any

import pytest

from harn_tui.events.agent import (
    FsWatch,
    Handoff,
    SkillScopeTools,
    ToolSearchResult,
)
from harn_tui.events.host import FilesRestored
from harn_tui.events.record import EVENT_CLASSES, UNREADABLE_TYPE, Event, Record, UnknownEvent
from harn_tui.view.fold import apply
from harn_tui.view.model import GenericBlock, NoticeBlock, SessionView
from tests.unit.view.build import SAMPLES, S
from tests.unit.view.recording import fold, records

ROWS = {
    "notice": "disk full",
    "budget_exhausted": "All 50 turns of the run are used",
    "loop_stuck": "No tool call in 4 turns; last words: still thinking",
    "daemon_watchdog_tripped": "The watchdog tripped after 3 idle checks in 1.5 s",
    "skill_activated": "Skill deploy active: 2 keyword hit(s)",
    "skill_deactivated": "Skill deploy no longer active",
    "skill_scope_tools": "Skill deploy narrows the tools to read, run",
    "tool_search_query": 'Tool search (client): {"query": "deploy"}',
    "tool_search_result": "Tool search found deploy_service",
    "handoff": "Handed over to Ann: Review it",
    "fs_watch": "Watched files changed: modify src/lib.rs",
    "files_restored": "Files rewound: 2 files brought back; kept as it is: a.txt",
}
QUIET = {
    *("plan", "turn_start", "turn_end", "message_recorded", "permission_decision"),
    "files_snapshot",
}
"""Types that draw no block of their own, in any view."""


def note(event: Event) -> NoticeBlock:
    (block,) = fold(event).blocks
    assert isinstance(block, NoticeBlock)
    return block


def test_samples_hold_every_event_type() -> None:
    assert {type(event) for event in SAMPLES} == {*EVENT_CLASSES.values(), UnknownEvent}


@pytest.mark.parametrize("event", SAMPLES, ids=lambda event: event.type)
def test_every_type_folds_into_a_fresh_and_into_a_busy_view(event: Event) -> None:
    assert fold(event).event_count == 1
    view = SessionView()
    for record in records([*SAMPLES, event, *reversed(SAMPLES)]):
        apply(view, record)
    assert view.event_count == 2 * len(SAMPLES) + 1


@pytest.mark.parametrize("event", SAMPLES, ids=lambda event: event.type)
def test_every_block_that_a_step_adds_is_named_in_its_changes(event: Event) -> None:
    view = fold(*SAMPLES)
    before = len(view.blocks)
    changes = apply(view, Record(99, 99, None, event))
    assert changes.blocks >= set(range(before, len(view.blocks)))
    assert max(changes.blocks, default=0) < len(view.blocks)
    if event.type in QUIET:
        assert len(view.blocks) == before


@pytest.mark.parametrize("event_type", ROWS)
def test_runtime_event_is_one_readable_row(event_type: str) -> None:
    (event,) = (sample for sample in SAMPLES if sample.type == event_type)
    assert note(event).text == ROWS[event_type]


@pytest.mark.parametrize(
    ("at_index", "restored", "kept", "text"),
    [
        (7, 1, [], "Files rewound: 1 file brought back"),
        (7, 0, ["a", "b"], "Files rewound: no file brought back; kept as they are: a, b"),
        (None, 0, [], "The last rewind of files was undone: no file brought back"),
        (None, 3, [], "The last rewind of files was undone: 3 files brought back"),
    ],
)
def test_a_rewind_of_files_tells_how_many_and_what_was_kept(
    at_index: int | None, restored: int, kept: list[Any], text: str
) -> None:
    assert note(FilesRestored(S, at_index, "4b825dc6", None, restored, kept)).text == text


def test_many_watched_files_are_counted() -> None:
    changes: list[Any] = [{"kind": "create", "relative_paths": [f"f{i}"]} for i in range(5)]
    text = note(FsWatch(S, "w", changes)).text
    assert text == "Watched files changed: create f0; create f1; create f2 and 2 more"


HOSTILE: list[Any] = [1, None, {"a": 1}, ["b"]]


@pytest.mark.parametrize(
    "event",
    [
        SkillScopeTools(S, "x", HOSTILE),
        ToolSearchResult(S, "t", HOSTILE, "bm25", "client"),
        FsWatch(S, "w", HOSTILE),
        FsWatch(S, "w", [{"kind": 3, "relative_paths": HOSTILE}]),
        Handoff(S, "a", {"task": 5, "target_persona_or_human": "Ann"}),
        Handoff(S, "a", {}),
    ],
    ids=["scope", "search", "watch", "paths", "handoff", "empty handoff"],
)
def test_lists_that_hold_other_json_than_they_should_are_drawn_all_the_same(event: Event) -> None:
    assert note(event).text


def test_payload_of_an_unknown_event_is_bounded_and_says_so() -> None:
    (block,) = fold(UnknownEvent("big", S, {"x": "y" * 100_000})).blocks
    assert isinstance(block, GenericBlock)
    assert len(block.payload) < 5_000
    assert block.payload.endswith("…")


def test_payload_that_is_nested_too_deeply_is_not_shown() -> None:
    deep: Any = "x"
    for _ in range(100_000):
        deep = [deep]
    (block,) = fold(UnknownEvent("deep", S, {"x": deep})).blocks
    assert isinstance(block, GenericBlock)
    assert block.payload == "(nested too deeply to be shown)"


def test_unreadable_line_is_shown_with_its_number_and_what_is_left_of_it() -> None:
    view = SessionView()
    payload: Any = {"type": UNREADABLE_TYPE, "session_id": S, "line": 8, "raw": '{"index": 7, '}
    apply(view, Record(7, 1, None, UnknownEvent(UNREADABLE_TYPE, S, payload)))
    (block,) = view.blocks
    assert isinstance(block, GenericBlock)
    assert block.title == "event 7 unreadable"
    assert json.loads(block.payload) == {"line": 8, "raw": '{"index": 7, '}
