"""All MCP servers of a session, through the process that talks to them."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from harn_tui.errors import ConfigError, ToolError
from harn_tui.kinds import NoticeLevel, OutputStream, ToolErrorCategory
from harn_tui.tools.base import Tool, ToolContext, ToolResult
from harn_tui.tools.mcp.server import McpStatus
from harn_tui.tools.mcp.servers import McpServers
from harn_tui.tools.mcp.settings import McpServerSettings
from harn_tui.tools.process_table import running_processes
from tests.architecture.source import REPOSITORY
from tests.support.mcp_http_stand_in import http_stand_in
from tests.support.mcp_stand_in import TOOLS
from tests.support.waiting import wait_until, wait_until_blocking
from tests.unit.tools.mcp.conftest import stand_in
from tests.unit.tools.processes import (
    child_processes,
    is_running,
    open_descriptors,
    wait_for_file,
)


@dataclass
class Session:
    """The servers of a session with what they have told; what tools print is in ``output``."""

    notices: list[tuple[NoticeLevel, str]] = field(default_factory=list)
    output: list[str] = field(default_factory=list)
    changes: int = 0
    other_children: set[int] = field(default_factory=child_processes)
    servers: McpServers = field(init=False)

    def open(self, *settings: McpServerSettings, reserved: tuple[str, ...] = ()) -> None:
        self.servers = McpServers(
            settings,
            on_change=self._count,
            on_notice=lambda level, text: self.notices.append((level, text)),
            reserved_names=reserved,
        )
        self.servers.start()

    async def start(self, *settings: McpServerSettings, reserved: tuple[str, ...] = ()) -> None:
        self.open(*settings, reserved=reserved)
        await self.servers.wait_started()

    def tool(self, name: str) -> Tool:
        return {tool.name: tool for tool in self.servers.current_tools()}[name]

    async def call(self, name: str, /, **arguments: Any) -> ToolResult:
        return await self.tool(name).run(arguments, self._context())

    async def text(self, name: str, /, **arguments: Any) -> str:
        return (await self.call(name, **arguments)).text

    async def failure(self, name: str) -> ToolError:
        with pytest.raises(ToolError) as caught:
            await self.call(name)
        return caught.value

    def host_pids(self) -> list[int]:
        """Return the processes that were started for this session and run now."""
        return sorted(child_processes() - self.other_children)

    def statuses(self) -> list[McpStatus]:
        return [state.status for state in self.servers.states()]

    def _count(self) -> None:
        self.changes += 1

    def _context(self) -> ToolContext:
        def show(text: str, _stream: OutputStream) -> None:
            self.output.append(text)

        return ToolContext("session", Path.cwd(), (Path.cwd(),), show)


@pytest.fixture
async def session() -> AsyncIterator[Session]:
    """Return a session whose servers are ended after the test."""
    opened = Session()
    yield opened
    await opened.servers.aclose()


async def test_servers_start_beside_each_other_and_one_that_fails_is_a_notice(
    session: Session, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    session.open(
        stand_in("--wait-for", str(go), "--tools", '["late"]', name="slow"),
        stand_in("--die-at-start", name="dead"),
        stand_in("--tools", '["echo", "fail"]', name="quick"),
    )
    assert session.servers.current_tools() == ()
    await wait_until(
        lambda: session.statuses() == [McpStatus.STARTING, McpStatus.FAILED, McpStatus.READY],
        what="one server ready and one failed",
    )
    assert [tool.name for tool in session.servers.current_tools()] == ["quick__echo", "quick__fail"]
    ((level, text),) = session.notices
    assert level is NoticeLevel.WARNING
    assert text == (
        "The MCP server dead could not be started: it ended with exit code 1: no good reason. "
        "The session goes on without its tools."
    )
    go.touch()
    await session.servers.wait_started()
    names = [tool.name for tool in session.servers.current_tools()]
    assert names == ["slow__late", "quick__echo", "quick__fail"]


async def test_a_tool_of_a_server_is_run_like_any_other(session: Session) -> None:
    await session.start(stand_in(name="git"))
    result = await session.call("git__echo", note="hi")
    assert result == ToolResult('{"note": "hi"}')
    failed = await session.call("git__fail")
    assert (failed.ok, failed.text) == (False, "it did not work")
    assert failed.category is ToolErrorCategory.TOOL_ERROR
    assert session.tool("git__echo").mcp_server == "git"


async def test_progress_is_shown_as_live_output(session: Session) -> None:
    await session.start(stand_in(name="git"))
    assert await session.text("git__progress") == "done"
    assert session.output == ["1/2 halfway\n"]


async def test_tools_2_2_a_server_that_dies_in_a_call_fails_the_call_and_comes_back_for_the_next(
    session: Session,
) -> None:
    await session.start(stand_in(name="git"))
    failure = await session.failure("git__die")
    assert failure.category is ToolErrorCategory.MCP_SERVER_ERROR
    assert failure.message == (
        "The MCP server git could not answer: it ended with exit code 3: going down."
    )
    assert session.statuses() == [McpStatus.ENDED]
    assert len(session.servers.current_tools()) == len(TOOLS)
    assert await session.text("git__echo") == "{}"
    reason = "it ended with exit code 3: going down"
    assert session.notices == [
        (
            NoticeLevel.WARNING,
            f"The MCP server git is gone: {reason}. It is started again when it is needed.",
        ),
        (NoticeLevel.INFO, "The MCP server git runs again."),
    ]


async def test_calls_to_a_server_that_has_ended_share_one_new_start(
    session: Session, tmp_path: Path
) -> None:
    pid_file = tmp_path / "pid"
    await session.start(stand_in("--pid-file", str(pid_file), name="git"))
    await session.failure("git__die")
    pids = await asyncio.gather(*(session.text("git__spawn") for _ in range(4)))
    assert len(set(pids)) == 4
    assert [level for level, _ in session.notices].count(NoticeLevel.INFO) == 1


async def test_a_server_that_cannot_be_started_again_is_tried_once_a_call(
    session: Session, tmp_path: Path
) -> None:
    script = tmp_path / "server"
    script.write_text(
        f"#!{sys.executable}\nimport runpy, sys\nrunpy.run_path({STAND_IN!r}, run_name='__main__')"
    )
    script.chmod(0o755)
    await session.start(McpServerSettings("git", (str(script),), cwd=tmp_path))
    await session.failure("git__die")
    script.rename(tmp_path / "gone")
    failure = await session.failure("git__echo")
    assert failure.category is ToolErrorCategory.MCP_SERVER_ERROR
    assert "there is no program" in failure.message
    assert session.statuses() == [McpStatus.FAILED]
    (tmp_path / "gone").rename(script)
    assert await session.text("git__echo") == "{}"


async def test_tools_7_3_a_call_of_a_forgotten_session_is_repeated_in_a_new_one(
    session: Session,
) -> None:
    with http_stand_in() as server:
        await session.start(McpServerSettings("web", url=server.url))
        server.forget_sessions = 1
        assert await session.text("web__say") == "hello"
        assert server.sessions == 2
        server.forget_sessions = 2
        failure = await session.failure("web__say")
        assert failure.category is ToolErrorCategory.MCP_SERVER_ERROR
        await session.servers.aclose()


async def test_tools_2_6_a_cancelled_call_is_cancelled_at_the_server(session: Session) -> None:
    await session.start(stand_in(name="git"))
    call = asyncio.create_task(session.call("git__hang"))
    assert await session.text("git__echo") == "{}"
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert len(json.loads(await session.text("git__cancelled"))) == 1


async def test_a_changed_list_makes_new_tools_and_leaves_an_older_snapshot_alone(
    session: Session,
) -> None:
    await session.start(stand_in("--tools", '["grow"]', name="git"))
    before, changes = session.servers.current_tools(), session.changes
    await session.call("git__grow", name="new one")
    await wait_until(lambda: len(session.servers.current_tools()) == 2, what="a second tool")
    assert session.changes > changes
    assert [tool.name for tool in session.servers.current_tools()] == ["git__grow", "git__new_one"]
    assert [tool.name for tool in before] == ["git__grow"]
    assert await session.text("git__new_one", note="x") == '{"note": "x"}'


async def test_resources_and_prompts_are_there_to_be_mentioned_and_called(
    session: Session,
) -> None:
    await session.start(stand_in("--extras", "the text", name="notes"), stand_in(name="git"))
    (resource,), (prompt,) = session.servers.resources(), session.servers.prompts()
    assert (resource.mention, resource.name) == ("notes:note://readme", "Read me")
    assert await session.servers.read_resource("notes", resource.uri) == "the text"
    assert prompt.command == "notes:greet"
    assert [(item.name, item.is_required) for item in prompt.arguments] == [("who", True)]
    assert await session.servers.get_prompt("notes", "greet", {"who": "Ada"}) == "Greet Ada."
    with pytest.raises(ToolError, match=r"no MCP server 'nots'. Known: notes, git"):
        await session.servers.read_resource("nots", resource.uri)


async def test_tools_odd_38_no_tool_of_a_server_is_called_like_another_tool(
    session: Session,
) -> None:
    names = '["log", "lo g", "lo.g"]'
    await session.start(stand_in("--tools", names, name="git"), reserved=("git__log",))
    found = [tool.name for tool in session.servers.current_tools()]
    assert len(set(found)) == 3
    assert "git__log" not in found
    assert {await session.text(name) for name in found} == {"{}"}


async def test_a_server_whose_variables_are_not_set_is_not_started(session: Session) -> None:
    await session.start(stand_in(name="git", missing_variables=("GIT_TOKEN", "GIT_USER")))
    ((_, text),) = session.notices
    assert "git could not be started: GIT_TOKEN, GIT_USER are not set" in text
    assert session.host_pids() == []


async def test_without_the_sdk_one_notice_says_what_to_install(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mcp.py").write_text("raise ImportError('there is no mcp here')")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{REPOSITORY}")
    await session.start(stand_in(name="git"), stand_in(name="time"))
    ((level, text),) = session.notices
    assert level is NoticeLevel.WARNING
    assert "pip install 'harn-console[mcp]'" in text
    assert "there is no mcp here" in text
    assert session.servers.current_tools() == ()


async def test_a_file_in_the_working_folder_is_not_taken_for_the_sdk(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mcp.py").write_text("raise ImportError('a trap')")
    monkeypatch.chdir(tmp_path)
    await session.start(stand_in(name="git"))
    assert session.notices == []


async def test_when_the_process_that_talks_to_servers_dies_all_come_back_on_demand(
    session: Session,
) -> None:
    await session.start(stand_in(name="git"), stand_in(name="time"))
    (pid,) = session.host_pids()
    os.kill(pid, signal.SIGKILL)
    await wait_until(
        lambda: session.statuses() == [McpStatus.ENDED, McpStatus.ENDED], what="the end of both"
    )
    assert len(session.notices) == 2
    texts = await asyncio.gather(session.text("git__echo"), session.text("time__echo"))
    assert set(texts) == {"{}"}
    assert len(session.host_pids()) == 1


async def test_tools_odd_38_closing_leaves_no_process_and_tells_nothing(
    session: Session, tmp_path: Path
) -> None:
    before = open_descriptors()
    pid_file = tmp_path / "pid"
    await session.start(stand_in("--pid-file", str(pid_file), name="git"))
    child = int(await session.text("git__spawn"))
    call = asyncio.create_task(session.call("git__hang"))
    await session.text("git__echo")
    await session.servers.aclose()
    with pytest.raises(ToolError):
        await call
    assert session.host_pids() == []
    assert not is_running(int(pid_file.read_text()))
    assert not is_running(child)
    assert session.notices == []
    assert open_descriptors() == before


async def test_servers_that_are_still_starting_can_be_closed(
    session: Session, tmp_path: Path
) -> None:
    pid_file = tmp_path / "pid"
    session.open(stand_in("--wait-for", "/never", "--pid-file", str(pid_file)))
    pid = int(await wait_for_file(pid_file))
    await session.servers.aclose()
    assert session.host_pids() == []
    assert not is_running(pid)
    assert session.notices == []


async def test_no_process_is_started_when_there_is_no_server(session: Session) -> None:
    await session.start()
    assert session.host_pids() == []
    assert session.servers.current_tools() == ()


def test_two_servers_of_one_name_are_refused() -> None:
    with pytest.raises(ConfigError, match="Two MCP servers are called git"):
        McpServers(
            [stand_in(name="git"), stand_in(name="git")],
            on_change=lambda: None,
            on_notice=lambda _level, _text: None,
        )


STAND_IN = str(REPOSITORY / "tests" / "support" / "mcp_stand_in.py")
CONSOLE = f"""
import asyncio, sys, time
from asyncio.events import Handle
from harn_tui.tools.mcp.servers import McpServers
from harn_tui.tools.mcp.settings import McpServerSettings

