"""Refuses a loop that could not run as configured, before its first event."""

import logging
import math
from collections.abc import Collection
from dataclasses import fields

from harn_tui.config.loop_options import LoopOptions
from harn_tui.errors import LoopConfigError
from harn_tui.permissions.globs import glob_matches
from harn_tui.providers.base import ModelFacts
from harn_tui.skills.skill_set import SkillSet
from harn_tui.tools.json_schema import check_schema

log = logging.getLogger(__name__)


def check_options(options: LoopOptions, tool_names: Collection[str]) -> None:
    """Raise LoopConfigError when an option asks for something that the loop cannot do."""
    _check_output_schema(options)
    _check_tool_timeouts(options)
    missing = [name for name in options.require_successful_tools if name not in tool_names]
    if missing:
        raise LoopConfigError(
            f"Loop option `require_successful_tools` names {', '.join(missing)}, and there is no "
            "such tool in this run.",
            hint=f"Tools of this run: {', '.join(sorted(tool_names)) or 'none'}.",
        )
    for name in options.stop_after_successful_tools:
        if name not in tool_names:
            log.warning("stop_after_successful_tools names no tool of this run name=%s", name)


def check_model_facts(facts: ModelFacts) -> None:
    """Raise LoopConfigError when budgets and costs could not be reckoned with ``facts``."""
    for item in fields(ModelFacts):
        try:
            value = getattr(facts, item.name)
            is_amount = value is None or (math.isfinite(value) and value >= 0)
        except Exception as error:
            # boundary: a program's own facts; whatever is wrong with one, it cannot be used
            raise _no_fact(item.name, f"{type(error).__name__}: {error}") from error
        if not is_amount:
            raise _no_fact(item.name, repr(value))


def _no_fact(name: str, reason: str) -> LoopConfigError:
    return LoopConfigError(
        f"The model fact `{name}` cannot be used: {reason}.",
        hint="Give a number of at least 0, or leave it out.",
    )


def check_skills(options: LoopOptions, skills: SkillSet) -> None:
    """Raise LoopConfigError when an option names a skill that was not found."""
    known = {name for skill in skills for name in (skill.skill_id, skill.name)}
    missing = [name for name in options.skills if name not in known]
    if missing:
        raise LoopConfigError(
            f"Loop option `skills` names {', '.join(missing)}, and there is no such skill.",
            hint=f"Skills that were found: {', '.join(sorted(known)) or 'none'}.",
        )


def _check_tool_timeouts(options: LoopOptions) -> None:
    for pattern in options.tool_timeouts or {}:
        try:
            glob_matches(pattern, "")
        except ValueError as error:
            raise LoopConfigError(
                f"Loop option `tool_timeouts`: {pattern!r} is no pattern: {error}.",
                hint="Name a tool, or write a glob such as `github__*`.",
            ) from error


def _check_output_schema(options: LoopOptions) -> None:
    if options.output_schema is None:
        return
    try:
        check_schema(options.output_schema)
    except ValueError as error:
        raise LoopConfigError(
            f"Loop option `output_schema` is no JSON Schema: {error}.",
            hint="Correct it, or leave it out.",
        ) from error
