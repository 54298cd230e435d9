"""Statements of docs/loop.md on what a daemon leaves on disk and begins with."""

import json
import os
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from harn_tui.errors import StoreError
from harn_tui.loop.daemon.idle import Watchdog
from harn_tui.loop.daemon.settings import DaemonSettings
from harn_tui.loop.daemon.snapshot import DaemonSnapshot, load, save
from harn_tui.loop.daemon.state import DaemonState, start_daemon
from harn_tui.loop.daemon.trigger import TriggerQueue, TriggerQueueFullError
from harn_tui.loop.daemon.watch import WatchState, changes
from harn_tui.providers.base import Usage
from tests.unit.loop.daemon.world import World, settings

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)

# 8.7 and 1.1 step 13: the snapshot

SNAPSHOT = DaemonSnapshot(
    saved_at="2026-05-04T12:00:00.000Z",
    daemon_state="idle",
    visible_messages=({"role": "user", "content": "watch this"},),
    recorded_messages=(
        {"role": "user", "content": "watch this"},
        {"role": "assistant", "content": "I do"},
    ),
    transcript_summary="it began",
    transcript_events=({"kind": "daemon_wake"},),
    total_text="I do",
    last_iteration_text="I do",
    all_tools_used=("read_file", "read_file"),
    successful_tools=("read_file",),
    rejected_tools=("run_command",),
    deferred_user_messages=("later",),
    total_iterations=5,
    calls=6,
    wakes=4,
    idle_backoff_ms=2_000,
    last_run_exit_code=1,
    watch_state=WatchState.of([Path("/nowhere/to/be/found")]),
    task_ledger={"root_task": "watch", "deliverables": [], "rationale": "", "observations": []},
    ledger_done_rejections=1,
    loop_detector={"read_file\0{}": {"count": 2, "result_digest": "ab"}},
    used_call_ids=("call_1",),
    usage=Usage(input_tokens=10, output_tokens=5, cache_read_tokens=2, cache_write_tokens=1),
    budget_tokens=9,
    cost_usd=0.25,
    spent_usd=0.25,
)


def test_loop_9_14_a_snapshot_comes_back_as_it_was(tmp_path: Path) -> None:
    save(tmp_path / "daemon.json", SNAPSHOT, now=lambda: NOON)
    assert load(tmp_path / "daemon.json") == SNAPSHOT


REFERENCE_KEYS = {
    "_type": "daemon_snapshot",
    "saved_at": "2026-05-04T12:00:00.000Z",
    "daemon_state": "idle",
    "visible_messages": [{"role": "user", "content": "watch this"}],
    "recorded_messages": [
        {"role": "user", "content": "watch this"},
        {"role": "assistant", "content": "I do"},
    ],
    "transcript_summary": "it began",
    "transcript_events": [{"kind": "daemon_wake"}],
    "total_text": "I do",
    "last_iteration_text": "I do",
    "all_tools_used": ["read_file", "read_file"],
    "rejected_tools": ["run_command"],
    "deferred_user_messages": ["later"],
    "total_iterations": 5,
    "idle_backoff_ms": 2_000,
    "last_run_exit_code": 1,
}


def test_loop_8_7_every_key_of_the_reference_is_written(tmp_path: Path) -> None:
    save(tmp_path / "daemon.json", SNAPSHOT, now=lambda: NOON)
    written = json.loads((tmp_path / "daemon.json").read_text())
    assert {key: written[key] for key in REFERENCE_KEYS} == REFERENCE_KEYS
    assert "watch_state" in written


def test_loop_8_7_a_snapshot_of_the_reference_can_be_loaded(tmp_path: Path) -> None:
    file, missing = tmp_path / "file", tmp_path / "missing"
    file.touch()
    os.utime(file, ns=(0, 7))
    path = tmp_path / "daemon.json"
    path.write_text(json.dumps({**REFERENCE_KEYS, "watch_state": {str(file): 7, str(missing): 0}}))
    loaded = load(path)
    assert loaded.visible_messages == SNAPSHOT.visible_messages
    assert loaded.recorded_messages == SNAPSHOT.recorded_messages
    assert loaded.total_iterations == 5
    assert changes(loaded.watch_state, WatchState.of([file, missing])) == ()
    os.utime(file, ns=(0, 8))
    missing.touch()
    happened = changes(loaded.watch_state, WatchState.of([file, missing]))
    assert happened == (str(file), str(missing))


