"""Carries MCP messages over streamable HTTP, with bounded answers and words for refusals."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus

import httpx2
from mcp.client import Transport
from mcp.client.streamable_http import streamable_http_client

from harn_tui.tools.mcp.host.message_lines import MOST_MESSAGE_BYTES

_CONNECT_TIMEOUT_S = 30.0
_REFUSALS = {
    HTTPStatus.UNAUTHORIZED: "; check its headers",
    HTTPStatus.FORBIDDEN: "; check its headers",
    HTTPStatus.NOT_FOUND: "; check its url",
}


class _TooLargeError(httpx2.StreamError):
    """An answer that is larger than what is kept; a kind of error that the SDK gets over."""


class _BoundedStream(httpx2.AsyncByteStream):
    """The body of a JSON answer up to the size of the largest message."""

    def __init__(self, inner: httpx2.AsyncByteStream) -> None:
        self._inner = inner

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for data in self._inner:
            size += len(data)
            if size > MOST_MESSAGE_BYTES:
                raise _TooLargeError(
                    f"the answer has more than {MOST_MESSAGE_BYTES // 2**20} MiB; ask for less"
                )
            yield data

    async def aclose(self) -> None:
        """Close the body."""
        await self._inner.aclose()


class HttpAnswers:
    """Watches the answers of one server: bounds their bodies, remembers the last refusal."""

    def __init__(self) -> None:
        self.refusal: HTTPStatus | int | None = None
        """The status of the newest answer when that was an error, else ``None``."""

    def refusal_words(self) -> str | None:
        """Say what the server last answered, ``None`` unless that was an error."""
        status = self.refusal
        if status is None:
            return None
        if not isinstance(status, HTTPStatus):
            return f"it answered {status}"
        return f"it answered {status.value} {status.phrase}{_REFUSALS.get(status, '')}"

    async def take(self, response: httpx2.Response) -> None:
        """Look at an answer before its body is read; raises for one in a compressed form.

        Compression was not asked for, and a small body could unpack to anything.
        """
        if response.request.method == "POST":
            self.refusal = _status(response.status_code) if response.is_error else None
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            raise _TooLargeError("it answers in a compressed form that was not asked for")
        is_event_stream = response.headers.get("content-type", "").startswith("text/event-stream")
        if not is_event_stream and isinstance(response.stream, httpx2.AsyncByteStream):
            response.stream = _BoundedStream(response.stream)


@asynccontextmanager
async def open_http_transport(
    url: str, headers: Mapping[str, str], answers: HttpAnswers
) -> AsyncIterator[Transport]:
    """Yield the transport to the server at ``url``; ``headers`` go with every request to it.

    A redirect to another host is not followed, so they go nowhere else.
    """
    async with httpx2.AsyncClient(
        headers={"Accept-Encoding": "identity", **headers},
        # A stream of changes may be silent for hours; each request has a limit of its own.
        timeout=httpx2.Timeout(_CONNECT_TIMEOUT_S, read=None),
        event_hooks={"response": [answers.take]},
    ) as client:
        yield streamable_http_client(url, http_client=client, max_sse_event_size=MOST_MESSAGE_BYTES)


def _status(code: int) -> HTTPStatus | int:
    try:
        return HTTPStatus(code)
    except ValueError:
        return code
