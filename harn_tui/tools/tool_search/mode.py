"""Decides who searches: the model's server or this program."""

from enum import StrEnum

from harn_tui.errors import ConfigError
from harn_tui.tools.tool_search.options import ToolSearchOptions


class ToolSearchMode(StrEnum):
    """``NATIVE``: the server searches and loads. ``CLIENT``: this program does both."""

    NATIVE = "native"
    CLIENT = "client"


def search_mode(
    options: ToolSearchOptions,
    *,
    model: str,
    exposes_native: bool,
    is_native_tool_format: bool = True,
    is_forced: bool = False,
) -> ToolSearchMode:
    """Return the mode that ``options`` mean for a model.

    ``exposes_native`` tells whether the model's server is known to search; ``is_forced`` is a
    person's word that it does. Calls that are written as text exclude it, because a server
    loads its own kind of tools only. Raises ConfigError when native search is demanded in vain.
    """
    if options.mode == "client":
        return ToolSearchMode.CLIENT
    if not is_native_tool_format:
        if options.mode == "native":
            raise ConfigError(
                'Native tool search needs native tool calls, and `tool_format` is "text".',
                hint='Set `tool_search.mode` to "client".',
            )
        return ToolSearchMode.CLIENT
    if exposes_native or is_forced:
        return ToolSearchMode.NATIVE
    if options.mode == "native":
        raise ConfigError(
            f"The model {model!r} with this provider does not expose native tool search.",
            hint='Set `tool_search.mode` to "client".',
        )
    return ToolSearchMode.CLIENT
