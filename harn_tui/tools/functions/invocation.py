"""Runs a function of a tool: one that is asynchronous here, any other in a thread."""

import asyncio
import inspect
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from harn_tui.kinds import OutputStream
from harn_tui.tools.base import ToolContext, ToolResult
from harn_tui.tools.functions.own_thread import call_in_own_thread
from harn_tui.tools.functions.result_text import tool_result


async def invoke(
    function: Callable[..., Any],
    bind: Callable[[ToolContext], Callable[[], Any]],
    context: ToolContext,
    *,
    name: str,
    must_convert: bool,
) -> ToolResult:
    """Return the result of one call.

    ``bind`` returns the call of ``function`` for a context, its arguments converted, which may
    look at the disk when it ``must_convert`` any. An error of the function is raised as it is.
    """
    thread = f"tool {name}"
    if is_asynchronous(function):
        bound = partial(bind, context)
        call = await call_in_own_thread(bound, name=thread) if must_convert else bound()
        value = await call()
    else:
        shared = replace(context, on_output=_from_thread(context.on_output))

        def work() -> Any:
            return bind(shared)()

        value = await call_in_own_thread(work, name=thread)
        if inspect.isawaitable(value):
            value = await value
    return tool_result(value)


def is_asynchronous(function: Callable[..., Any]) -> bool:
    """Whether a call of ``function`` returns what must be awaited."""
    while isinstance(function, partial):
        function = function.func
    called = getattr(function, "__call__", None)  # noqa: B004 - the method is looked at, not called
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(called)


def _from_thread(
    on_output: Callable[[str, OutputStream], None],
) -> Callable[[str, OutputStream], None]:
    """Return ``on_output`` for a thread: what it says arrives in order, before the result."""
    loop = asyncio.get_running_loop()

    def tell(text: str, stream: OutputStream) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(on_output, text, stream)

    return tell