longest = 0.0
run = Handle._run
def measured(handle):
    global longest
    started = time.thread_time()
    run(handle)
    longest = max(longest, time.thread_time() - started)
Handle._run = measured

async def main():
    options = sys.argv[1:]
    settings = McpServerSettings("git", (sys.executable, "-I", {STAND_IN!r}, *options))
    servers = McpServers([settings], on_change=lambda: None, on_notice=lambda *_: None)
    servers.start()
    await servers.wait_started()
    await servers.read_resource("git", "note://readme")
    loaded = [name for name in sys.modules if name.split(".")[0] in ("mcp", "mcp_types", "httpx2")]
    print(len(servers.current_tools()), loaded, longest * 1000, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


def test_the_sdk_is_never_in_the_console_and_all_goes_when_the_console_is_killed(
    tmp_path: Path,
) -> None:
    """The event loop is not held for 5 ms by any step, a resource of 10 MB included."""
    pid_file = tmp_path / "pid"
    options = ("--pid-file", str(pid_file), "--extras", "10 MB")
    console = subprocess.Popen(
        [sys.executable, "-c", CONSOLE, *options],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )
    with console:
        assert console.stdout is not None
        count, loaded, longest_ms = console.stdout.readline().split(" ", 2)
        assert (int(count), loaded) == (len(TOOLS), "[]")
        assert float(longest_ms) < 5
        host = [row.pid for row in running_processes() if row.parent_pid == console.pid]
        assert len(host) == 1
        console.kill()
    server = int(pid_file.read_text())
    wait_until_blocking(
        lambda: not is_running(host[0]) and not is_running(server), what="the end of the rest"
    )


async def test_a_server_for_skills_is_started_and_offered_while_one_holds_it(
    session: Session,
) -> None:
    await session.start(
        stand_in("--tools", '["echo"]', name="always"),
        stand_in("--tools", '["echo"]', name="git", is_for_skills=True),
    )

    def names() -> set[str]:
        return {tool.name for tool in session.servers.current_tools()}

    assert names() == {"always__echo"}
    assert await session.servers.bind("git", "a") == ""
    assert await session.servers.bind("git", "b") == ""
    assert names() == {"always__echo", "git__echo"}
    session.servers.release("git", "a")
    assert names() == {"always__echo", "git__echo"}
    session.servers.release("git", "b")
    session.servers.release("git", "nobody")
    assert names() == {"always__echo"}
    assert await session.servers.bind("git", "a") == ""
    assert await session.text("git__echo") == "{}"


async def test_a_server_that_cannot_be_bound_says_why(session: Session) -> None:
    await session.start(stand_in("--die-at-start", name="dead", is_for_skills=True))
    assert session.notices == []
    assert "exit code" in await session.servers.bind("dead", "a")
    assert await session.servers.bind("x", "a") == "no MCP server of this name is configured"
