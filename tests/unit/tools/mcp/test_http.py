"""MCP servers that are reached over streamable HTTP, and the newer era of the protocol."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harn_tui.kinds import ToolErrorCategory
from harn_tui.tools.mcp.host.message_lines import MOST_MESSAGE_BYTES
from harn_tui.tools.mcp.host_words import HostEvent
from harn_tui.tools.mcp.server_error import McpServerError
from harn_tui.tools.mcp.settings import McpServerSettings
from tests.support import mcp_sdk_server
from tests.support.mcp_http_stand_in import HttpStandIn, http_stand_in
from tests.support.server_process import free_port, running_server
from tests.support.waiting import wait_until
from tests.unit.tools.mcp.conftest import Connect


def sdk_server(*options: str) -> Callable[[int], list[str]]:
    return lambda port: [sys.executable, mcp_sdk_server.__file__, "http", str(port), *options]


def over_http(url: str, **headers: str) -> McpServerSettings:
    return McpServerSettings("web", url=url, headers=headers)


@pytest.fixture
def stand_in() -> Iterator[HttpStandIn]:
    with http_stand_in() as server:
        yield server


@pytest.fixture(scope="module")
def sdk_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("sdk")
    with running_server(sdk_server(), health_path="/health", folder=folder) as url:
        yield f"{url}/mcp"


async def test_a_server_over_http_is_listed_and_answers(connect: Connect, sdk_url: str) -> None:
    server = await connect(over_http(sdk_url))
    assert server.names()[:3] == ["add", "repeat", "grow"]
    answer = await server.call("add", a=2, b=40)
    assert (answer["text"], answer["details"]) == ("42", {"structured_content": {"result": 42}})


async def test_a_large_answer_over_http_is_cut(connect: Connect, sdk_url: str) -> None:
    server = await connect(over_http(sdk_url))
    text = await server.text("repeat", text="0123456789", times=500_000)
    assert "bytes cut from the middle" in text


async def test_a_changed_list_of_the_newer_era_is_read_again(
    connect: Connect, sdk_url: str
) -> None:
    for settings in (
        over_http(sdk_url),
        McpServerSettings("pipe", (sys.executable, mcp_sdk_server.__file__, "stdio")),
    ):
        server = await connect(settings)
        name = f"new_{settings.name}"
        assert await server.text("grow", name=name) == "grown"
        await wait_until(
            lambda server=server, name=name: name in server.names(),  # type: ignore[misc]
            what="a listing with the new tool",
        )


async def test_a_server_that_wants_another_token_is_told_in_words(
    connect: Connect, tmp_path: Path
) -> None:
    command = sdk_server("right-token-1")
    with running_server(command, health_path="/health", folder=tmp_path) as url:
        server = await connect(over_http(f"{url}/mcp", Authorization="Bearer right-token-1"))
        assert await server.text("add", a=1, b=1) == "2"
        with pytest.raises(McpServerError) as caught:
            await connect(over_http(f"{url}/mcp", Authorization="Bearer wrong-token-1"))
        assert caught.value.message == "it answered 401 Unauthorized; check its headers"


async def test_an_address_where_nobody_listens_is_a_reason(connect: Connect) -> None:
    with pytest.raises(McpServerError, match="connection attempts failed"):
        await connect(over_http(f"http://127.0.0.1:{free_port()}/mcp"))


async def test_a_server_that_went_away_has_seen_nothing_of_the_next_call(
    connect: Connect, tmp_path: Path
) -> None:
    with running_server(sdk_server(), health_path="/health", folder=tmp_path) as url:
        server = await connect(over_http(f"{url}/mcp"))
        assert await server.text("add", a=1, b=1) == "2"
    with pytest.raises(McpServerError) as caught:
        await server.text("add", a=1, b=1)
    assert caught.value.may_repeat
    assert caught.value.category is ToolErrorCategory.MCP_SERVER_ERROR
    assert "connection" in await server.ended()


async def test_tools_7_3_a_forgotten_session_ends_the_connection_and_allows_to_repeat(
    connect: Connect, stand_in: HttpStandIn
) -> None:
    server = await connect(over_http(stand_in.url))
    assert await server.text("say") == "hello"
    stand_in.forget_sessions = 1
    with pytest.raises(McpServerError, match="forgotten the session") as caught:
        await server.text("say")
    assert caught.value.may_repeat
    await server.ended()


async def test_headers_go_with_every_request_and_their_values_never_come_back(
    connect: Connect, stand_in: HttpStandIn
) -> None:
    stand_in.text = "you sent Bearer abc-123-secret"
    server = await connect(over_http(stand_in.url, Authorization="Bearer abc-123-secret"))
    assert await server.text("say") == "you sent [redacted]"
    assert all(sent["Authorization"] == "Bearer abc-123-secret" for sent in stand_in.headers)


async def test_an_answer_over_http_that_is_too_large_is_refused_and_the_server_goes_on(
    connect: Connect, stand_in: HttpStandIn
) -> None:
    server = await connect(over_http(stand_in.url))
    stand_in.text = "x" * (MOST_MESSAGE_BYTES + 1)
    with pytest.raises(McpServerError, match="more than 16 MiB; ask for less"):
        await server.text("say")
    stand_in.text = "short"
    assert await server.text("say") == "short"


async def test_an_answer_in_a_compressed_form_is_refused(
    connect: Connect, stand_in: HttpStandIn
) -> None:
    stand_in.compresses = True
    with pytest.raises(McpServerError, match="compressed form"):
        await connect(over_http(stand_in.url))


async def test_a_server_over_http_has_tools_only(connect: Connect, stand_in: HttpStandIn) -> None:
    server = await connect(over_http(stand_in.url))
    assert list(server.listings) == [HostEvent.TOOLS]
