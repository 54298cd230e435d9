"""Small sessions to export."""

from collections.abc import Iterable
from pathlib import Path

from harn_tui.events.record import Event
from harn_tui.session_export.exported import ExportedSession, load_exported
from tests.unit.store.log_building import numbered, write_log

RECORDED = Path(__file__).parents[3] / "sessions"
DEMO = RECORDED / "demo-tools-approval-feedback.jsonl"


def exported(
    events: Iterable[Event], folder: Path, environment: dict[str, str] | None = None
) -> ExportedSession:
    """Store the events as a session in ``folder`` and load it for export."""
    session = folder / "s1"
    session.mkdir(parents=True, exist_ok=True)
    write_log(session / "event_log.jsonl", numbered(events))
    return load_exported(str(session), folder, environment=environment or {})


def recorded(path: Path = DEMO) -> ExportedSession:
    """Load a recorded session for export."""
    return load_exported(str(path), path.parent, environment={})
