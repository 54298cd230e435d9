"""Checks tools, policies and system prompt against each other before a session begins."""

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from harn_tui.config.schema import Configuration
from harn_tui.errors import ConfigError
from harn_tui.kinds import LEDGER_TOOL_NAME
from harn_tui.permissions.globs import glob_matches
from harn_tui.skills.scope import LOAD_SKILL_NAME
from harn_tui.tools.base import Tool
from harn_tui.tools.surface_data import surface_policy
from harn_tui.tools.surface_diagnostics import (
    SurfaceReport,
    ToolSurface,
    surface_report,
)
from harn_tui.tools.surface_tool import surface_tool

log = logging.getLogger("tool_surface.validate")

_ANSWERED_BY_THE_LOOP: Final = frozenset({LEDGER_TOOL_NAME, LOAD_SKILL_NAME})


def check_tool_surface(tools: Iterable[Tool], configuration: Configuration, prompt: str) -> None:
    """Log what is odd about the surface (docs/tools.md 1.8).

    Raises ConfigError with code and message for the first finding that keeps a loop from
    starting.
    """
    report = _report(tools, configuration, prompt)
    for found in report.diagnostics:
        log.warning("%s %s", found.code.value, found.message)
    error = report.first_error
    if error is not None:
        raise ConfigError(
            f"{error.code.value}: {error.message}.",
            hint="Leave the tool out with tools.enabled or policy.tools, or change the policy.",
        )


def late_tools_check(
    own: Iterable[Tool], configuration: Configuration, prompt: str
) -> Callable[[Sequence[Tool]], tuple[str, ...]]:
    """Return the check of tools that come later, beside the session's ``own``.

    It logs what is odd about them and returns it, in words; the policy holds at each call.
    """
    begun_with = tuple(own)

    def check(late: Sequence[Tool]) -> tuple[str, ...]:
        names = {tool.name for tool in late}
        report = _report((*begun_with, *late), configuration, prompt)
        odd = [found for found in report.diagnostics if found.tool in names]
        for found in odd:
            log.warning("%s %s", found.code.value, found.message)
        return tuple(found.message for found in odd)

    return check


def _report(tools: Iterable[Tool], configuration: Configuration, prompt: str) -> SurfaceReport:
    tables = configuration.policies
    policy = surface_policy(tables.get("policy", {}), tables.get("approval", {}), glob_matches)
    return surface_report(
        ToolSurface(
            tools=tuple(surface_tool(tool, policy) for tool in tools),
            matches=glob_matches,
            policy=policy,
            prompts=(prompt,),
            has_tool_search="tool_search" in configuration.loop,
            further_names=_ANSWERED_BY_THE_LOOP,
        )
    )
