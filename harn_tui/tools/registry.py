"""The tools of one session, in order and by name."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches

from harn_tui.errors import ToolError, UsageError
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import ToolErrorCategory
from harn_tui.tools.annotations import lay_over
from harn_tui.tools.base import Tool


class ToolRegistry:
    """An ordered set of tools.

    Of two tools with one name the later replaces the earlier and takes its own, later place
    (docs/tools.md 1.1).
    """

    def __init__(self, tools: Iterable[Tool] = ()) -> None:
        self._tools: dict[str, Tool] = {}
        for tool in tools:
            self._tools.pop(tool.name, None)
            self._tools[tool.name] = tool

    def __iter__(self) -> Iterator[Tool]:
        return iter(self._tools.values())

    def __len__(self) -> int:
        return len(self._tools)

    def __contains__(self, name: object) -> bool:
        return name in self._tools

    @property
    def names(self) -> tuple[str, ...]:
        """The names in order."""
        return tuple(self._tools)

    def get(self, name: str) -> Tool | None:
        """Return the tool called ``name``, or ``None``."""
        return self._tools.get(name)

    def require(self, name: str) -> Tool:
        """Return the tool called ``name``.

        Raises ToolError (``permission_denied``, docs/tools.md 2.2) that tells a model which
        tools there are.
        """
        tool = self._tools.get(name)
        if tool is None:
            raise ToolError(
                f"There is no tool named {name!r}.",
                category=ToolErrorCategory.PERMISSION_DENIED,
                hint=self._advice(name),
            )
        return tool

    def narrowed(self, names: Iterable[str]) -> "ToolRegistry":
        """Return a registry with only the named tools, in the order of this one.

        Raises UsageError that lists the known names when one is unknown.
        """
        wanted = tuple(names)
        for name in wanted:
            if name not in self._tools:
                raise UsageError(f"There is no tool named {name!r}.", hint=self._advice(name))
        return ToolRegistry(tool for tool in self if tool.name in wanted)

    def with_tools(self, tools: Iterable[Tool]) -> "ToolRegistry":
        """Return a registry with ``tools`` added at the end."""
        return ToolRegistry([*self, *tools])

    def without(self, names: Iterable[str]) -> "ToolRegistry":
        """Return a registry without the named tools; names that it does not have are no matter."""
        gone = frozenset(names)
        return ToolRegistry(tool for tool in self if tool.name not in gone)

    def with_annotations(self, said: Mapping[str, JsonValue]) -> "ToolRegistry":
        """Return a registry in which what a policy says of tools lies over what they say.

        ``said`` is annotations as plain data by name of a tool (tools oddity 7); other names are
        no matter. Raises ToolDefinitionError that names the key and what is accepted.
        """
        return ToolRegistry(
            replace(tool, annotations=lay_over(tool.annotations, tool.name, said[tool.name]))
            if tool.name in said
            else tool
            for tool in self
        )

    def schemas(self) -> tuple[tuple[str, str, JsonObject], ...]:
        """Return name, description and parameters of each tool, as a model is told of it."""
        return tuple((tool.name, tool.description, tool.parameters) for tool in self)

    def _advice(self, name: str) -> str:
        close = get_close_matches(name, self._tools, n=1)
        guess = f"Did you mean {close[0]}? " if close else ""
        return f"{guess}Known tools: {', '.join(self._tools) or 'none'}."
