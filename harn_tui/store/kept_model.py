"""From the records of a log to the model that its session was left with."""

from collections.abc import Iterable
from dataclasses import dataclass

from harn_tui.events.host import ModelSwitch, SessionStart
from harn_tui.events.record import Event, Record
from harn_tui.kinds import SwitchState


@dataclass(frozen=True, slots=True)
class KeptModel:
    """A model that a person switched to.

    ``base_url`` is where the provider was, ``None`` for its usual or configured address.
    """

    provider: str
    model: str
    base_url: str | None = None


def kept_model(records: Iterable[Record]) -> KeptModel | None:
    """Return what a person switched the session to last, ``None`` for the usual model.

    A choice counts that its process did not live to use. It holds until the session is taken up
    with another model.
    """
    kept: KeptModel | None = None
    for record in records:
        event = record.event
        if isinstance(event, ModelSwitch):
            kept = KeptModel(event.provider, event.model, event.base_url)
        elif isinstance(event, SessionStart) and kept is not None:
            is_same = (event.provider, event.model) == (kept.provider, kept.model)
            kept = kept if is_same else None
    return kept


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
