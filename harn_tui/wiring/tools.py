"""Chooses the tools of a session: built-in ones, plug-ins, and of both what is wanted."""

from dataclasses import dataclass

from harn_tui.config.schema import Configuration
from harn_tui.loop.sub_agents.run_agent_tool import RUN_AGENT
from harn_tui.tools.builtin import BuiltinServices, builtin_tools
from harn_tui.tools.plugin_tools import load_plugin_tools
from harn_tui.tools.registry import ToolRegistry
from harn_tui.wiring.session_request import SessionRequest
from harn_tui.wiring.wanted_tools import wanted_tools


@dataclass(frozen=True, slots=True)
class WiredTools:
    """``mcp_names`` are the only tools of MCP servers to offer, ``None`` for all of them."""

    tools: ToolRegistry
    mcp_names: frozenset[str] | None
    warnings: tuple[str, ...]


def wire_tools(
    request: SessionRequest,
    configuration: Configuration,
    services: BuiltinServices,
    *,
    is_trusted: bool,
) -> WiredTools:
    """Return the tools to offer; loads plug-ins, those of the folder only if it ``is_trusted``.

    Raises UsageError for a name that is none.
    """
    own = ToolRegistry([*builtin_tools(services), RUN_AGENT])
    plugins = load_plugin_tools(request.cwd, is_trusted=is_trusted, known=own.names)
    wanted = wanted_tools(request, configuration)
    return WiredTools(
        tools=wanted.narrowed(plugins.added_to(own)),
        mcp_names=wanted.mcp_names,
        warnings=tuple(notice.text for notice in plugins.notices),
    )
