"""A folder that looks as it did costs no git, and nothing that changed is missed for it."""

import os
import shutil
import time
from pathlib import Path

import pytest

from harn_tui.snapshots import glance as glance_room
from harn_tui.snapshots.glance import glance
from harn_tui.snapshots.snapshot_store import SnapshotStore
from tests.unit.snapshots.desk_of_files import DeskOfFiles


@pytest.fixture
def calls(tmp_path: Path) -> Path:
    """Return the file that has a line for each start of git."""
    return tmp_path / "calls"


@pytest.fixture
def desk(tmp_path: Path, calls: Path, monkeypatch: pytest.MonkeyPatch) -> DeskOfFiles:
    """Return a folder with a file, its stamps taken for settled."""
    monkeypatch.setattr(glance_room, "_SETTLED_NS", -(10**12))
    counting = tmp_path / "git"
    counting.write_text(f'#!/bin/sh\necho x >> {calls}\nexec {shutil.which("git")} "$@"\n')
    counting.chmod(0o755)
    desk = DeskOfFiles(tmp_path, find_program=lambda _: str(counting))
    desk.write("src/a", "one")
    return desk


def _starts(calls: Path) -> int:
    return len(calls.read_text().splitlines())


def test_a_folder_that_looks_the_same_costs_no_git(desk: DeskOfFiles, calls: Path) -> None:
    tree = desk.store.take().tree
    before = _starts(calls)
    assert desk.store.take().tree == tree
    assert _starts(calls) == before


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "src/a").write_text("two"),
        lambda folder: (folder / "src/b").write_text("new"),
        lambda folder: (folder / "src/a").unlink(),
        lambda folder: (folder / "src/a").chmod(0o755),
        lambda folder: (folder / "src").rename(folder / "lib"),
        lambda folder: (folder / "link").symlink_to("src/a"),
    ],
    ids=["written", "made", "removed", "right", "renamed", "linked"],
)
def test_whatever_changes_is_seen(desk: DeskOfFiles, tmp_path: Path, change: object) -> None:
    tree = desk.store.take().tree
    assert callable(change)
    time.sleep(0.02)  # longer than the steps in which the file system keeps time
    change(desk.folder)
    other = SnapshotStore(tmp_path / "data" / "snapshots", desk.folder)
    seen = desk.store.take().tree
    assert seen != tree
    assert seen == other.take().tree


def test_a_write_that_keeps_size_and_time_is_seen(desk: DeskOfFiles) -> None:
    tree = desk.store.take().tree
    path = desk.folder / "src/a"
    found = path.stat()
    time.sleep(0.02)  # longer than the steps in which the file system keeps time
    path.write_text("two")
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))
    assert desk.store.take().tree != tree


def test_what_has_just_changed_is_looked_at_again(
    desk: DeskOfFiles, calls: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(glance_room, "_SETTLED_NS", 10**12)
    desk.store.take()
    before = _starts(calls)
    desk.store.take()
    assert _starts(calls) > before


@pytest.mark.parametrize("damage", ["objects", "."])
def test_a_store_that_another_process_took_away_is_made_anew(
    desk: DeskOfFiles, damage: str
) -> None:
    desk.store.take()
    folder = desk.store.folder / "git" / damage
    shutil.rmtree(folder)
    if damage == "objects":
        folder.mkdir()
    snapshot = desk.store.take()
    assert snapshot.is_new_store
    assert desk.store.missing([snapshot.tree]) == []


def test_a_large_folder_is_left_to_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(glance_room, "_MOST_ENTRIES", 3)
    for number in range(3):
        (tmp_path / f"{number}").touch()
    assert glance(os.fsencode(tmp_path)) is not None
    (tmp_path / "more").touch()
    assert glance(os.fsencode(tmp_path)) is None
    assert glance(os.fsencode(tmp_path / "gone")) is None
