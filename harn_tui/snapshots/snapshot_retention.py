"""Keeps the private directories small: by age, and by the space of each."""

import contextlib
import logging
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from harn_tui.errors import SnapshotError
from harn_tui.snapshots.deadline import Deadline, TooSlowError
from harn_tui.snapshots.folder_lock import folder_lock
from harn_tui.snapshots.snapshot_store import SnapshotStore

log = logging.getLogger(__name__)

_MANY_LOOSE_FILES = 4_000
_DAY_S = 86_400
_PATIENCE_S = 1.0
_COLLECT_LIMIT_S = 5.0
"""Half of what a step waits at most for a snapshot, which has to wait for the collecting."""


@dataclass(frozen=True, slots=True)
class SnapshotsKept:
    """Snapshots of the last ``days`` are kept, as far as a folder's take at most ``size`` bytes."""

    days: int = 30
    size: int = 2_000_000_000


def keep_small(directory: Path, kept: SnapshotsKept) -> list[Path]:
    """Apply ``kept`` to every store below ``directory``; return those that got smaller. Blocks.

    A store that is in use is left for another time. Raises SnapshotError.
    """
    return [store for store in _stores(directory) if _keep_small(directory, store, kept)]


def _stores(directory: Path) -> Iterator[Path]:
    try:
        folders = sorted(path for path in directory.iterdir() if (path / "lock").is_file())
    except OSError:
        return  # nobody took a snapshot yet
    yield from folders


def _keep_small(directory: Path, folder: Path, kept: SnapshotsKept) -> bool:
    with contextlib.suppress(SnapshotError), folder_lock(folder / "lock", patience_s=_PATIENCE_S):
        if time.time() - (folder / "lock").stat().st_mtime > kept.days * _DAY_S:
            shutil.rmtree(folder, ignore_errors=True)
            return True
        return _shrink(_store_in(directory, folder), kept)
    return False


def _store_in(directory: Path, folder: Path) -> SnapshotStore:
    """Return the store in ``folder``; its files are not looked at, and may be gone."""
    return SnapshotStore(directory, folder, files_at=folder, folder=folder)


def _shrink(store: SnapshotStore, kept: SnapshotsKept) -> bool:
    """Return whether snapshots were given up."""
    if not store.exists:
        return False
    days = store.days()
    oldest = f"{datetime.now(UTC) - timedelta(days=kept.days):%Y-%m-%d}"
    old = [day for day in days if day < oldest]
    rest = days[len(old) :]
    deadline = Deadline(_COLLECT_LIMIT_S)
    try:
        if old or store.loose_count() > _MANY_LOOSE_FILES:
            store.forget_locked(old, deadline)
        while store.kept_bytes() > kept.size and len(rest) > 1:
            store.forget_locked(rest[: len(rest) // 2], deadline)
            rest = rest[len(rest) // 2 :]
    except TooSlowError:
        log.warning("snapshots not collected in time folder=%s", store.folder)
    if store.kept_bytes() > kept.size:
        store.remove_locked()
        return True
    return len(rest) < len(days)
