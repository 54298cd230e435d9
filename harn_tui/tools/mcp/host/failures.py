"""Finds the words for what went wrong with a server in what the SDK raises."""

import httpx2
from mcp import MCPError
from pydantic import ValidationError

from harn_tui.tools.mcp.server_error import McpServerError
from harn_tui.tools.readable import one_line, readable_name

_SHOWN_CHARACTERS = 500


def reason_of(error: BaseException) -> str:
    """Return why something failed, on one line, without a full stop."""
    cause = _first_cause(error)
    if isinstance(cause, McpServerError):
        return cause.message
    if isinstance(cause, MCPError):
        return _shown(f"it answered with the error {cause.code}: {cause.message}")
    if isinstance(cause, ValidationError):
        return _shown(f"it sent something that the protocol does not allow: {_first_fault(cause)}")
    if isinstance(cause, TimeoutError):
        return "it did not answer in time"
    return _shown(str(cause) or type(cause).__name__)


def was_never_sent(error: BaseException) -> bool:
    """Whether the server surely saw nothing of the request, because it was not reached."""
    unreached = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
    return isinstance(_first_cause(error), unreached)


def _first_cause(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _first_fault(error: ValidationError) -> str:
    fault = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(map(str, fault["loc"]))
    return f"{place}: {fault['msg']}" if place else fault["msg"]


def _shown(text: str) -> str:
    return one_line(readable_name(text), _SHOWN_CHARACTERS).rstrip(".")
