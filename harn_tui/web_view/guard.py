"""Lets nobody but the person who started the server reach the console in the browser.

A console in a browser is a shell on this machine, so every request must carry a secret. It comes
once in the address that the server prints and is kept in a cookie that no script can read. The
name in the request must be one of the server's own, which keeps other sites' names from being
pointed at it, and a page of another site cannot open the connection.
"""

import hmac
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web

COOKIE = "harn_tui_token"
TOKEN_PARAMETER = "token"

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_REFUSAL = "Open the address that `harn-tui serve` printed: it holds the token for this browser.\n"


class Guard:
    """A middleware for one token. ``own_hosts`` are what may stand in the Host header."""

    def __init__(self, token: str, own_hosts: frozenset[str]) -> None:
        self._token = token
        self._own_hosts = own_hosts

    @web.middleware
    async def __call__(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        """Answer the request when it may be answered, else with 403."""
        if not self._is_for_us(request):
            return web.Response(status=403, text=_REFUSAL)
        given = request.query.get(TOKEN_PARAMETER)
        if given is not None and self._is_token(given) and request.path == "/":
            return self._welcome()
        if not self._is_token(request.cookies.get(COOKIE, "")):
            return web.Response(status=403, text=_REFUSAL)
        return await handler(request)

    def _welcome(self) -> web.Response:
        """Keep the token in a cookie and out of the address, which browsers remember and show."""
        response = web.Response(status=303, headers={"Location": "/"})
        response.set_cookie(COOKIE, self._token, httponly=True, samesite="Strict")
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    def _is_for_us(self, request: web.Request) -> bool:
        origin = request.headers.get("Origin")
        hosts = [request.host, *([urlsplit(origin).netloc] if origin else [])]
        return all(host in self._own_hosts for host in hosts)

    def _is_token(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), self._token.encode())
