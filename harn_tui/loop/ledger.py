"""The task ledger of a run: what must be delivered, and what the model says about it.

It gates completion: while a deliverable is open or blocked, the run is not complete
(docs/loop.md, task ledger).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.loop.ledger_shape import (
    Deliverable,
    DeliverableStatus,
    LedgerContent,
    one_line_id,
    read_ledger,
)

ACTION_NAMES = ("add", "mark", "rationale", "note", "seed_plan")
"""What a ``ledger`` call can do; add and mark may also be called {add,mark}_deliverable."""

_UNAVAILABLE = "ledger unavailable: this run has no task ledger, so there is nothing to keep."
_SHOWN_CHARACTERS = 80
_NOTED_STATUSES = frozenset({DeliverableStatus.BLOCKED, DeliverableStatus.DROPPED})


@dataclass(frozen=True, slots=True)
class LedgerReply:
    """What one ``ledger`` call did.

    ``text`` is what the model reads. ``is_rejected`` tells that there is no ledger to write in;
    a call that is neither ``ok`` nor rejected had wrong arguments and changed nothing.
    """

    text: str
    ok: bool
    is_rejected: bool = False


class TaskLedger:
    """The ledger of one run; changes through ``apply`` alone, one call at a time."""

    def __init__(self, content: LedgerContent | None = None) -> None:
        content = LedgerContent() if content is None else content
        self._root_task = content.root_task
        self._deliverables = {item.id: item for item in content.deliverables}
        self._rationale = content.rationale
        self._observations = list(content.observations)

    @classmethod
    def from_options(
        cls, task_ledger: JsonObject | None, root_task: str | None, deliverables: Sequence[str]
    ) -> "TaskLedger":
        """Return the ledger that a run starts with.

        A whole ``task_ledger`` stands for the other two, which then are not looked at. Blank
        ``deliverables`` are left out, and the others keep the number of their place in the list.
        Raises LoopConfigError when ``task_ledger`` is malformed.
        """
        if task_ledger is not None:
            return cls.from_json(task_ledger)
        items = tuple(
            Deliverable(_numbered(place), text.strip())
            for place, text in enumerate(deliverables, start=1)
            if text.strip()
        )
        return cls(LedgerContent(root_task=(root_task or "").strip(), deliverables=items))

    @classmethod
    def from_json(cls, value: JsonValue) -> "TaskLedger":
        """Return the ledger that ``as_json`` wrote; raises LoopConfigError when it is malformed."""
        return cls(read_ledger(value))

    def as_json(self) -> JsonObject:
        """Return the ledger as it stands in a result and in a snapshot."""
        return self.content.as_json()

    @property
    def content(self) -> LedgerContent:
        """What the ledger holds now."""
        return LedgerContent(
            root_task=self._root_task,
            deliverables=tuple(self._deliverables.values()),
            rationale=self._rationale,
            observations=tuple(self._observations),
        )

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show or keep; a root task alone does not count."""
        return not (self._deliverables or self._rationale or self._observations)

    @property
    def open_items(self) -> tuple[Deliverable, ...]:
        """The deliverables that keep the task from being complete, in order."""
        return tuple(item for item in self._deliverables.values() if item.status.is_open)

    def apply(self, arguments: JsonObject) -> LedgerReply:
        """Do what one ``ledger`` call asks for, whole or not at all; never raises."""
        if self.is_empty:
            return LedgerReply(_UNAVAILABLE, ok=False, is_rejected=True)
        try:
            summary = self._perform(arguments)
        except _WrongCallError as problem:
            return LedgerReply(f"ledger error: {problem}", ok=False)
        return LedgerReply(f"ledger: {summary}", ok=True)

    def _perform(self, arguments: JsonObject) -> str:
        action = arguments.get("action")
        match action:
            case "add" | "add_deliverable":
                return self._add(arguments)
            case "mark" | "mark_deliverable":
                return self._mark(arguments)
            case "rationale":
                return self._set_rationale(arguments)
            case "note":
                return self._observe(arguments)
            case "seed_plan":
                return self._seed(arguments)
            case _:
                raise _WrongCallError(
                    f"unknown action {_shown(action)}; use {', '.join(ACTION_NAMES)}."
                    if isinstance(action, str)
                    else f"`action` must be one of {', '.join(ACTION_NAMES)}."
                )

    def _add(self, arguments: JsonObject) -> str:
        text = _required_text(arguments, "text")
        item_id = one_line_id(_text(arguments, "id")) or self._free_id()
        if item_id in self._deliverables:
            raise _WrongCallError(f"there already is a deliverable {_shown(item_id)}.")
        self._deliverables[item_id] = Deliverable(item_id, text)
        return f"added {item_id}; {self._standing()}"

    def _mark(self, arguments: JsonObject) -> str:
        item_id = one_line_id(_required_text(arguments, "id"))
        status = _status(arguments)
        note = _text(arguments, "note") or None
        item = self._deliverables.get(item_id)
        if item is None:
            known = ", ".join(self._deliverables) or "none"
            raise _WrongCallError(f"there is no {_shown(item_id)}; known ids: {known}.")
        if status in _NOTED_STATUSES and note is None:
            raise _WrongCallError(f"status {status.value} needs a `note` that says why.")
        self._deliverables[item_id] = replace(item, status=status, note=note)
        return f"{item_id} is {status.value}; {self._standing()}"

    def _set_rationale(self, arguments: JsonObject) -> str:
        if arguments.get("text") is None:
            raise _WrongCallError("`text` is missing; an empty text clears the rationale.")
        self._rationale = _text(arguments, "text")
        return "rationale recorded." if self._rationale else "rationale cleared."

    def _observe(self, arguments: JsonObject) -> str:
        self._observations.append(_required_text(arguments, "text"))
        return f"observation {len(self._observations)} recorded."

    def _seed(self, arguments: JsonObject) -> str:
        if self._deliverables:
            raise _WrongCallError("there are deliverables already; use add and mark.")
        texts = arguments.get("deliverables")
        if not isinstance(texts, list) or not texts:
            raise _WrongCallError("`deliverables` must be a list of texts that is not empty.")
        seeded: dict[str, Deliverable] = {}
        for number, text in enumerate(texts, start=1):
            if not isinstance(text, str) or not text.strip():
                raise _WrongCallError(f"item {number} of `deliverables` must be text, not blank.")
            seeded[_numbered(number)] = Deliverable(_numbered(number), text.strip())
        self._deliverables = seeded
        return f"added {', '.join(seeded)}; {self._standing()}"

    def _free_id(self) -> str:
        number = len(self._deliverables) + 1
        while _numbered(number) in self._deliverables:
            number += 1
        return _numbered(number)

    def _standing(self) -> str:
        total, left = len(self._deliverables), len(self.open_items)
        return f"{left} of {total} not resolved yet." if left else f"all {total} resolved."


class _WrongCallError(Exception):
    """The arguments of a call that cannot be carried out; the text tells the model why."""


def _shown(word: str) -> str:
    is_long = len(word) > _SHOWN_CHARACTERS
    return repr(word[:_SHOWN_CHARACTERS] + "…" if is_long else word)


def _numbered(place: int) -> str:
    return f"deliverable-{place}"


def _text(arguments: JsonObject, name: str) -> str:
    value = arguments.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _WrongCallError(f"`{name}` must be text.")
    return value.strip()


def _required_text(arguments: JsonObject, name: str) -> str:
    text = _text(arguments, name)
    if not text:
        raise _WrongCallError(f"`{name}` is missing or blank.")
    return text


def _status(arguments: JsonObject) -> DeliverableStatus:
    word = _required_text(arguments, "status").lower()
    if word not in list(DeliverableStatus):
        choices = ", ".join(DeliverableStatus)
        raise _WrongCallError(f"unknown status {_shown(word)}; use {choices}.")
    return DeliverableStatus(word)
