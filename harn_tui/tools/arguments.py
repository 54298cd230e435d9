"""Checks the arguments of a call against a tool's schema, and reads them with their types."""

import asyncio
from collections.abc import Mapping
from typing import Final

from harn_tui.errors import ToolError
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import ToolErrorCategory
from harn_tui.tools.argument_reader import ArgumentReader
from harn_tui.tools.argument_words import must_be, type_name
from harn_tui.tools.base import Tool
from harn_tui.tools.json_schema import (
    DEEPEST_VALUE,
    CompiledSchema,
    has_more_items,
    is_nested_deeper,
)

_MOST_ITEMS_AT_ONCE: Final = 2_000


def validate_arguments(tool: Tool, arguments: JsonValue) -> JsonObject:
    """Return ``arguments`` as the tool takes them.

    Other names of parameters are replaced by the tool's own, defaults filled in, and text that
    spells a number or a flag is turned into one when that makes it fit. ``null`` counts as missing
    where the schema does not accept it. Raises ToolError (``schema_validation``) that lists every
    problem by the name of its parameter, so that a model can correct all of them in one go.
    """
    if not isinstance(arguments, dict):
        problem = f"arguments must be an object, not {type_name(arguments)}"
        raise _schema_error(tool, [problem])
    if is_nested_deeper(arguments, DEEPEST_VALUE):
        problem = f"the arguments are nested more than {DEEPEST_VALUE} levels deep"
        raise _schema_error(tool, [problem])
    named = _with_own_names(arguments, tool.annotations.arg_aliases)
    try:
        return _read(tool, named)
    except ValueError as error:
        raise _schema_error(tool, [f"the arguments cannot be checked: {error}"]) from error


async def validated_arguments(tool: Tool, arguments: JsonValue) -> JsonObject:
    """Do what ``validate_arguments`` does, for large arguments in a thread."""
    if has_more_items(arguments, _MOST_ITEMS_AT_ONCE):
        return await asyncio.to_thread(validate_arguments, tool, arguments)
    return validate_arguments(tool, arguments)


def _read(tool: Tool, arguments: JsonObject) -> JsonObject:
    schema = CompiledSchema(tool.parameters)
    if schema.fits(arguments):
        read = ArgumentReader(tool.parameters, must_convert=False).read(arguments)
        return read if schema.fits(read) else arguments
    reader = ArgumentReader(tool.parameters, must_convert=True)
    read = reader.read(arguments)
    if schema.fits(read):
        return read
    reader.problems.add_faults(schema.faults(read))
    raise _schema_error(tool, reader.problems.texts)


def _with_own_names(arguments: JsonObject, aliases: Mapping[str, str]) -> JsonObject:
    """Return ``arguments`` under the tool's own names; what has its own name already stays."""
    if aliases.keys().isdisjoint(arguments):
        return arguments
    named: JsonObject = {}
    for name, value in arguments.items():
        own = aliases.get(name, name)
        named[name if own in arguments or own in named else own] = value
    return named


def text_argument(arguments: JsonObject, name: str, default: str | None = None) -> str:
    """Return the string parameter ``name``; raises ToolError when it is not one."""
    value = arguments.get(name)
    value = default if value is None else value
    if not isinstance(value, str):
        raise _wrong_argument(name, "a string", value)
    return value


def integer_argument(arguments: JsonObject, name: str, default: int) -> int:
    """Return the integer parameter ``name``, or ``default`` when it is missing."""
    value = arguments.get(name)
    value = default if value is None else value
    if isinstance(value, bool) or not isinstance(value, int):
        raise _wrong_argument(name, "an integer", value)
    return value


def number_argument(arguments: JsonObject, name: str, default: float) -> float:
    """Return the number parameter ``name``, or ``default`` when it is missing."""
    value = arguments.get(name)
    value = default if value is None else value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong_argument(name, "a number", value)
    return float(value)


def flag_argument(arguments: JsonObject, name: str) -> bool:
    """Return the boolean parameter ``name``, false when it is missing."""
    value = arguments.get(name)
    value = False if value is None else value
    if not isinstance(value, bool):
        raise _wrong_argument(name, "true or false", value)
    return value


def _wrong_argument(name: str, wanted: str, value: JsonValue) -> ToolError:
    if value is None:
        message = f"missing required parameter `{name}`"
    else:
        message = must_be([name], wanted, value)
    return ToolError(message, category=ToolErrorCategory.SCHEMA_VALIDATION)


def _schema_error(tool: Tool, problems: list[str]) -> ToolError:
    return ToolError(
        f"{tool.name}: {'; '.join(problems)}.",
        category=ToolErrorCategory.SCHEMA_VALIDATION,
        hint="Correct the arguments and call the tool again.",
    )
