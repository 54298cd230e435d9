"""Which names are meant by lists of globs, and what is left when two such lists must both agree.

No list means every name, an empty list means none. That the two differ is what keeps the common
part of two lists without a common name from becoming unlimited.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from harn_tui.permissions.globs import glob_matches


@dataclass(frozen=True, slots=True)
class GlobScope:
    """The names that match a glob of each group; without a group every name."""

    groups: tuple[tuple[str, ...], ...] = ()

    @classmethod
    def of(cls, globs: Iterable[str] | None) -> "GlobScope":
        """Return the scope of one list of globs, of every name for ``None``."""
        return cls() if globs is None else cls((tuple(globs),))

    @property
    def is_limited(self) -> bool:
        """Whether there is a list at all."""
        return bool(self.groups)

    @property
    def globs(self) -> tuple[str, ...]:
        """All globs, for messages."""
        return tuple(dict.fromkeys(glob for group in self.groups for glob in group))

    def has(self, name: str) -> bool:
        """Whether ``name`` is meant."""
        return all(any(glob_matches(glob, name) for glob in group) for group in self.groups)

    def narrowed(self, other: "GlobScope") -> "GlobScope":
        """Return the scope of the names that both mean."""
        return GlobScope(tuple(dict.fromkeys((*self.groups, *other.groups))))


EVERYTHING = GlobScope()
"""The scope that limits nothing."""
