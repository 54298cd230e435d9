"""Which tools a person wants to be offered, those of servers that have not started included."""

from dataclasses import dataclass

from harn_tui.config.schema import Configuration
from harn_tui.tools.registry import ToolRegistry
from harn_tui.wiring.session_request import SessionRequest

_SERVER_SEPARATOR = "__"


@dataclass(frozen=True, slots=True)
class WantedTools:
    """The wishes of configuration and command line, the wider one first.

    ``mcp_names`` are those that belong to a configured server, ``None`` for all; they are known
    only once it runs.
    """

    own_names: tuple[tuple[str, ...], ...]
    mcp_names: frozenset[str] | None

    def narrowed(self, tools: ToolRegistry) -> ToolRegistry:
        """Return the wanted ones of ``tools``. Raises UsageError for a name that is none."""
        for names in self.own_names:
            tools = tools.narrowed(names)
        return tools


def wanted_tools(request: SessionRequest, configuration: Configuration) -> WantedTools:
    """Return what ``tools.enabled`` leaves, and of that what the command line leaves."""
    servers = {entry.name for entry in configuration.mcp_servers}

    def is_served(name: str) -> bool:
        return name.partition(_SERVER_SEPARATOR)[0] in servers

    wishes = [names for names in (configuration.tools_enabled, request.tools) if names is not None]
    served = [frozenset(filter(is_served, names)) for names in wishes]
    return WantedTools(
        own_names=tuple(tuple(n for n in names if not is_served(n)) for names in wishes),
        mcp_names=frozenset.intersection(*served) if served else None,
    )
