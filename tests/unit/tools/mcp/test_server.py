"""One MCP server of the console, on a process that the test plays."""

import asyncio
from pathlib import Path
from typing import Any, cast

import pytest

from harn_tui.json_types import JsonObject
from harn_tui.kinds import NoticeLevel
from harn_tui.tools.mcp.host_process import HostProcess
from harn_tui.tools.mcp.host_words import HostMethod
from harn_tui.tools.mcp.server import McpServer, McpStatus
from harn_tui.tools.mcp.server_error import McpServerError
from harn_tui.tools.mcp.settings import McpServerSettings
from tests.support.waiting import wait_until


class Host:
    """Answers when ``may_answer`` is set, and refuses as many starts as ``failures`` say."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.asked: list[HostMethod] = []
        self.may_answer = asyncio.Event()

    async def request(self, method: HostMethod, params: JsonObject, on_progress: Any) -> JsonObject:
        self.asked.append(method)
        await self.may_answer.wait()
        if method is HostMethod.START and self.failures > 0:
            self.failures -= 1
            raise McpServerError("it does not start")
        return {"text": "answer"}


def server_on(host: Host, notices: list[str]) -> McpServer:
    def note(level: NoticeLevel, text: str) -> None:
        notices.append(text)

    async def running_host() -> HostProcess:
        return cast("HostProcess", host)

    return McpServer(
        McpServerSettings("played", ("none",), cwd=Path.cwd()),
        running_host=running_host,
        on_change=lambda: None,
        on_notice=note,
        reserved_names=frozenset(),
    )


async def test_who_comes_during_a_start_shares_how_it_ends() -> None:
    host, notices = Host(failures=1), list[str]()
    server = server_on(host, notices)
    first = asyncio.create_task(server.start())
    await wait_until(lambda: host.asked != [], what="the first start")
    others = [asyncio.create_task(server.start()), asyncio.create_task(server.read_resource("x"))]
    await asyncio.sleep(0)  # both have come, and wait
    host.may_answer.set()
    outcomes = await asyncio.gather(first, *others, return_exceptions=True)
    assert host.asked == [HostMethod.START]
    assert [type(outcome) for outcome in outcomes] == [McpServerError] * 3
    assert server.status is McpStatus.FAILED
    await server.start()  # whoever comes afterwards tries again
    assert host.asked == [HostMethod.START] * 2
    assert notices == ["The MCP server played runs again."]


async def test_a_start_that_is_interrupted_is_made_by_the_next_who_waits() -> None:
    host = Host(failures=0)
    server = server_on(host, [])
    first = asyncio.create_task(server.start())
    await wait_until(lambda: host.asked != [], what="the first start")
    second = asyncio.create_task(server.start())
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    host.may_answer.set()
    await second
    assert host.asked == [HostMethod.START] * 2
    assert server.status.value == "ready"
