"""Fetches one resource over HTTP, within limits; beside the providers the only file with httpx."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, TypeAlias

from harn_tui.errors import ToolError
from harn_tui.kinds import ToolErrorCategory
from harn_tui.late_import import import_now, late_module
from harn_tui.tools.readable import one_line
from harn_tui.tools.web.addresses import is_public
from harn_tui.tools.web.inflate import ENCODINGS, BoundedBody, InflateError

if TYPE_CHECKING:
    import httpx
else:
    httpx = late_module("httpx")

MAX_BYTES = 5 * 1024 * 1024
MAX_REDIRECTS = 5
MAX_URL_CHARACTERS = 8000
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_HEADERS = {
    "User-Agent": "harn-tui",
    "Accept": "text/html, text/*;q=0.9, application/json;q=0.9, */*;q=0.5",
    "Accept-Encoding": ", ".join(ENCODINGS),
}
_EVERY_HOST = "*"

LookUp: TypeAlias = Callable[[str, int], Awaitable[list[str]]]
"""Returns the addresses of a host, for a port. Raises OSError."""


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """``private_hosts`` are hosts, ``HOST`` or ``HOST:PORT``, whose addresses may be private.

    ``*`` in it allows every host. ``max_bytes`` counts what is decompressed.
    """

    private_hosts: tuple[str, ...] = ()
    max_bytes: int = MAX_BYTES
    max_redirects: int = MAX_REDIRECTS


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a server answered. ``url`` is where the last redirect led; header names are small."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    is_cut: bool
    redirects: int


async def look_up(host: str, port: int) -> list[str]:
    """Ask the system for the addresses of ``host``."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class PageFetcher:
    """Fetches pages without cookies, keys, or the proxies of the environment.

    Every address is looked up once, checked, and connected to as it was checked, so that a name
    cannot point elsewhere in between; each redirect counts as a new address. ``transport`` and
    ``look_up`` replace the network in tests.
    """

    def __init__(
        self,
        limits: FetchLimits,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        look_up: LookUp = look_up,
    ) -> None:
        self._limits = limits
        self._transport = transport
        self._look_up = look_up
        self._certificates: ssl.SSLContext | None = None

    async def fetch(self, address: str, timeout_s: float) -> Fetched:
        """Return what is at ``address``, all within ``timeout_s``. Raises ToolError."""
        await asyncio.to_thread(import_now, "httpx")
        url = _parsed(address)
        try:
            async with asyncio.timeout(timeout_s), self._open_transport() as transport:
                return await self._follow(transport, url)
        except TimeoutError:
            raise _timed_out(f"{_shown(url)} did not answer within {timeout_s:g} s") from None

    @asynccontextmanager
    async def _open_transport(self) -> AsyncIterator[httpx.AsyncBaseTransport]:
        if self._transport is not None:
            yield self._transport
            return
        if self._certificates is None:
            # Loading them takes about 0.2 s. SSL_CERT_FILE counts; proxies do not.
            try:
                self._certificates = await asyncio.to_thread(httpx.create_ssl_context)
            except OSError as error:
                raise ToolError(
                    f"The certificates of this system cannot be read: {error}.",
                    category=ToolErrorCategory.NETWORK,
                    hint="The person should check SSL_CERT_FILE and SSL_CERT_DIR.",
                ) from error
        async with httpx.AsyncHTTPTransport(verify=self._certificates, trust_env=False) as opened:
            yield opened

    async def _follow(self, transport: httpx.AsyncBaseTransport, url: httpx.URL) -> Fetched:
        for redirects in range(self._limits.max_redirects + 1):
            try:
                request = await self._pinned_request(url)
                response = await transport.handle_async_request(request)
                try:
                    target = response.headers.get("location")
                    if response.status_code not in _REDIRECTS or not target:
                        return await self._read(response, url, redirects)
                finally:
                    await response.aclose()
            except (httpx.TransportError, httpx.InvalidURL) as error:
                raise _network_error(url, error) from error
            url = _joined(url, target)
        raise ToolError(
            f"There were more than {self._limits.max_redirects} redirects, the last to"
            f" {_shown(url)}.",
            category=ToolErrorCategory.NETWORK,
        )

    async def _pinned_request(self, url: httpx.URL) -> httpx.Request:
        """Return a request that goes to a checked address and still names the host."""
        port = url.port or (443 if url.scheme == "https" else 80)
        address = await self._checked_address(url, port)
        return httpx.Request(
            "GET",
            url.copy_with(host=address),
            headers={**_HEADERS, "Host": url.netloc.decode("ascii")},
            extensions={"sni_hostname": _plain_host(url)},
        )

    async def _checked_address(self, url: httpx.URL, port: int) -> str:
        addresses = await self._addresses(url, port)
        if not self._may_be_private(_plain_host(url), port):
            # One that is not public is enough: which of them is used is nobody's choice.
            for address in addresses:
                if not is_public(address):
                    raise _private(url, address)
        return str(ip_address(addresses[0]))

    async def _addresses(self, url: httpx.URL, port: int) -> list[str]:
        host = _plain_host(url)
        with contextlib.suppress(ValueError):
            return [str(ip_address(host))]
        try:
            addresses = await self._look_up(host, port)
        except (OSError, UnicodeError) as error:
            raise ToolError(
                f"The name {url.host} cannot be looked up: {error}.",
                category=ToolErrorCategory.NETWORK,
                hint="Check the address.",
            ) from error
        if not addresses:
            raise ToolError(f"{url.host} has no address.", category=ToolErrorCategory.NETWORK)
        return addresses

    def _may_be_private(self, host: str, port: int) -> bool:
        name = host.lower().rstrip(".")
        shown = f"[{name}]" if ":" in name else name
        allowed = {entry.lower() for entry in self._limits.private_hosts}
        return bool(allowed & {_EVERY_HOST, name, shown, f"{shown}:{port}"})

    async def _read(self, response: httpx.Response, url: httpx.URL, redirects: int) -> Fetched:
        stream = response.stream
        assert isinstance(stream, httpx.AsyncByteStream)
        try:
            body = BoundedBody(response.headers.get("content-encoding", ""), self._limits.max_bytes)
            async for chunk in stream:
                await asyncio.to_thread(body.feed, chunk)
                if body.is_cut:
                    break
        except InflateError as error:
            raise ToolError(
                f"{_shown(url)}: {error}.", category=ToolErrorCategory.NETWORK
            ) from error
        return Fetched(
            url=str(url),
            status=response.status_code,
            headers={name.lower(): value for name, value in response.headers.items()},
            body=bytes(body.data),
            is_cut=body.is_cut,
            redirects=redirects,
        )


