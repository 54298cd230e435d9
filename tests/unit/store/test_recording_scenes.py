"""The recorded scenes: what is in the repository is what the scenes come to today."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from harn_tui.events.agent import (
    SkillActivated,
    ToolSearchResult,
    TranscriptCompacted,
    WorkerUpdate,
)
from harn_tui.events.host import FeedbackStateChanged, LlmRetry, PermissionDecision, ToolOutput
from harn_tui.events.record import Record
from harn_tui.kinds import FeedbackState, LoopStatus, ToolErrorCategory
from harn_tui.store.log_reader import read_records
from harn_tui.store.replay_source import ReplaySource
from harn_tui.view.fold import apply, apply_all
from harn_tui.view.model import SessionView, ToolBlock
from harn_tui.view.text import view_text
from tests.support.recording.record import SESSIONS, record_scene
from tests.support.recording.scene import Scene
from tests.support.recording.scenes import SCENES

LOGS = sorted(SESSIONS.glob("*.jsonl"))
_ESTIMATES = ("estimated_tokens", "estimated_tokens_before", "estimated_tokens_after")


def _without_estimates(lines: list[str]) -> list[object]:
    """Estimates count the system prompt, which may say where it runs."""
    members = [json.loads(line) for line in lines]
    return [{k: v for k, v in m.items() if k not in _ESTIMATES} for m in members]


def _types(name: str) -> set[type]:
    return {type(record.event) for record in read_records(SESSIONS / f"{name}.jsonl")}


def _view(log: Path) -> SessionView:
    view = SessionView()
    apply_all(view, read_records(log))
    return view


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_scene_comes_to_the_log_that_is_kept(scene: Scene) -> None:
    kept = (SESSIONS / f"{scene.name}.jsonl").read_text(encoding="utf-8").splitlines()
    again = record_scene(scene)
    assert _without_estimates(again) == _without_estimates(kept), "run: make sessions"


def test_there_are_eight_recordings_and_more_and_each_is_small() -> None:
    assert len(LOGS) >= 8
    assert all(log.stat().st_size < 200_000 for log in LOGS)


def test_every_recording_is_a_session_of_its_own() -> None:
    ids = [next(iter(read_records(log))).event.session_id for log in LOGS]
    assert len(set(ids)) == len(LOGS)


@pytest.mark.parametrize("log", LOGS, ids=lambda log: log.stem)
def test_recording_shows_nothing_of_the_machine_it_was_made_on(log: Path) -> None:
    text = log.read_text(encoding="utf-8")
    assert "/home/gardener" in text
    for trace in ("/tmp/", "/root", "/work", "harn-recording"):
        assert trace not in text


@pytest.mark.parametrize("log", LOGS, ids=lambda log: log.stem)
async def test_recording_played_to_its_end_shows_what_folding_it_shows(log: Path) -> None:
    records = list(read_records(log))
    view = SessionView()

    def show(batch: Sequence[Record]) -> None:
        for record in batch:
            apply(view, record)

    player = ReplaySource(records, show, lambda _: None)
    player.seek(len(records) // 2)
    player.step_turn()
    player.seek(len(records))
    assert player.is_at_end
    assert view == _view(log)
    assert view_text(view) == view_text(_view(log))


def test_scenes_show_what_they_are_for() -> None:
    assert ToolOutput in _types("long-tool-run")
    assert LlmRetry in _types("failures-and-retries")
    assert PermissionDecision in _types("approvals")
    assert WorkerUpdate in _types("sub-agent")
    assert TranscriptCompacted in _types("compaction")
    assert {SkillActivated, ToolSearchResult} <= _types("skills-and-tool-search")


def test_feedback_scene_has_every_end_of_a_line_and_an_interrupt() -> None:
    log = SESSIONS / "feedback-and-interrupt.jsonl"
    states = {
        record.event.state
        for record in read_records(log)
        if isinstance(record.event, FeedbackStateChanged)
    }
    assert {FeedbackState.DELIVERED, FeedbackState.WITHDRAWN} <= states
    view = _view(log)
    assert view.last_status is LoopStatus.DONE
    tools = [block for block in view.blocks if isinstance(block, ToolBlock)]
    stopped = [b.tool_name for b in tools if b.error_category is ToolErrorCategory.CANCELLED]
    assert stopped == ["run_command"]
    assert '"status":"cancelled"' in log.read_text(encoding="utf-8")


def test_failures_are_all_overcome() -> None:
    view = _view(SESSIONS / "failures-and-retries.jsonl")
    tools = [block for block in view.blocks if isinstance(block, ToolBlock)]
    assert sum(block.error is not None for block in tools) == 3
    assert view.files["beds.txt"].added == 1
