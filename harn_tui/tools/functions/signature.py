"""The parameters of a function as a tool has them, and the call of it by their names."""

import inspect
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import UnionType
from typing import Any, Union

from harn_tui.errors import ToolDefinitionError
from harn_tui.tools.base import ToolContext

_Kind = inspect.Parameter


@dataclass(frozen=True, slots=True)
class FunctionParameter:
    """One parameter. ``default`` is ``inspect.Parameter.empty`` where there is none.

    ``is_context`` marks the one that gets the ToolContext, ``is_rest`` a ``**`` parameter.
    """

    name: str
    hint: object
    default: object
    is_context: bool = False
    is_rest: bool = False
    is_by_place: bool = False

    @property
    def is_required(self) -> bool:
        """Whether a call must have it."""
        return self.default is inspect.Parameter.empty and not self.is_rest


def read_parameters(function: Callable[..., object], where: str) -> list[FunctionParameter]:
    """Return the parameters of ``function``, each with its resolved type hint.

    Raises ToolDefinitionError for a parameter without a hint, a hint that cannot be resolved, and
    a ``*`` parameter, which no call by name can fill.
    """
    try:
        signature = inspect.signature(function)
        hints = typing.get_type_hints(_hinted(function), include_extras=True)
    except (NameError, TypeError, ValueError) as error:
        raise ToolDefinitionError(
            f"{where}: its type hints cannot be resolved: {error}.",
            hint="Name types that its module defines or imports.",
        ) from error
    return [_parameter(where, each, hints) for each in signature.parameters.values()]


def bound_call(
    function: Callable[..., Any],
    parameters: list[FunctionParameter],
    values: Mapping[str, object],
    context: ToolContext,
) -> Callable[[], Any]:
    """Return the call of ``function`` with ``values``, found by their names."""
    by_place: list[object] = []
    by_name: dict[str, object] = {}
    own = {parameter.name for parameter in parameters}
    for parameter in parameters:
        if parameter.is_rest:
            by_name |= {name: value for name, value in values.items() if name not in own}
            continue
        value = context if parameter.is_context else values.get(parameter.name, parameter.default)
        if parameter.is_by_place:
            by_place.append(value)
        elif value is not inspect.Parameter.empty:
            by_name[parameter.name] = value
    return partial(function, *by_place, **by_name)


def is_context_hint(hint: object) -> bool:
    """Whether a hint asks for the ToolContext."""
    if typing.get_origin(hint) in {Union, UnionType}:
        return ToolContext in typing.get_args(hint)
    return hint is ToolContext


def _hinted(function: Callable[..., object]) -> Callable[..., object]:
    """Return what carries the hints: of an object that can be called, its ``__call__``."""
    while isinstance(function, partial):
        function = function.func
    is_plain = inspect.isroutine(function) or inspect.isclass(function)
    return function if is_plain else type(function).__call__


def _parameter(where: str, parameter: _Kind, hints: Mapping[str, object]) -> FunctionParameter:
    name = parameter.name
    if parameter.kind is _Kind.VAR_POSITIONAL:
        raise ToolDefinitionError(
            f"{where}: *{name} has no names for its values.", hint=f"Accepted: {name}: list[…]."
        )
    if name not in hints:
        raise ToolDefinitionError(
            f"{where}: the parameter {name} has no type hint.", hint=f"Accepted: {name}: str, …"
        )
    return FunctionParameter(
        name=name,
        hint=hints[name],
        default=parameter.default,
        is_context=is_context_hint(hints[name]),
        is_rest=parameter.kind is _Kind.VAR_KEYWORD,
        is_by_place=parameter.kind is _Kind.POSITIONAL_ONLY,
    )
