from pathlib import Path

import pytest

from harn_tui.events.codec import decode_record, encode_record
from harn_tui.store.history import fold_history
from harn_tui.store.log_reader import read_records
from harn_tui.view.checkpoint import snapshot
from harn_tui.view.fold import apply_all
from harn_tui.view.model import GenericBlock, SessionView, ToolBlock, UserBlock

FOLDER = Path(__file__).parents[3] / "sessions"
LOGS = sorted(FOLDER.glob("*.jsonl"))


def _view(log: Path) -> SessionView:
    view = SessionView()
    apply_all(view, read_records(log))
    return view


def test_there_are_recordings_of_a_real_model_and_of_the_demo() -> None:
    assert {log.stem for log in LOGS} >= {"real-model-turn", "demo-tools-approval-feedback"}


@pytest.mark.parametrize("log", LOGS, ids=lambda log: log.stem)
def test_recorded_line_round_trips_byte_for_byte(log: Path) -> None:
    for line in log.read_text(encoding="utf-8").splitlines():
        assert encode_record(decode_record(line)) == line


@pytest.mark.parametrize("log", LOGS, ids=lambda log: log.stem)
def test_recorded_session_folds_completely(log: Path) -> None:
    view = _view(log)
    assert not view.is_running
    assert not view.unfinished_tools
    assert not any(isinstance(block, GenericBlock) for block in view.blocks)
    assert fold_history(read_records(log)).messages


@pytest.mark.parametrize("log", LOGS, ids=lambda log: log.stem)
def test_recorded_session_folds_the_same_from_every_checkpoint(log: Path) -> None:
    records = list(read_records(log))
    whole = _view(log)
    for place in range(0, len(records), 7):
        view = SessionView()
        apply_all(view, records[:place])
        copy = snapshot(view)
        apply_all(copy, records[place:])
        assert copy == whole


@pytest.mark.parametrize("log", LOGS, ids=lambda log: log.stem)
def test_recording_is_described_in_the_folder(log: Path) -> None:
    assert f"`{log.name}`" in (FOLDER / "README.md").read_text(encoding="utf-8")


def test_demo_recording_shows_tools_approvals_and_a_delivered_line() -> None:
    view = _view(FOLDER / "demo-tools-approval-feedback.jsonl")
    tools = {block.tool_name for block in view.blocks if isinstance(block, ToolBlock)}
    assert {"read_file", "search_files", "write_file", "run_command"} <= tools
    assert len(view.answered) == 2
    steered = [b for b in view.blocks if isinstance(b, UserBlock) and not b.starts_run]
    assert [b.delivered_before_call is not None for b in steered] == [True]
