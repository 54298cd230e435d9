"""Which tools the skills in use leave callable.

It holds wherever tools matter: in the request, in the prompt, for the reader of calls, and when
a call is about to run (docs/skills.md).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from harn_tui.skills.skill import Skill
from harn_tui.skills.skill_fields import EVERY_TOOL, NAMESPACE_PREFIX

LOAD_SKILL_NAME: Final = "load_skill"
SYSTEM_PREFIX: Final = "__harn_"


@dataclass(frozen=True, slots=True)
class ToolScope:
    """The tools that may be seen and called; immutable, so that it holds for a whole turn.

    ``entries`` are those of ``allowed_tools`` of all skills in use, ``None`` when nothing is
    narrowed. ``system_tools`` are visible in any scope.
    """

    entries: tuple[str, ...] | None = None
    system_tools: frozenset[str] = frozenset()

    @property
    def is_open(self) -> bool:
        """Whether every tool is allowed."""
        return self.entries is None

    def allows(self, tool_name: str, namespace: str | None = None) -> bool:
        """Whether a tool with this name and namespace may be seen and called."""
        if self.entries is None or tool_name in self.entries:
            return True
        if namespace and NAMESPACE_PREFIX + namespace in self.entries:
            return True
        is_system = tool_name == LOAD_SKILL_NAME or tool_name.startswith(SYSTEM_PREFIX)
        return is_system or tool_name in self.system_tools

    def refusal(self, tool_name: str) -> str:
        """Return what to tell a model that calls a tool outside the scope."""
        allowed = ", ".join(self.entries or ())
        return (
            f"The active skills do not allow {tool_name!r}. They allow: {allowed}."
            " Use one of these, or load a skill that allows it."
        )


def tool_scope(skills: Iterable[Skill], *, system_tools: Iterable[str] = ()) -> ToolScope:
    """Return the scope of ``skills``: all that any of them allows.

    Nothing is narrowed when none of them lists tools, or when one allows every tool.
    ``system_tools`` are names that no scope hides, beside ``load_skill`` and the runtime's own.
    """
    entries = tuple(dict.fromkeys(entry for skill in skills for entry in skill.allowed_tools))
    is_narrowed = bool(entries) and EVERY_TOOL not in entries
    return ToolScope(entries if is_narrowed else None, frozenset(system_tools))
