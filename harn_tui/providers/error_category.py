"""Decide what class a server's error is of, by status and identifiers rather than by prose.

Scanning prose for numbers made a 400 that quoted "500" look like a server error (docs/loop.md,
oddity 10.7). Prose is only searched for the few phrases by which servers report an overflow.
"""

from typing import Final

from harn_tui.kinds import ProviderErrorCategory
from harn_tui.providers.error_body import ServerMessage

_Category = ProviderErrorCategory

_OF_STATUS: Final = {
    400: _Category.INVALID_REQUEST,
    401: _Category.AUTH,
    402: _Category.QUOTA,
    403: _Category.AUTH,
    404: _Category.NOT_FOUND,
    405: _Category.NOT_FOUND,
    408: _Category.TIMEOUT,
    410: _Category.NOT_FOUND,
    413: _Category.INVALID_REQUEST,
    422: _Category.INVALID_REQUEST,
    429: _Category.RATE_LIMIT,
    503: _Category.OVERLOADED,
    504: _Category.TIMEOUT,
    522: _Category.TIMEOUT,
    524: _Category.TIMEOUT,
    529: _Category.OVERLOADED,
}

_OF_CODE: Final = {
    "authentication_error": _Category.AUTH,
    "invalid_api_key": _Category.AUTH,
    "permission_error": _Category.AUTH,
    "not_found_error": _Category.NOT_FOUND,
    "model_not_found": _Category.NOT_FOUND,
    "timeout_error": _Category.TIMEOUT,
    "rate_limit_error": _Category.RATE_LIMIT,
    "rate_limit_exceeded": _Category.RATE_LIMIT,
    "overloaded_error": _Category.OVERLOADED,
    "unavailable_error": _Category.OVERLOADED,
    "api_error": _Category.SERVER_ERROR,
    "server_error": _Category.SERVER_ERROR,
    "internal_server_error": _Category.SERVER_ERROR,
    "invalid_request_error": _Category.INVALID_REQUEST,
    "invalid_prompt": _Category.INVALID_REQUEST,
}

_QUOTA_CODES: Final = ("insufficient_quota", "billing_hard_limit_reached", "billing_error")

_OVERFLOW_CODES: Final = (
    "context_length_exceeded",
    "exceed_context_size_error",
    "model_context_window_exceeded",
    "request_too_large",
)

_OVERFLOW_PHRASES: Final = (
    "maximum context length",
    "context length exceeded",
    "prompt is too long",
    "input is too long",
    "exceeds the context window",
    "exceeds the available context size",
    "exceeds the maximum number of tokens",
    "maximum prompt length is",
    "greater than the context length",
    "exceeds the context length",
    "context window exceeds limit",
    "exceeds model context window",
    "reduce the length of the messages",
    "the context size has been exceeded",
)

_NEVER_OVERFLOW: Final = frozenset({401, 402, 403, 404, 405})


def category_of_response(status: int, message: ServerMessage) -> ProviderErrorCategory:
    """Return the class of an error response with HTTP ``status`` (docs/loop.md, 7.2)."""
    if status not in _NEVER_OVERFLOW and is_context_overflow(message):
        return _Category.CONTEXT_OVERFLOW
    if 400 <= status < 500 and _is_quota(message):
        return _Category.QUOTA
    found = _OF_STATUS.get(status)
    if found is not None:
        return found
    return _Category.SERVER_ERROR if status >= 500 else _Category.GENERIC


def category_of_stream_error(message: ServerMessage) -> ProviderErrorCategory:
    """Return the class of an error that arrived within a stream, under HTTP status 200.

    Without any clue it is the server's fault: it had accepted the request.
    """
    if is_context_overflow(message):
        return _Category.CONTEXT_OVERFLOW
    if _is_quota(message):
        return _Category.QUOTA
    for code in sorted(message.codes):
        if code in _OF_CODE:
            return _OF_CODE[code]
    if message.status is not None:
        return category_of_response(message.status, message)
    return _Category.SERVER_ERROR


def is_context_overflow(message: ServerMessage) -> bool:
    """Whether the server says that the conversation does not fit the model's context."""
    text = message.text.lower()
    return any(code in message.codes or code in text for code in _OVERFLOW_CODES) or any(
        phrase in text for phrase in _OVERFLOW_PHRASES
    )


def _is_quota(message: ServerMessage) -> bool:
    text = message.text.lower()
    return (
        any(code in message.codes or code in text for code in _QUOTA_CODES)
        or "credit balance is too low" in text
    )
