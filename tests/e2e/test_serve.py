"""The console in a browser: what a page does, by its own protocol."""

import asyncio
import re
import signal
import subprocess
from collections.abc import Iterator

import aiohttp
import pytest
from aiohttp.test_utils import unused_port

from tests.e2e.conftest import Desk
from tests.support.reply_script import Reply
from tests.support.streaming_server import StreamingServer
from tests.support.terminal import harn_tui


@pytest.fixture
def address(desk: Desk, server: StreamingServer) -> Iterator[str]:
    """Where a running server can be entered; it offers consoles on the scripted model."""
    options = ["--", "--base-url", server.base_url, "--model", "m"]
    serving = subprocess.Popen(
        harn_tui("serve", "--port", str(unused_port()), *options),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=desk.environment(),
        cwd=desk.folder,
    )
    assert serving.stdout is not None
    found = re.search(r"http://\S+", serving.stdout.readline())
    assert found, serving.stdout.read()
    yield found.group()
    serving.send_signal(signal.SIGINT)
    serving.wait(20)
    serving.stdout.close()


async def open_page(browser: aiohttp.ClientSession, address: str) -> str:
    """Enter as a person does, with the token; return the page."""
    while True:
        try:
            async with browser.get(address) as response:
                assert response.status == 200
                return await response.text()
        except aiohttp.ClientConnectorError:
            await asyncio.sleep(0.05)


async def read_until(page: aiohttp.ClientWebSocketResponse, text: bytes) -> None:
    seen = b""
    async with asyncio.timeout(40):
        while text not in seen:
            message = await page.receive()
            assert message.type in {aiohttp.WSMsgType.BINARY, aiohttp.WSMsgType.TEXT}, message
            if message.type is aiohttp.WSMsgType.BINARY:
                seen += message.data


async def test_a_page_is_a_console_of_its_own(
    address: str, desk: Desk, server: StreamingServer
) -> None:
    server.enqueue(Reply.text("heard-you"))
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as browser:
        html = await open_page(browser, address)
        assert "token" not in html
        url = address.split("?", maxsplit=1)[0].replace("http", "ws") + "ws?width=100&height=30"
        async with browser.ws_connect(url, origin=address.split("/?", maxsplit=1)[0]) as page:
            await read_until(page, b"What shall be done?")
            await page.send_json(["stdin", "hello from a page"])
            await read_until(page, b"page")
            await page.send_json(["stdin", "\r"])
            await read_until(page, b"heard-you")
    assert "hello from a page" in server.requests[0].text()


async def test_a_page_without_the_token_is_refused(address: str) -> None:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
        await open_page(browser, address)
        browser.cookie_jar.clear()
        async with browser.get(address.split("?", maxsplit=1)[0]) as response:
            assert response.status == 403
            assert "harn-tui serve" in await response.text()
