"""Skill match: chooses the skills of a turn. Refused while it is not built."""

from harn_tui.errors import LoopConfigError
from harn_tui.loop.config import LoopConfig


def check_skill_match(config: LoopConfig) -> None:
    """Raise LoopConfigError when the loop is configured to match skills."""
    if config.options.skills:
        raise LoopConfigError(
            "Loop option `skills` is set, but skill matching is not built yet.",
            hint="Remove `skills` from the configuration.",
        )
