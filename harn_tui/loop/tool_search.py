"""Tool search: offers tools on demand. Refused while it is not built."""

from harn_tui.errors import LoopConfigError
from harn_tui.loop.config import LoopConfig


def check_tool_search(config: LoopConfig) -> None:
    """Raise LoopConfigError when the loop is configured to search for tools."""
    if config.options.tool_search is not None:
        raise LoopConfigError(
            "Loop option `tool_search` is set, but tool search is not built yet.",
            hint="Remove `tool_search` from the configuration.",
        )
