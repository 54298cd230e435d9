"""The skills that a session keeps from one run to the next, as names."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

_LOADED_MARK: Final = "load_skill:"


@dataclass(frozen=True, slots=True)
class SavedSkills:
    """Ids of skills. ``active`` were matched, ``loaded`` were asked for with ``load_skill``."""

    active: tuple[str, ...] = ()
    loaded: tuple[str, ...] = ()

    def as_names(self) -> tuple[str, ...]:
        """Return one list of names, those of loaded skills marked; no id has a colon."""
        return (*self.active, *(_LOADED_MARK + skill_id for skill_id in self.loaded))


def saved_skills(names: Iterable[str]) -> SavedSkills:
    """Return what ``SavedSkills.as_names`` made ``names`` of."""
    known = tuple(dict.fromkeys(names))
    return SavedSkills(
        active=tuple(name for name in known if not name.startswith(_LOADED_MARK)),
        loaded=tuple(
            name.removeprefix(_LOADED_MARK) for name in known if name.startswith(_LOADED_MARK)
        ),
    )
