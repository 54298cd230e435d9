"""Talk to model servers over HTTP, in streams and in plain JSON: the only file that knows httpx."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from harn_tui.errors import ProviderError
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import ProviderErrorCategory
from harn_tui.late_import import late_module
from harn_tui.providers.endpoint import Endpoint
from harn_tui.providers.error_body import ServerMessage, clean_text, message_in_body
from harn_tui.providers.error_category import category_of_response, category_of_stream_error
from harn_tui.providers.event_decoder import EventDecoder
from harn_tui.providers.retry_after import retry_after_seconds
from harn_tui.providers.sse import SseDecoder, SseEvent

if TYPE_CHECKING:
    import httpx
else:
    httpx = late_module("httpx")

_MAX_ERROR_BODY_BYTES = 64 * 1024
_MAX_JSON_BYTES = 8 * 1024 * 1024
_DRAIN_S = 0.2
"""How long the rest of a stream is read after the reply's end, to keep the connection usable."""

_Category = ProviderErrorCategory

_NOT_A_STREAM = ("application/json", "text/html")

_BASE_HEADERS = {
    # Compression would only delay small events.
    "Accept-Encoding": "identity",
    "Content-Type": "application/json",
    "User-Agent": "harn-tui",
}


class HttpStreamer:
    """One lazily built HTTP client of one provider, with every failure turned into ProviderError.

    ``timeout_s`` bounds connecting and each silence. ``secrets`` never appear in an error.
    ``auth_hint`` is what to do when the server refuses the key. ``new_decoder`` makes what cuts
    one response into events. ``transport`` replaces the network in tests.
    """

    def __init__(
        self,
        *,
        timeout_s: float,
        secrets: tuple[str, ...] = (),
        auth_hint: str | None = None,
        new_decoder: Callable[[], EventDecoder] = SseDecoder,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._timeout_s = timeout_s
        self._new_decoder = new_decoder
        self._secrets = tuple(secret for secret in secrets if secret)
        self._auth_hint = auth_hint
        self._transport = transport
        self._client: httpx.AsyncClient | None = None

    @asynccontextmanager
    async def stream_events(
        self,
        endpoint: Endpoint,
        headers: Mapping[str, str],
        json_body: JsonObject,
        *,
        timeout_s: float | None = None,
    ) -> AsyncIterator[AsyncIterator[SseEvent]]:
        """Send ``json_body`` and give the events of the response, whose headers said success.

        ``timeout_s`` replaces the streamer's own for this call. Leaving the context early closes
        the connection. Raises ProviderError before the context
        is entered when the request failed, and from the iterator when the stream breaks.
        """
        patience_s = self._timeout_s if timeout_s is None else timeout_s
        try:
            decoder = self._new_decoder()
            sent_headers = {"Accept": decoder.media_type, **headers}
            response = await self._send(endpoint, sent_headers, json_body, patience_s)
            try:
                await self._refuse_failure(response, endpoint)
                events = self._events(response, decoder, endpoint, patience_s)
                try:
                    yield events
                    await _drain(events)
                finally:
                    await events.aclose()
            finally:
                await response.aclose()
        except ProviderError as error:
            if any(secret in str(error) for secret in self._secrets):
                raise self._without_secrets(error) from None
            raise

    async def aclose(self) -> None:
        """Close the connections; the next call would build a new client."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _send(
        self,
        endpoint: Endpoint,
        headers: Mapping[str, str],
        json_body: JsonObject,
        patience_s: float,
    ) -> httpx.Response:
        client = await self._open_client()
        # A lone surrogate from an old log must not make the whole conversation unsendable.
        content = json.dumps(json_body, ensure_ascii=False, separators=(",", ":"))
        try:
            request = client.build_request(
                "POST",
                endpoint.url,
                headers={**_BASE_HEADERS, **headers},
                content=content.encode("utf-8", "replace"),
                timeout=httpx.Timeout(patience_s),
            )
            return await client.send(request, stream=True)
        except httpx.TransportError as error:
            raise self._network_error(error, endpoint, patience_s) from None
        except (httpx.InvalidURL, UnicodeError):
            raise _bad_url_error(endpoint) from None

    async def _open_client(self) -> httpx.AsyncClient:
        if self._client is None:
            try:
                # Loading the certificates takes about 0.2 s, which a screen would show as a stall.
                self._client = await asyncio.to_thread(
                    _build_client, self._timeout_s, self._transport
                )
            except (ImportError, ValueError, OSError) as error:
                raise ProviderError(
                    f"No HTTP client can be built: {clean_text(str(error), self._secrets)}",
                    category=ProviderErrorCategory.INVALID_REQUEST,
                    hint="Check HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and SSL_CERT_FILE in the"
                    " environment.",
                ) from None
        return self._client

    async def _refuse_failure(self, response: httpx.Response, endpoint: Endpoint) -> None:
        content_type = response.headers.get("content-type", "").lower()
        if response.is_success and not content_type.startswith(_NOT_A_STREAM):
            return
        message = message_in_body(await _read_bounded(response, _MAX_ERROR_BODY_BYTES))
        if response.is_success:
            raise self._no_stream_error(endpoint, content_type, message)
        raise self._status_error(response, endpoint, message)

    def _status_error(
        self, response: httpx.Response, endpoint: Endpoint, message: ServerMessage
    ) -> ProviderError:
        status = response.status_code
        category = category_of_response(status, message)
        detail = clean_text(message.text, self._secrets)
        if response.has_redirect_location:
            detail = "it redirects to " + clean_text(response.headers["location"], self._secrets)
        answer = f"{endpoint.host} answered {status} {response.reason_phrase}".rstrip()
        return ProviderError(
            f"{answer}: {detail}" if detail else f"{answer}.",
            category=category,
            status=status,
            retry_after_s=retry_after_seconds(response.headers, datetime.now(UTC)),
            hint=self._hint_for(category, endpoint, status),
        )

    def _hint_for(
        self, category: ProviderErrorCategory, endpoint: Endpoint, status: int
    ) -> str | None:
        if 300 <= status < 400:
            return "Set base_url to that address."
        if category is ProviderErrorCategory.AUTH:
            return self._auth_hint
        if category is ProviderErrorCategory.NOT_FOUND:
            return f"Check the model's name and base_url; the request went to {endpoint.url_shown}."
        if category is ProviderErrorCategory.QUOTA:
            return "Check the account's plan and billing; sending again will not help."
        return None

    def _no_stream_error(
        self, endpoint: Endpoint, content_type: str, message: ServerMessage
    ) -> ProviderError:
        detail = clean_text(message.text, self._secrets, limit=200)
        kind = content_type.partition(";")[0]
        sent = f" It sent: {detail}" if detail else ""
        category = ProviderErrorCategory.INVALID_RESPONSE
        if message.codes or message.status is not None:
            category = category_of_stream_error(message)
        return ProviderError(
            f"{endpoint.host} answered with {kind} instead of an event stream.{sent}",
            category=category,
            status=message.status,
            hint=f"Check base_url; the request went to {endpoint.url_shown}.",
        )

    async def _events(
        self,
        response: httpx.Response,
        decoder: EventDecoder,
        endpoint: Endpoint,
        patience_s: float,
    ) -> AsyncGenerator[SseEvent, None]:
        try:
            async for chunk in response.aiter_bytes():
                for event in decoder.feed(chunk):
                    yield event
            for event in decoder.finish():
                yield event
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise self._network_error(error, endpoint, patience_s, mid_stream=True) from None

    def _network_error(
        self,
        error: httpx.RequestError,
        endpoint: Endpoint,
        patience_s: float,
        *,
        mid_stream: bool = False,
    ) -> ProviderError:
        # The text of a protocol error may quote a header: it is shown for connecting only.
        host = endpoint.host
        if isinstance(error, httpx.ConnectError):
            reason = clean_text(str(error), self._secrets, limit=200) or "the connection failed"
            return ProviderError(
                f"Cannot connect to {host}: {reason}.",
                category=ProviderErrorCategory.TRANSIENT_NETWORK,
                hint=f"Check that the server at {host} runs, that base_url is right, and the"
                " network.",
            )
        if isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout):
            return _timeout_error(f"{host} did not accept a connection", patience_s)
        if isinstance(error, httpx.TimeoutException):
            return _timeout_error(f"{host} was silent", patience_s)
        if isinstance(error, httpx.UnsupportedProtocol | httpx.LocalProtocolError):
            return _bad_url_error(endpoint)
        what = "broke off its reply" if mid_stream else "closed the connection without an answer"
        return ProviderError(
            f"{host} {what} ({type(error).__name__}).",
            category=ProviderErrorCategory.TRANSIENT_NETWORK,
            hint="If it happens again, check the server's own log.",
        )

    def _without_secrets(self, error: ProviderError) -> ProviderError:
        return ProviderError(
            clean_text(error.message, self._secrets, limit=2000),
            category=error.category,
            status=error.status,
            retry_after_s=error.retry_after_s,
            hint=clean_text(error.hint, self._secrets) if error.hint else None,
        )


class JsonClient:
    """Asks a server for facts about itself, which it may well not have.

    ``transport`` replaces the network in tests.
    """

    def __init__(self, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._transport = transport
        self._client: httpx.AsyncClient | None = None

    async def fetch(
        self,
        url: str,
        headers: Mapping[str, str],
        *,
        timeout_s: float,
        json_body: JsonObject | None = None,
    ) -> JsonValue:
        """Return what ``ask`` does; ``None`` stands for every failure."""
        try:
            return await self.ask(url, headers, timeout_s=timeout_s, json_body=json_body)
        except ProviderError:
            return None

    async def ask(
        self,
        url: str,
        headers: Mapping[str, str],
        *,
        timeout_s: float,
        json_body: JsonObject | None = None,
    ) -> JsonValue:
        """Return the JSON at ``url``; a ``json_body`` is posted there, without one it is a GET.

        Raises ProviderError: for no connection (transient_network), no whole answer within
        ``timeout_s`` (timeout), no success, and what is no JSON or more than 8 MiB.
        """
        method = "GET" if json_body is None else "POST"
        host = urlsplit(url).netloc.rpartition("@")[2]
        status: int | None = None
        try:
            async with asyncio.timeout(timeout_s):
                if self._client is None:
                    self._client = await asyncio.to_thread(
                        _build_client, timeout_s, self._transport
                    )
                asked = self._client.stream(method, url, headers=headers, json=json_body)
                async with asked as response:
                    body = await _read_bounded(response, _MAX_JSON_BYTES)
                if response.is_success:
                    value: JsonValue = await asyncio.to_thread(json.loads, body)
                    return value
        except (TimeoutError, httpx.TimeoutException):
            reason, category = f"did not answer within {timeout_s:g} s", _Category.TIMEOUT
        except httpx.ConnectError:
            reason, category = "does not take a connection", _Category.TRANSIENT_NETWORK
        except (httpx.HTTPError, httpx.InvalidURL, ImportError, OSError, UnicodeError):
            reason, category = "cannot be asked", _Category.TRANSIENT_NETWORK
        except (RecursionError, ValueError):
            reason, category = "did not answer with JSON", _Category.INVALID_RESPONSE
        else:
            message = message_in_body(body)
            status = response.status_code
            reason = f"answered {status} {response.reason_phrase}".rstrip()
            category = category_of_response(status, message)
        raise ProviderError(f"{host} {reason}.", category=category, status=status)

    async def aclose(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()


def _build_client(
    timeout_s: float, transport: httpx.AsyncBaseTransport | None
) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        timeout=httpx.Timeout(timeout_s),
        transport=transport,
        # A redirect would carry the conversation to a host that nobody named.
        follow_redirects=False,
    )


async def _drain(events: AsyncIterator[SseEvent]) -> None:
    """Read what little follows the end marker, so that the connection can be used again."""
    with contextlib.suppress(ProviderError, TimeoutError):
        async with asyncio.timeout(_DRAIN_S):
            async for _ in events:
                continue


async def _read_bounded(response: httpx.Response, most_bytes: int) -> bytes:
    body = bytearray()
    try:
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) >= most_bytes:
                break
    except (httpx.TransportError, httpx.DecodingError):
        # The status alone says enough; what was read of the body is still worth showing.
        return bytes(body)
    return bytes(body[:most_bytes])


def _timeout_error(what: str, timeout_s: float) -> ProviderError:
    return ProviderError(
        f"{what} for {timeout_s:g} s.",
        category=ProviderErrorCategory.TIMEOUT,
        hint="Raise timeout_s when the model is slow to start.",
    )


def _bad_url_error(endpoint: Endpoint) -> ProviderError:
    return ProviderError(
        f"No request can be sent to {clean_text(endpoint.url_shown)!r}.",
        category=ProviderErrorCategory.INVALID_REQUEST,
        hint="base_url must look like http://localhost:8080/v1.",
    )