def _plain_host(url: httpx.URL) -> str:
    """Return the host as it is looked up: in ASCII, an IPv6 address without brackets."""
    return url.raw_host.decode("ascii").strip("[]")


def _parsed(address: str) -> httpx.URL:
    text = address.strip()
    if len(text) > MAX_URL_CHARACTERS:
        raise _bad_url(f"an address may have {MAX_URL_CHARACTERS} characters")
    try:
        url = httpx.URL(text)
        # A host that cannot be written in a request would fail later, less clearly.
        url.raw_host.decode("ascii")
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise _bad_url(f"{one_line(text, 200)!r} is no address: {error}") from error
    return _checked(url)


def _joined(url: httpx.URL, target: str) -> httpx.URL:
    try:
        return _checked(url.join(target).copy_with(fragment=None))
    except (httpx.InvalidURL, ValueError) as error:
        raise ToolError(
            f"{_shown(url)} redirects to what is no address: {one_line(target, 200)!r}.",
            category=ToolErrorCategory.NETWORK,
        ) from error


def _checked(url: httpx.URL) -> httpx.URL:
    if url.scheme not in {"http", "https"} or not url.host:
        raise _bad_url(f"{_shown(url)!r} is not an http or https address")
    if url.userinfo:
        raise _bad_url("an address may not hold a user name or password")
    return url


def _shown(url: httpx.URL) -> str:
    return one_line(str(url.copy_with(userinfo=b"")), 300)


def _bad_url(what: str) -> ToolError:
    return ToolError(
        f"parameter `url`: {what}.",
        category=ToolErrorCategory.SCHEMA_VALIDATION,
        hint="Give a complete address such as https://example.org/page.",
    )


def _private(url: httpx.URL, address: str) -> ToolError:
    where = address if address == url.host else f"{address}, the address of {url.host},"
    return ToolError(
        f"{_shown(url)} was not fetched: {where} is not a public address.",
        category=ToolErrorCategory.PERMISSION_DENIED,
        hint="The person can allow a host with fetch.private_hosts in the configuration.",
    )


def _timed_out(what: str) -> ToolError:
    return ToolError(
        f"{what}.", category=ToolErrorCategory.TIMEOUT, hint="Raise timeout_s, or try later."
    )


def _network_error(url: httpx.URL, error: Exception) -> ToolError:
    if isinstance(error, httpx.TimeoutException):
        return _timed_out(f"{_shown(url)} did not answer in time")
    reason = one_line(str(error), 200) or type(error).__name__
    return ToolError(
        f"{_shown(url)} cannot be fetched: {reason}.", category=ToolErrorCategory.NETWORK
    )
