"""From the records of a log to the model that its session was left with."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from harn_tui.events.host import LoopStart, ModelSwitch, SessionStart
from harn_tui.events.record import Event, Record
from harn_tui.ids import IMPORTED_LOOP
from harn_tui.kinds import SwitchState

DEMO = "demo"
"""The provider that stands in where there is none: no session is meant to stay with it."""


@dataclass(frozen=True, slots=True)
class KeptModel:
    """The model that a session was left with.

    ``base_url`` is where the provider was, ``None`` for its usual or configured address.
    ``is_switched`` tells that a person went over to it within the session.
    """

    provider: str
    model: str
    base_url: str | None = None
    is_switched: bool = False


def kept_model(records: Iterable[Record]) -> KeptModel | None:
    """Return what the session was opened with or switched to last.

    ``None`` for a session that was only opened with the demo, or by another program before it was
    imported. A choice counts that its process did not live to use.
    """
    kept: KeptModel | None = None
    for record in records:
        event = record.event
        if isinstance(event, ModelSwitch):
            kept = KeptModel(event.provider, event.model, event.base_url, is_switched=True)
        elif isinstance(event, SessionStart):
            kept = _opened_with(event, kept)
        elif isinstance(event, LoopStart) and event.loop_id.startswith(IMPORTED_LOOP):
            kept = None
    return kept


def _opened_with(start: SessionStart, kept: KeptModel | None) -> KeptModel | None:
    if kept is not None and (start.provider, start.model) == (kept.provider, kept.model):
        # Logs of earlier versions do not say where the provider was.
        return replace(kept, base_url=start.base_url or kept.base_url)
    if start.provider == DEMO or not start.model:
        return None
    return KeptModel(start.provider, start.model, start.base_url)


def model_named_by(event: Event) -> tuple[str, str] | None:
    """Return (provider, model) that the calls behind ``event`` go to, ``None`` if it says not."""
    match event:
        case SessionStart():
            return event.provider, event.model
        case ModelSwitch(state=SwitchState.ACTIVE):
            return event.provider, event.model
        case _:
            return None


def last_model(records: Iterable[Record]) -> tuple[str, str] | None:
    """Return (provider, model) of the session's end, ``None`` when no record says."""
    found: tuple[str, str] | None = None
    for record in records:
        found = model_named_by(record.event) or found
    return found
