"""Builds records for fold tests."""

from collections.abc import Iterable, Sequence

from harn_tui.events.record import Event, Record
from harn_tui.view.fold import apply_all
from harn_tui.view.model import SessionView

SESSION_ID = "s"


def records(events: Iterable[Event], *, start_ms: int = 1_000, step_ms: int = 10) -> list[Record]:
    """Return ``events`` as records with rising indices and times."""
    return [Record(i, start_ms + i * step_ms, None, e) for i, e in enumerate(events)]


def fold(*events: Event) -> SessionView:
    """Return the view of ``events``."""
    view = SessionView()
    apply_all(view, records(events))
    return view


def fold_records(recorded: Sequence[Record]) -> SessionView:
    """Return the view of ``recorded``."""
    view = SessionView()
    apply_all(view, recorded)
    return view
