"""Refuses a loop that could not run as configured, before its first event."""

from harn_tui.errors import LoopConfigError
from harn_tui.loop.config import NATIVE_TOOL_FORMAT, LoopConfig


def check_before_run(config: LoopConfig) -> None:
    """Raise LoopConfigError when an option asks for something that the loop cannot do."""
    options = config.options
    if options.tool_format != NATIVE_TOOL_FORMAT:
        raise LoopConfigError(
            f"Loop option `tool_format` is {options.tool_format!r}, which is not built yet.",
            hint=f"Use {NATIVE_TOOL_FORMAT!r}.",
        )
    known = set(config.tools.names)
    for option in ("stop_after_successful_tools", "require_successful_tools"):
        unknown = [name for name in getattr(options, option) if name not in known]
        if unknown and option == "require_successful_tools":
            raise LoopConfigError(
                f"Loop option `{option}` names {', '.join(unknown)}, which no tool is called.",
                hint=f"Tools of this run: {', '.join(sorted(known)) or 'none'}.",
            )
