"""Serves the console to browsers: one console process for each page that is open."""

import secrets
import shlex
import socket
from collections.abc import Sequence
from urllib.parse import urlencode

from aiohttp import web
from textual_serve.server import Server

from harn_tui.errors import HarnError
from harn_tui.web_view.guard import TOKEN_PARAMETER, Guard

LOOPBACK_HOST = "127.0.0.1"
_TOKEN_BYTES = 24


class ConsoleServer(Server):
    """The server of textual-serve behind a guard; ``entry_address`` holds the token."""

    def __init__(self, command: Sequence[str], host: str, port: int) -> None:
        """``command`` starts a console; it is run once for every page."""
        shown_host = f"[{host}]" if ":" in host else host
        super().__init__(
            shlex.join(command),
            host=host,
            port=port,
            title="harn-tui",
            public_url=f"http://{shown_host}:{port}",
        )
        self._token = secrets.token_urlsafe(_TOKEN_BYTES)
        names = {shown_host, "localhost"} if host in {LOOPBACK_HOST, "::1"} else {shown_host}
        self._own_hosts = frozenset(f"{name}:{port}" for name in names)

    @property
    def entry_address(self) -> str:
        """What a person opens in a browser of theirs, once."""
        return f"{self.public_url}/?{urlencode({TOKEN_PARAMETER: self._token})}"

    def initialize_logging(self) -> None:
        """Leave logging to the program."""

    async def on_startup(self, app: web.Application) -> None:
        """Say nothing: the command line has printed the address."""

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()
        app.middlewares.append(Guard(self._token, self._own_hosts).__call__)
        return app


def check_port(host: str, port: int) -> None:
    """Raise HarnError when nothing can listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise HarnError(
                f"Nothing can listen on {host}:{port}: {error.strerror}.",
                hint="Choose another port: harn-tui serve --port 8124.",
            ) from error