def test_loop_8_7_all_keys_are_optional_and_defaults_fill_them(tmp_path: Path) -> None:
    path = tmp_path / "daemon.json"
    path.write_text("{}")
    assert load(path) == DaemonSnapshot()
    assert load(path).daemon_state == "active"
    assert load(path).idle_backoff_ms == 100


def test_loop_8_7_folders_on_the_way_are_made(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "daemon.json"
    save(path, SNAPSHOT)
    assert load(path).total_iterations == 5


def test_loop_8_7_the_file_is_private_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "daemon.json"
    path.write_text("old")
    path.chmod(0o644)
    save(path, SNAPSHOT)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["daemon.json"]


@pytest.mark.parametrize("name", ["daemon.json", "daemon", "daemon.state"])
def test_loop_8_7_it_is_written_to_a_sibling_first(tmp_path: Path, name: str) -> None:
    """A folder in the sibling's place makes the write fail, and the old snapshot stays."""
    path = tmp_path / name
    save(path, SNAPSHOT)
    before = path.read_bytes()
    path.with_suffix(".json.tmp").mkdir()
    with pytest.raises(StoreError, match="snapshot write error"):
        save(path, DaemonSnapshot())
    assert path.read_bytes() == before


def _unencodable(folder: Path) -> None:
    save(folder / "daemon.json", DaemonSnapshot(task_ledger={"a": {1}}))  # type: ignore[dict-item]


def _below_a_file(folder: Path) -> None:
    (folder / "file").touch()
    save(folder / "file" / "daemon.json", SNAPSHOT)


def _onto_a_folder(folder: Path) -> None:
    (folder / "daemon.json").mkdir()
    save(folder / "daemon.json", SNAPSHOT)


def _missing(folder: Path) -> None:
    load(folder / "daemon.json")


def _half_written(folder: Path) -> None:
    (folder / "daemon.json").write_text('{"_type": "daemon_snap')
    load(folder / "daemon.json")


def _of_another_type(folder: Path) -> None:
    (folder / "daemon.json").write_text('{"_type": "worker_snapshot"}')
    load(folder / "daemon.json")


def _with_a_wrong_value(folder: Path) -> None:
    (folder / "daemon.json").write_text('{"total_iterations": "five"}')
    load(folder / "daemon.json")


@pytest.mark.parametrize(
    ("fails", "step"),
    [
        (_unencodable, "encode"),
        (_below_a_file, "mkdir"),
        (_onto_a_folder, "finalize"),
        (_missing, "read"),
        (_half_written, "parse"),
        (_of_another_type, "parse"),
        (_with_a_wrong_value, "parse"),
    ],
)
def test_loop_8_7_an_error_names_the_step_and_the_file(
    tmp_path: Path, fails: Callable[[Path], None], step: str
) -> None:
    with pytest.raises(StoreError, match=f"^Daemon snapshot {step} error: ") as caught:
        fails(tmp_path)
    assert "daemon.json" in caught.value.message
    assert caught.value.hint
    assert not list(tmp_path.glob("*.tmp"))


def test_loop_10_31_what_the_reference_forgets_is_kept(tmp_path: Path) -> None:
    save(tmp_path / "daemon.json", SNAPSHOT)
    loaded = load(tmp_path / "daemon.json")
    assert loaded.task_ledger == SNAPSHOT.task_ledger
    assert loaded.ledger_done_rejections == 1
    assert loaded.successful_tools == ("read_file",)
    assert loaded.loop_detector == SNAPSHOT.loop_detector
    assert loaded.used_call_ids == ("call_1",)
    assert loaded.usage == SNAPSHOT.usage
    assert loaded.cost_usd == 0.25
    assert (loaded.budget_tokens, loaded.spent_usd) == (9, 0.25)
    assert (loaded.calls, loaded.wakes) == (6, 4)


async def test_loop_1_1_without_a_path_to_resume_from_a_daemon_begins_anew(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    start = await start_daemon(settings(tmp_path))
    assert start.snapshot is None
    assert start.state == DaemonState(watch=WatchState.of([tmp_path]))


async def test_loop_1_1_a_daemon_resumes_its_backoff_and_its_wakes(tmp_path: Path) -> None:
    path = tmp_path / "daemon.json"
    save(path, SNAPSHOT, now=lambda: NOON)
    start = await start_daemon(DaemonSettings(is_on=True, resume_path=path))
    assert start.snapshot == SNAPSHOT
    assert (start.state.backoff_ms, start.state.wakes) == (2_000, 4)


async def test_loop_1_1_a_resumed_backoff_is_at_least_a_millisecond(tmp_path: Path) -> None:
    path = tmp_path / "daemon.json"
    path.write_text('{"idle_backoff_ms": 0}')
    start = await start_daemon(DaemonSettings(is_on=True, resume_path=path))
    assert start.state.backoff_ms == 1


async def test_loop_1_1_a_watch_state_that_the_snapshot_has_not_is_looked_up(
    tmp_path: Path,
) -> None:
    path, file = tmp_path / "daemon.json", tmp_path / "file"
    save(path, DaemonSnapshot())
    start = await start_daemon(
        DaemonSettings(is_on=True, resume_path=path, watch_paths=(file,), idle_watchdog_attempts=0)
    )
    assert start.state.watch == WatchState.of([file])


async def test_loop_10_32_a_change_made_while_no_daemon_ran_wakes_the_next_one(
    tmp_path: Path,
) -> None:
    path, file = tmp_path / "daemon.json", tmp_path / "file"
    save(path, DaemonSnapshot(watch_state=WatchState.of([file])))
    file.touch()
    world = World(DaemonSettings(is_on=True, resume_path=path, watch_paths=(file,)))
    world.state = (await start_daemon(world.settings)).state
    assert (await world.wake()).watch_paths == (str(file),)


@pytest.mark.parametrize("written", ["daemon.json", "new/deep/daemon.json", "../link/daemon.json"])
async def test_loop_8_7_a_daemon_does_not_wake_itself_by_its_own_snapshot(
    tmp_path: Path, written: str
) -> None:
    """Each wake would end with another snapshot, and so with another wake."""
    watched = tmp_path / "watched"
    watched.mkdir()
    (tmp_path / "link").symlink_to(watched)
    path = watched / written
    draft = path.parent / "daemon.json.tmp"
    told = DaemonSettings(
        is_on=True, persist_path=path, watch_paths=(watched,), idle_watchdog_attempts=2
    )
    world = World(told)
    save(path, DaemonSnapshot())
    draft.write_text("being written")
    assert isinstance(await world.idle(), Watchdog)
    (watched / "other.json").touch()
    assert (await world.wake()).watch_paths == (str(watched / "other.json"),)


async def test_loop_8_7_a_snapshot_that_cannot_be_resumed_from_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="read error"):
        await start_daemon(DaemonSettings(is_on=True, resume_path=tmp_path / "missing.json"))


# C.3: triggers


def test_loop_9_17_a_trigger_beyond_the_capacity_is_a_typed_error() -> None:
    queue = TriggerQueue(1)
    queue.push({"n": 1})
    with pytest.raises(TriggerQueueFullError):
        queue.push({"n": 2})


def test_loop_9_17_a_trigger_in_flight_is_queued_again_and_handed_out_after_a_restart() -> None:
    queue = TriggerQueue()
    event = queue.push({"n": 1})
    assert queue.take() == event
    again = TriggerQueue.from_json(json.loads(json.dumps(queue.as_json())))
    assert len(again) == 0
    assert again.requeue()
    assert len(again) == 1
    assert again.take() == event


def test_loop_c_3_a_thousand_triggers_and_some_may_wait() -> None:
    assert TriggerQueue().as_json()["event_queue_capacity"] == 1024
