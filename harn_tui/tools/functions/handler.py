"""Calls the handler of a tool that is defined as plain data.

A handler may take the arguments as one table, or one by one under the names of the tool's
parameters (tools oddity 35); a parameter with the hint ToolContext gets that.
"""

import inspect
from collections.abc import Callable, Collection
from typing import Any, Final

from harn_tui.errors import ToolDefinitionError
from harn_tui.json_types import JsonObject
from harn_tui.tools.base import ToolContext, ToolFunction, ToolResult
from harn_tui.tools.functions.invocation import invoke
from harn_tui.tools.functions.signature import FunctionParameter, bound_call, is_context_hint

_Kind: Final = inspect.Parameter
_CONTEXT_NAME: Final = ToolContext.__name__


def handler_runner(name: str, handler: Callable[..., Any], known: Collection[str]) -> ToolFunction:
    """Return what runs ``handler``; ``known`` are the parameters of the tool ``name``.

    Raises ToolDefinitionError for one that takes several values of other names.
    """
    parameters = _parameters(handler)
    own = [each for each in parameters if not each.is_context and not each.is_rest]
    strangers = [each.name for each in own if each.name not in known]
    takes_table = len(own) == 1 and bool(strangers) and not any(e.is_rest for e in parameters)
    if not takes_table and any(each.is_required for each in own if each.name in strangers):
        raise ToolDefinitionError(
            f"The handler of the tool {name} wants {', '.join(strangers)}, which the tool does not "
            "have.",
            hint=f"Accepted: one table, or parameters of the tool: {', '.join(known) or 'none'}.",
        )

    async def run(arguments: JsonObject, context: ToolContext) -> ToolResult:
        values = {own[0].name: arguments} if takes_table else arguments

        def bind(context: ToolContext) -> Callable[[], Any]:
            return bound_call(handler, parameters, values, context)

        return await invoke(handler, bind, context, name=name, must_convert=False)

    return run


def _parameters(handler: Callable[..., Any]) -> list[FunctionParameter]:
    try:
        signature = inspect.signature(handler)
    except (TypeError, ValueError):  # some built-in functions have none: they get the table
        return [FunctionParameter("arguments", object, _Kind.empty, is_by_place=True)]
    return [
        FunctionParameter(
            name=each.name,
            hint=each.annotation,
            default=each.default,
            is_context=is_context_hint(each.annotation) or _names_context(each.annotation),
            is_rest=each.kind is _Kind.VAR_KEYWORD,
            is_by_place=each.kind is _Kind.POSITIONAL_ONLY,
        )
        for each in signature.parameters.values()
        if each.kind is not _Kind.VAR_POSITIONAL
    ]


def _names_context(hint: object) -> bool:
    """Whether an annotation that is still text names the ToolContext."""
    return isinstance(hint, str) and hint.split("|")[0].strip().endswith(_CONTEXT_NAME)
