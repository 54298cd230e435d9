"""What is wrong with the arguments of a call, in words for the model that wrote them."""

from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

from harn_tui.tools.argument_words import alternatives_words, fault_words, name_of
from harn_tui.tools.json_schema import SchemaFault

Place: TypeAlias = "tuple[Place, str | int] | None"
"""Where a value stands: the place of what holds it, and its name or number; ``None`` at the top."""

_MOST_ALIKE: Final = 5
_MOST_PROBLEMS: Final = 50

_Path: TypeAlias = tuple[str | int, ...]


class ArgumentProblems:
    """The problems of one call, each told once, in the order in which they were found.

    ``is_silent`` ones are only counted: nobody will read them.
    """

    def __init__(self, *, is_silent: bool = False) -> None:
        self.is_silent = is_silent
        self.count = 0
        self._texts: list[str] = []
        self._keys: set[tuple[_Path, str]] = set()
        self._summarized: set[_Path] = set()

    @property
    def texts(self) -> list[str]:
        """The problems, one phrase each; a very long list ends in how many more there are."""
        more = len(self._texts) - _MOST_PROBLEMS
        return self._texts if more <= 0 else [*self._texts[:_MOST_PROBLEMS], f"and {more} more"]

    def add(self, place: Place, keyword: str, text: str) -> None:
        """Take a problem: ``keyword`` of the schema is broken at ``place``."""
        self.count += 1
        self._texts.append(text)
        self._keys.add((path_of(place), keyword))

    def summarize_items(self, place: Place, faulty: int) -> None:
        """Say how many more items of a list are wrong than are told one by one."""
        if are_enough(faulty):
            path = path_of(place)
            more = faulty - _MOST_ALIKE
            self._texts.append(f"{more} more items of `{name_of(path)}` are wrong")
            self._summarized.add(path)

    def add_faults(self, faults: Iterable[SchemaFault]) -> None:
        """Take what a validator found, but for what is told already."""
        for fault in faults:
            if any(fault.path[:length] in self._summarized for length in range(len(fault.path))):
                continue
            if fault.alternatives and (fault.path, fault.keyword) not in self._keys:
                self._add_alternatives(fault)
                continue
            for path, text in fault_words(fault):
                self._add_once(path, fault.keyword, text)

    def _add_alternatives(self, fault: SchemaFault) -> None:
        meant = meant_alternative(fault)
        if meant:
            self.add_faults(meant)
        else:
            self._add_once(fault.path, fault.keyword, alternatives_words(fault))

    def _add_once(self, path: _Path, keyword: str, text: str) -> None:
        if (path, keyword) not in self._keys:
            self._keys.add((path, keyword))
            self._texts.append(text)


def are_enough(faulty: int) -> bool:
    """Whether so many faulty items of one list are told one by one that others only count."""
    return faulty > _MOST_ALIKE


def path_of(place: Place) -> tuple[str | int, ...]:
    """Return the way from the top to ``place``."""
    parts: list[str | int] = []
    while place is not None:
        place, part = place
        parts.append(part)
    return tuple(reversed(parts))


def meant_alternative(fault: SchemaFault) -> Sequence[SchemaFault]:
    """Return the faults of the one alternative that was meant, nothing when that is unclear.

    An alternative was not meant when the value is of another type, or when a fixed value of it,
    such as a ``kind``, is another.
    """
    meant = [branch for branch in fault.alternatives if not _is_other(branch, len(fault.path))]
    return meant[0] if len(meant) == 1 else ()


def _is_other(branch: Sequence[SchemaFault], depth: int) -> bool:
    return not branch or any(
        (fault.keyword == "type" and len(fault.path) == depth)
        or (fault.keyword in {"const", "enum"} and len(fault.path) <= depth + 1)
        for fault in branch
    )
