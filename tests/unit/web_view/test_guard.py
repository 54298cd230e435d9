"""Nobody without the token, and no other site, gets to the console."""

from collections.abc import AsyncIterator, Mapping

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer, unused_port

from harn_tui.web_view.guard import COOKIE, Guard

TOKEN = "a-secret"
Client = TestClient[web.Request, web.Application]


async def shell(_: web.Request) -> web.StreamResponse:
    return web.Response(text="a console")


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    """A client of an application behind the guard."""
    port = unused_port()
    hosts = frozenset({f"127.0.0.1:{port}", f"localhost:{port}"})
    app = web.Application(middlewares=[Guard(TOKEN, hosts).__call__])
    app.add_routes([web.get("/", shell), web.get("/ws", shell)])
    async with TestClient(TestServer(app, port=port)) as opened:
        yield opened


async def status(client: Client, path: str, **headers: str) -> int:
    async with client.get(path, headers=headers, allow_redirects=False) as response:
        return response.status


def with_cookie(token: str = TOKEN) -> Mapping[str, str]:
    return {"Cookie": f"{COOKIE}={token}"}


async def test_without_the_token_nothing_is_shown(client: Client) -> None:
    assert await status(client, "/") == 403
    assert await status(client, "/ws") == 403
    assert await status(client, "/?token=wrong") == 403
    assert await status(client, "/", **with_cookie("wrong")) == 403
    assert await status(client, "/", **with_cookie("")) == 403


async def test_the_token_becomes_a_cookie_and_leaves_the_address(client: Client) -> None:
    async with client.get(f"/?token={TOKEN}", allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (303, "/")
        cookie = response.headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
    assert await status(client, "/", **with_cookie()) == 200


async def test_the_token_opens_no_other_address_by_itself(client: Client) -> None:
    assert await status(client, f"/ws?token={TOKEN}") == 403


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", ""])
async def test_another_name_for_this_machine_is_refused(client: Client, host: str) -> None:
    assert await status(client, "/", **with_cookie(), Host=host) == 403


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
async def test_a_page_of_another_site_cannot_connect(client: Client, origin: str) -> None:
    assert await status(client, "/ws", **with_cookie(), Origin=origin) == 403


async def test_its_own_pages_can_connect(client: Client) -> None:
    origin = str(client.make_url("/")).rstrip("/")
    assert await status(client, "/ws", **with_cookie(), Origin=origin) == 200


async def test_odd_characters_in_the_token_are_refused_and_not_an_error(client: Client) -> None:
    assert await status(client, "/?token=%E2%82%AC%00") == 403
