"""The JSON form of a task ledger: what an option or a snapshot holds, read strictly.

``{root_task, deliverables: [{id, text, status, note}], rationale, observations}``; every key may
be missing. Nothing is guessed: a ledger that was only half understood would open its gate too
early.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from harn_tui.errors import LoopConfigError
from harn_tui.json_types import JsonObject, JsonValue

_HINT = "docs/loop.md, task ledger, describes its keys."
_LEDGER_KEYS = ("root_task", "deliverables", "rationale", "observations")
_DELIVERABLE_KEYS = ("id", "text", "status", "note")


class DeliverableStatus(StrEnum):
    """Where one deliverable stands."""

    OPEN = "open"
    DONE = "done"
    BLOCKED = "blocked"
    DROPPED = "dropped"

    @property
    def is_open(self) -> bool:
        """Whether a deliverable in this state keeps the task from being complete."""
        return self in {DeliverableStatus.OPEN, DeliverableStatus.BLOCKED}


@dataclass(frozen=True, slots=True)
class Deliverable:
    """One thing that the task must produce. ``note`` is ``None`` when there is none."""

    id: str
    text: str
    status: DeliverableStatus = DeliverableStatus.OPEN
    note: str | None = None

    def as_json(self) -> JsonObject:
        """Return the deliverable as it stands in a result."""
        return {"id": self.id, "text": self.text, "status": self.status.value, "note": self.note}


@dataclass(frozen=True, slots=True)
class LedgerContent:
    """What a ledger holds. Texts are trimmed; ids of deliverables differ from each other."""

    root_task: str = ""
    deliverables: tuple[Deliverable, ...] = ()
    rationale: str = ""
    observations: tuple[str, ...] = ()

    def as_json(self) -> JsonObject:
        """Return the form that ``read_ledger`` reads, every key present."""
        return {
            "root_task": self.root_task,
            "deliverables": [item.as_json() for item in self.deliverables],
            "rationale": self.rationale,
            "observations": list(self.observations),
        }


def read_ledger(value: JsonValue) -> LedgerContent:
    """Return the content of a ledger in its JSON form.

    Raises LoopConfigError that names the first part that is wrong: an unknown key, a value of
    another type, a blank text or observation, an unknown status, an id that occurs twice.
    """
    place = "task_ledger"
    table = _table(value, place, _LEDGER_KEYS)
    content = LedgerContent(
        root_task=_text(table, "root_task", place),
        deliverables=tuple(
            _deliverable(item, f"{place}.deliverables[{index}]")
            for index, item in enumerate(_list(table, "deliverables", place))
        ),
        rationale=_text(table, "rationale", place),
        observations=tuple(
            _required_text(item, f"{place}.observations[{index}]")
            for index, item in enumerate(_list(table, "observations", place))
        ),
    )
    _refuse_repeated_ids(content.deliverables, place)
    return content


def one_line_id(text: str) -> str:
    """Return ``text`` as an id: trimmed, and every run of white space one space."""
    return " ".join(text.split())


def _deliverable(value: JsonValue, place: str) -> Deliverable:
    table = _table(value, place, _DELIVERABLE_KEYS)
    return Deliverable(
        id=one_line_id(_required_text(table.get("id"), f"{place}.id")),
        text=_required_text(table.get("text"), f"{place}.text"),
        status=_status(table.get("status", DeliverableStatus.OPEN.value), f"{place}.status"),
        note=_text(table, "note", place) or None,
    )


def _table(value: JsonValue, place: str, keys: Collection[str]) -> Mapping[str, JsonValue]:
    if not isinstance(value, dict):
        raise _fault(place, "a table")
    for key in value:
        if key not in keys:
            raise LoopConfigError(
                f"`{place}` has an unknown key {key!r}.", hint=f"Its keys are: {', '.join(keys)}."
            )
    return value


def _list(table: Mapping[str, JsonValue], key: str, place: str) -> list[JsonValue]:
    value = table.get(key, [])
    if not isinstance(value, list):
        raise _fault(f"{place}.{key}", "a list")
    return value


def _text(table: Mapping[str, JsonValue], key: str, place: str) -> str:
    value = table.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _fault(f"{place}.{key}", "text")
    return value.strip()


def _required_text(value: JsonValue, place: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _fault(place, "text that is not blank")
    return value.strip()


def _status(value: JsonValue, place: str) -> DeliverableStatus:
    if isinstance(value, str) and value in list(DeliverableStatus):
        return DeliverableStatus(value)
    raise _fault(place, f"one of {', '.join(DeliverableStatus)}")


def _refuse_repeated_ids(deliverables: Collection[Deliverable], place: str) -> None:
    seen: set[str] = set()
    for item in deliverables:
        if item.id in seen:
            raise LoopConfigError(
                f"`{place}` has two deliverables with the id {item.id!r}.",
                hint="Give each its own id.",
            )
        seen.add(item.id)


def _fault(place: str, wanted: str) -> LoopConfigError:
    return LoopConfigError(f"`{place}` must be {wanted}.", hint=_HINT)
