"""From the configuration to what snapshots a session's files."""

from pathlib import Path

from harn_tui.config.schema import SnapshotsTable
from harn_tui.paths import snapshots_directory
from harn_tui.session.file_snapshots import FileSnapshots
from harn_tui.snapshots.snapshot_store import SnapshotLimits, SnapshotStore
from harn_tui.tools.command_jobs import CommandJobs


def wire_snapshots(
    table: SnapshotsTable, cwd: Path, session_id: str, jobs: CommandJobs | None
) -> FileSnapshots | None:
    """Return what takes the snapshots; ``None`` when they are switched off."""
    if not table.enabled:
        return None
    store = SnapshotStore(snapshots_directory(), cwd, limits=snapshot_limits(table))
    return FileSnapshots(session_id, store, lambda: jobs is not None and jobs.is_any_running)


def snapshot_limits(table: SnapshotsTable) -> SnapshotLimits:
    """Return the configured limits."""
    return SnapshotLimits(table.max_file_bytes, table.time_limit_s)
