"""One row of a table of the loop: what it is configured with, what the model says, what it shows.

Expectations are partial: a table fits an object that has its keys with fitting values, a list one
of the same length, ``Holding`` a text with these pieces in it. All else must be equal.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]

EXIT_CODES = {
    "done": 0,
    "idle": 0,
    "error": 1,
    "stuck": 3,
    "budget_exhausted": 4,
    "failed": 5,
    "watchdog": 6,
    "cancelled": 130,
}


class Holding:
    """Fits every text in which all pieces stand."""

    def __init__(self, *pieces: str) -> None:
        self.pieces = pieces

    def __repr__(self) -> str:
        return f"Holding{self.pieces}"


@dataclass(frozen=True)
class Said:
    """A control line, sent as soon as the program has printed an event of this type.

    ``{request_id}`` in it stands for the one of that event.
    """

    after: str
    line: str


@dataclass(frozen=True)
class Case:
    """One row. ``toml`` is the configuration file, ``script`` what the model answers in turn.

    ``shows`` are events that are printed in this order, ``hides`` such that never are, and
    ``result`` is the last line. ``turns`` are what the ``PostAgentTurn`` hooks were told, ``None``
    to run none. ``files`` lie in the folder from the beginning, ``leaves`` are JSON documents that
    lie there in the end. ``is_program`` runs it as a process of its own, which control lines do
    anyway.
    """

    row: str
    script: Sequence[Json]
    status: str
    toml: str = ""
    arguments: tuple[str, ...] = ()
    shows: Sequence[Json] = ()
    hides: Sequence[Json] = ()
    result: Json = field(default_factory=dict)
    turns: Sequence[Json] | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    leaves: Mapping[str, Json] = field(default_factory=dict)
    says: Sequence[Said] = ()
    is_program: bool = False

    @property
    def exit_code(self) -> int:
        """The process exit code that goes with the status."""
        return EXIT_CODES[self.status]


def fits(expected: object, actual: object) -> bool:
    """Whether ``actual`` is what was expected."""
    if isinstance(expected, Holding):
        return isinstance(actual, str) and all(piece in actual for piece in expected.pieces)
    if isinstance(expected, Mapping):
        return isinstance(actual, Mapping) and all(
            key in actual and fits(value, actual[key]) for key, value in expected.items()
        )
    if isinstance(expected, list):
        return (
            isinstance(actual, list)
            and len(expected) == len(actual)
            and all(map(fits, expected, actual))
        )
    return type(expected) is type(actual) and expected == actual


def event(event_type: str, **fields: object) -> Json:
    """Return what fits an event of this type."""
    return {"type": event_type, **fields}


def feedback(kind: str, *pieces: str) -> Json:
    """Return what fits the record of a message of the runtime with ``pieces`` in it."""
    wrapper = f'<runtime_feedback kind="{kind}">'
    message = {"role": "user", "kind": kind, "content": Holding(wrapper, *pieces)}
    return event("message_recorded", message=message)


def recorded(role: str, *pieces: str) -> Json:
    """Return what fits the record of a message with ``pieces`` in it."""
    return event("message_recorded", message={"role": role, "content": Holding(*pieces)})


def ended(call: int) -> Json:
    """Return what fits the end of the model call of this number."""
    return event("llm_call_end", call=call)


def first_misfit(expected: Iterable[Json], lines: Sequence[Json]) -> Json | None:
    """Return the first event that is not printed in its place, ``None`` when all are."""
    left = iter(lines)
    for wanted in expected:
        if not any(fits(wanted, line) for line in left):
            return wanted
    return None
