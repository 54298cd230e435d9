"""The skills and tools that a run begins with."""

from collections.abc import Sequence

from harn_tui.config.loop_options import NATIVE_TOOL_FORMAT, LoopOptions
from harn_tui.errors import ConfigError, LoopConfigError
from harn_tui.kinds import LEDGER_TOOL_NAME
from harn_tui.loop.config import LoopConfig
from harn_tui.loop.skill_phase import chosen_skills, skill_tool
from harn_tui.loop.state import LoopState
from harn_tui.skills.activity import SkillActivity
from harn_tui.skills.match_options import skill_match_options
from harn_tui.tools.base import Tool
from harn_tui.tools.tool_search.mode import ToolSearchMode, search_mode
from harn_tui.tools.tool_search.offering import ToolOffering
from harn_tui.tools.tool_search.options import ToolSearchOptions, tool_search_options


def begin_skills(config: LoopConfig) -> SkillActivity:
    """Return the skills of a run, none of them active yet.

    Raises LoopConfigError when ``skill_match`` has a wrong value.
    """
    try:
        options = skill_match_options(config.options.skill_match)
    except ConfigError as error:
        raise LoopConfigError(error.message, hint=error.hint) from error
    return SkillActivity(
        chosen_skills(config),
        options,
        context=config.skill_context,
        working_files=config.options.working_files,
        must_be_signed=config.must_skills_be_signed,
    )


def begin_tools(
    config: LoopConfig, skills: SkillActivity, more_tools: Sequence[Tool] = ()
) -> ToolOffering:
    """Return the tools of a run: ``load_skill`` first where there are skills.

    Of ``more_tools`` those count whose names are not taken: neither by one of the others, nor by
    the ledger or the search for tools. Raises LoopConfigError when
    ``tool_search`` does not go with the tools, model or format.
    """
    loader = skill_tool(skills, chosen_skills(config))
    own: tuple[Tool, ...] = () if loader is None or loader.name in config.tools else (loader,)
    tools = (*own, *config.tools)
    try:
        options = tool_search_options(config.options.tool_search)
        tools = (*tools, *_untaken(more_tools, tools, options))
        servers = {tool.name: tool.mcp_server for tool in tools if tool.mcp_server}
        return ToolOffering(tools, options, _mode(config, options), servers=servers)
    except ConfigError as error:
        raise LoopConfigError(error.message, hint=error.hint) from error


def _untaken(
    more_tools: Sequence[Tool], tools: Sequence[Tool], options: ToolSearchOptions | None
) -> tuple[Tool, ...]:
    taken = {LEDGER_TOOL_NAME, *(tool.name for tool in tools)}
    if options is not None:
        taken.add(options.name)
    free: dict[str, Tool] = {}
    for tool in more_tools:
        if tool.name not in taken:
            free.setdefault(tool.name, tool)
    return tuple(free.values())


def restore_tools(offering: ToolOffering, loaded: Sequence[str]) -> tuple[str, ...]:
    """Load again what searches had loaded; return the tools among them that are not there now."""
    offering.restore(loaded)
    known = {tool.name for tool in offering.tools}
    return tuple(name for name in loaded if name not in known)


def offer_tools(config: LoopConfig, state: LoopState) -> None:
    """Choose the tools of the next turn: what there is now, and of that what the skills leave.

    What searches have loaded stays loaded when tools come or go, and is loaded again when it was
    gone for a while.
    """
    if config.more_tools is not None:
        current = config.more_tools()
        if current is not state.more_tools:
            state.more_tools = current
            refit_tools(config, state)
    options = state.offering.options
    search = () if options is None else (options.name,)
    state.scope = state.skills.scope(system_tools=(LEDGER_TOOL_NAME, *search))
    state.offered = state.offering.offer(state.scope.allows)


def refit_tools(config: LoopConfig, state: LoopState) -> None:
    """Make the offer anew for the tools that there are now, or for another model.

    Raises LoopConfigError when ``tool_search`` does not go with them.
    """
    loaded = (*state.offering.promoted, *state.absent_tools)
    state.offering = begin_tools(config, state.skills, state.more_tools)
    state.absent_tools = restore_tools(state.offering, loaded)


def check_search(options: LoopOptions, *, model: str, has_native_tool_search: bool) -> None:
    """Raise LoopConfigError when ``tool_search`` does not go with the model."""
    try:
        search = tool_search_options(options.tool_search)
        _mode_of(options, search, model, has_native_tool_search)
    except ConfigError as error:
        raise LoopConfigError(error.message, hint=error.hint) from error


def _mode(config: LoopConfig, options: ToolSearchOptions | None) -> ToolSearchMode | None:
    return _mode_of(config.options, options, config.model, config.has_native_tool_search)


def _mode_of(
    loop: LoopOptions, options: ToolSearchOptions | None, model: str, exposes_native: bool
) -> ToolSearchMode | None:
    if options is None:
        return None
    return search_mode(
        options,
        model=model,
        exposes_native=exposes_native,
        is_native_tool_format=loop.tool_format == NATIVE_TOOL_FORMAT,
    )
