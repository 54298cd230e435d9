"""From the records of a log to the skills and found tools that the next run goes on with.

An open session folds the same events as they happen, so a restart changes nothing.
"""

from collections.abc import Iterable, Mapping

from harn_tui.events.agent import (
    SkillActivated,
    SkillDeactivated,
    ToolCallUpdate,
    ToolSearchResult,
    TurnStart,
)
from harn_tui.events.host import LoopStart
from harn_tui.events.record import Event, Record
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import SearchedBy, ToolCallStatus
from harn_tui.skills.saved_skills import SavedSkills
from harn_tui.skills.scope import LOAD_SKILL_NAME


class InUseFold:
    """Folds events into what is in use at the end of a run, one at a time.

    A run announces the skills that it takes up anew, so its first turn settles which are left of
    those before it. A run that never came to a turn leaves them as they were.
    """

    def __init__(self) -> None:
        self._active: tuple[str, ...] = ()
        self._announced: list[str] = []
        self._loaded: dict[str, None] = {}
        self._found: list[str] = []
        self._search: tuple[str, JsonObject] | None = None
        """Model's id and details of the newest call that told what it had found."""

    @property
    def skills(self) -> tuple[str, ...]:
        """The names of the skills, as ``LoopRequest.skills_before`` takes them."""
        return SavedSkills(self._active, tuple(self._loaded)).as_names()

    @property
    def loaded_tools(self) -> tuple[str, ...]:
        """The tools that searches have loaded, the oldest first."""
        return tuple(self._found)

    def take(self, event: Event) -> None:
        """Fold one event; most leave everything as it is."""
        match event:
            case LoopStart():
                self._announced = []
            case SkillActivated(skill_name=name):
                self._announced = [*(n for n in self._announced if n != name), name]
            case SkillDeactivated(skill_name=name):
                self._announced = [n for n in self._announced if n != name]
            case TurnStart():
                self._active = tuple(self._announced)
            case ToolCallUpdate(status=ToolCallStatus.COMPLETED):
                self._take_result(event)
            case ToolSearchResult(mode=SearchedBy.CLIENT.value):
                self._take_search(event)

    def _take_result(self, event: ToolCallUpdate) -> None:
        output = event.raw_output
        details = output.get("details") if isinstance(output, Mapping) else None
        if not isinstance(output, Mapping) or not isinstance(details, Mapping):
            return
        skill = details.get("skill")
        skill_id = skill.get("skill_id") if isinstance(skill, Mapping) else None
        if event.tool_name == LOAD_SKILL_NAME and isinstance(skill_id, str):
            self._loaded.setdefault(skill_id)
        elif "tool_references" in details:
            self._search = (str(output.get("tool_use_id")), dict(details))

    def _take_search(self, event: ToolSearchResult) -> None:
        """Found tools count as loaded just now, those too that had been loaded before."""
        told, self._search = self._search, None
        details = told[1] if told is not None and told[0] == event.tool_use_id else {}
        gone = set(_names(details.get("evicted")))
        kept = [name for name in self._found if name not in gone]
        loaded = {*kept, *event.promoted}
        references = _names(details.get("tool_references")) or event.promoted
        newest = [name for name in dict.fromkeys(references) if name in loaded]
        self._found = [*(name for name in kept if name not in newest), *newest]


def fold_in_use(records: Iterable[Record]) -> InUseFold:
    """Return the fold of ``records``, to be gone on with."""
    fold = InUseFold()
    for record in records:
        fold.take(record.event)
    return fold


def _names(value: JsonValue) -> list[str]:
    return [name for name in value if isinstance(name, str)] if isinstance(value, list) else []
