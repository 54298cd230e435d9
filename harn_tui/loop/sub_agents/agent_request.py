"""What a call of ``run_agent`` asks for."""

from dataclasses import dataclass

from harn_tui.errors import ToolError
from harn_tui.json_types import JsonObject
from harn_tui.kinds import ToolErrorCategory
from harn_tui.tools.readable import readable_name

LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class AgentRequest:
    """One task for a nested loop.

    ``name`` is one short line for people. ``tools`` are the only ones of the parent's that the
    nested loop gets, ``None`` for all of them and empty for none. ``max_iterations`` ``None``
    leaves the parent's bound.
    """

    task: str
    name: str
    tools: tuple[str, ...] | None = None
    max_iterations: int | None = None

    def as_json(self) -> JsonObject:
        """Return it as it stands in ``worker_update``."""
        return {
            "task": self.task,
            "name": self.name,
            "tools": None if self.tools is None else list(self.tools),
            "max_iterations": self.max_iterations,
        }


def read_agent_request(arguments: JsonObject) -> AgentRequest:
    """Return what validated ``arguments`` ask for; without a name the task gives one.

    Raises ToolError for a blank task.
    """
    task = readable_name(str(arguments.get("task", "")))
    if not task.strip():
        raise ToolError(
            "parameter `task` may not be blank.",
            category=ToolErrorCategory.SCHEMA_VALIDATION,
            hint="Say what the agent is to do and what it should report.",
        )
    name = readable_name(str(arguments.get("name") or ""))
    tools, limit = arguments.get("tools"), arguments.get("max_iterations")
    return AgentRequest(
        task=task,
        name=short_name(name) or short_name(task),
        tools=tuple(map(str, tools)) if isinstance(tools, list) else None,
        max_iterations=limit if isinstance(limit, int) else None,
    )


def short_name(text: str) -> str:
    """Return ``text`` as one line of at most ``LONGEST_NAME`` characters, cut between words."""
    words = " ".join(text[: 20 * LONGEST_NAME].split())
    if len(words) <= LONGEST_NAME:
        return words
    kept = words[: LONGEST_NAME - 1]
    return f"{kept.rsplit(' ', 1)[0] if ' ' in kept else kept}…"
