"""The one answer to the question which tools can be called.

A turn takes it once, and request, prompt, reader of calls and dispatch all go by it. What a
search loads is kept here and stays loaded in the turns that follow.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from harn_tui.json_types import JsonObject
from harn_tui.kinds import SearchedBy
from harn_tui.tools.base import Tool, ToolResult
from harn_tui.tools.tool_search.candidates import search_candidate
from harn_tui.tools.tool_search.mode import ToolSearchMode
from harn_tui.tools.tool_search.options import Strategy, ToolSearchOptions, Variant, check_names
from harn_tui.tools.tool_search.promotions import Promotions, tool_tokens
from harn_tui.tools.tool_search.search import AskHost, SearchOutcome, search_tools
from harn_tui.tools.tool_search.search_tool import search_tool

InScope: TypeAlias = Callable[[str, str | None], bool]
"""Whether a tool with this name and namespace may be seen."""


def _everything(name: str, namespace: str | None) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class OfferedTools:
    """The tools of one turn, in the order of the request.

    Exactly ``tools`` can be called. Those of ``deferred_names`` travel with a mark by which the
    server keeps them back until its own search, of ``native_variant``, finds them.
    ``hidden_names`` can be found with the tool ``search_name`` and not be called before that;
    ``search_name`` is ``None`` when this program does not search.
    """

    tools: tuple[Tool, ...]
    search_name: str | None = None
    hidden_names: frozenset[str] = frozenset()
    native_variant: Variant | None = None
    deferred_names: frozenset[str] = frozenset()

    @property
    def names(self) -> frozenset[str]:
        """What can be called."""
        return frozenset(tool.name for tool in self.tools)

    def schemas(self) -> Mapping[str, JsonObject]:
        """Return the parameters of each tool that can be called, by name."""
        return {tool.name: tool.parameters for tool in self.tools}

    def get(self, name: str) -> Tool | None:
        """Return the tool called ``name`` if it can be called, else ``None``."""
        return next((tool for tool in self.tools if tool.name == name), None)

    def hint(self, name: str) -> str | None:
        """Return what to tell a model that called a tool before finding it, else ``None``."""
        if name not in self.hidden_names:
            return None
        return f"The tool {name!r} is not loaded yet. Find it with {self.search_name!r} first."


@dataclass(slots=True)
class ToolOffering:
    """The tools of a run, and what searches have loaded of them.

    ``options`` and ``mode`` are ``None`` when tool search is off: then every tool is offered.
    ``servers`` names the MCP server of each tool that comes from one. Raises ConfigError when
    options and tools do not go together.
    """

    tools: tuple[Tool, ...]
    options: ToolSearchOptions | None = None
    mode: ToolSearchMode | None = None
    ask_host: AskHost | None = None
    servers: Mapping[str, str] = field(default_factory=dict)
    _promotions: Promotions = field(init=False)

    def __post_init__(self) -> None:
        if self.options is not None:
            check_names(self.options, {tool.name: tool.defer_loading for tool in self.tools})
        budget = self.options.budget_tokens if self.options is not None else None
        sizes = {tool.name: tool_tokens(tool) for tool in self.tools if self._is_held_back(tool)}
        self._promotions = Promotions(sizes, budget)

    @property
    def promoted(self) -> tuple[str, ...]:
        """The tools that searches have loaded, the oldest first."""
        return self._promotions.names

    def restore(self, names: Iterable[str]) -> None:
        """Load again what an earlier run of the session had loaded, as far as it still can."""
        self._promotions.promote(names)

    def offer(self, is_in_scope: InScope = _everything) -> OfferedTools:
        """Return the tools of a turn; those out of scope are neither offered nor found."""
        options = self.options
        visible = [tool for tool in self.tools if is_in_scope(tool.name, tool.namespace)]
        if options is None:
            return OfferedTools(tuple(visible))
        held_back = {tool.name: tool for tool in visible if self._is_held_back(tool)}
        if self.mode is not ToolSearchMode.CLIENT:
            variant = options.variant if held_back else None
            return OfferedTools(
                tuple(visible), native_variant=variant, deferred_names=frozenset(held_back)
            )
        loaded = [held_back.pop(name) for name in self.promoted if name in held_back]
        eager = [tool for tool in visible if not self._is_held_back(tool)]
        if not held_back and not loaded:
            return OfferedTools(tuple(eager))
        findable = [*loaded, *held_back.values()]

        async def search(query: str) -> ToolResult:
            return await self._search(query, findable, options.strategy)

        tool = search_tool(options, tuple(held_back), search)
        return OfferedTools(
            (tool, *eager, *loaded), search_name=tool.name, hidden_names=frozenset(held_back)
        )

    def _is_held_back(self, tool: Tool) -> bool:
        if self.options is None:
            return False
        return tool.defer_loading and tool.name not in self.options.always_loaded

    async def _search(self, query: str, findable: list[Tool], strategy: Strategy) -> ToolResult:
        """Search, load what was found, and tell the model; ``details`` are for the events."""
        candidates = [search_candidate(tool, self.servers.get(tool.name)) for tool in findable]
        outcome = await search_tools(query, candidates, strategy, self.ask_host)
        promotion = self._promotions.promote(outcome.tool_names)
        told = _with_left_out(outcome, promotion.left_out)
        return ToolResult(
            told.text,
            details={
                "promoted": list(promotion.added),
                "tool_references": list(outcome.tool_names),
                "evicted": list(promotion.evicted),
                "strategy": strategy,
                "mode": SearchedBy.CLIENT.value,
            },
        )


def _with_left_out(outcome: SearchOutcome, left_out: tuple[str, ...]) -> SearchOutcome:
    if not left_out:
        return outcome
    notice = f"not loaded, there is no room for them: {', '.join(left_out)}"
    said = f"{outcome.diagnostic}; {notice}" if outcome.diagnostic else notice
    return replace(outcome, diagnostic=said)
