"""From configuration and places to what goes back in a session."""

from pathlib import Path

from harn_tui.config.schema import SnapshotsTable
from harn_tui.paths import sessions_directory, snapshots_directory
from harn_tui.session.rewinding import Rewinding, RewindPlaces
from harn_tui.wiring.snapshots import snapshot_limits


def wire_rewinding(log: Path, table: SnapshotsTable, folder: Path | None = None) -> Rewinding:
    """Return what goes back in the session of ``log``, whose files were moved to ``folder``."""
    places = RewindPlaces(sessions_directory(), snapshots_directory())
    return Rewinding(log, places, limits=snapshot_limits(table), folder=folder)
