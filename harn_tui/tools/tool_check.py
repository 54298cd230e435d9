"""Refuses tools that no model could be offered, before any request has them in it."""

import json
import math
import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

from harn_tui.errors import ToolDefinitionError
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.tools.base import Tool
from harn_tui.tools.json_schema import check_schema

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


def check_tool(tool: Tool) -> None:
    """Raise ToolDefinitionError when ``tool`` cannot be offered; names it and what is accepted.

    The name must be one that every API takes, ``parameters`` a JSON Schema of type ``object``
    that refers to nothing outside of it, and annotations must speak of parameters that there are.
    """
    if not _NAME.fullmatch(tool.name):
        raise ToolDefinitionError(
            f"A tool cannot be called {tool.name!r:.80}.",
            hint="Accepted are 1 to 64 letters, digits, `_` and `-`.",
        )
    _check_parameters(tool.name, tool.parameters)
    _check_annotations(tool)
    _check_time_limit(tool.name, tool.timeout_s)


def check_tools(tools: Iterable[Tool]) -> None:
    """Raise ToolDefinitionError for the first of ``tools`` that cannot be offered."""
    for tool in tools:
        check_tool(tool)


def _check_parameters(name: str, parameters: JsonValue) -> None:
    where = f"The parameters of the tool {name}"
    if not isinstance(parameters, dict) or parameters.get("type") != "object":
        raise ToolDefinitionError(
            f"{where} are no JSON Schema of type object.",
            hint='Accepted: {"type": "object", "properties": {…}}.',
        )
    try:
        check_schema(parameters)
        json.dumps(parameters, allow_nan=False)
    except (ValueError, TypeError, RecursionError) as error:
        raise ToolDefinitionError(f"{where} are no JSON Schema: {error}.") from error


def _check_annotations(tool: Tool) -> None:
    known = parameter_names(tool.parameters)
    if tool.parameters.get("additionalProperties") is not False:
        return
    annotations = tool.annotations
    for field, names in (
        ("path_params", annotations.path_params),
        ("arg_aliases", annotations.arg_aliases.values()),
    ):
        for name in names:
            if name not in known:
                close = get_close_matches(name, known, n=1)
                guess = f"Did you mean {close[0]}? " if close else ""
                raise ToolDefinitionError(
                    f"{field} of the tool {tool.name} names {name!r}, which is no parameter of it.",
                    hint=f"{guess}Parameters: {', '.join(known) or 'none'}.",
                )


def _check_time_limit(name: str, limit_s: object) -> None:
    if limit_s is None:
        return
    is_flag = isinstance(limit_s, bool)
    if is_flag or not isinstance(limit_s, int | float) or not 0 < limit_s < math.inf:
        raise ToolDefinitionError(
            f"The tool {name}: `timeout_s` cannot be {limit_s!r:.80}.",
            hint="Accepted: a number of seconds greater than 0, or nothing.",
        )


def parameter_names(parameters: JsonObject) -> list[str]:
    """Return the names of the parameters that a schema knows."""
    properties = parameters.get("properties")
    return list(properties) if isinstance(properties, dict) else []
