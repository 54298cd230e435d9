"""MCP servers that nobody here wrote: three of npm, four of PyPI, and one of them over HTTP."""

import json
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from harn_tui.kinds import NoticeLevel, OutputStream, ToolErrorCategory, ToolKind
from harn_tui.permissions.rules import PermissionRules
from harn_tui.prompt_lines.mentions import mention_text
from harn_tui.session.line_attachments import LineAttachments
from harn_tui.tools.arguments import validate_arguments
from harn_tui.tools.base import Tool, ToolContext, ToolResult
from harn_tui.tools.mcp.server import McpStatus
from harn_tui.tools.mcp.servers import McpServers
from harn_tui.tools.mcp.settings import McpServerSettings
from tests.servers.conftest import program_of
from tests.support.server_process import free_port
from tests.support.third_party import MCP_NODE_SERVERS, MCP_PYTHON_SERVERS
from tests.support.waiting import wait_until_blocking

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class RealServers:
    """Servers that run for the whole file. ``folder`` is what they may work in."""

    folder: Path
    servers: McpServers
    notices: list[tuple[NoticeLevel, str]]
    output: list[str] = field(default_factory=list)

    def tool(self, name: str) -> Tool:
        return {tool.name: tool for tool in self.servers.current_tools()}[name]

    async def call(self, name: str, **arguments: Any) -> ToolResult:
        """Check the arguments as the loop does, then run the tool."""
        tool = self.tool(name)

        def show(text: str, _stream: OutputStream) -> None:
            self.output.append(text)

        context = ToolContext("session", self.folder, (self.folder,), show)
        return await tool.run(validate_arguments(tool, arguments), context)

    def count(self, server: str) -> int:
        return {state.name: state.tool_count for state in self.servers.states()}[server]


async def _running(folder: Path, *settings: McpServerSettings) -> AsyncIterator[RealServers]:
    notices: list[tuple[NoticeLevel, str]] = []
    servers = McpServers(
        settings,
        on_change=lambda: None,
        on_notice=lambda level, text: notices.append((level, text)),
    )
    servers.start()
    await servers.wait_started()
    yield RealServers(folder, servers, notices)
    await servers.aclose()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def node(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RealServers]:
    """Run the servers of npm."""
    folder = tmp_path_factory.mktemp("node").resolve()
    programs = program_of(MCP_NODE_SERVERS).parent

    def settings(name: str, *arguments: str, **others: Any) -> McpServerSettings:
        command = (str(programs / f"mcp-server-{name}"), *arguments)
        return McpServerSettings(name, command, cwd=folder, **others)

    memory = {"MEMORY_FILE_PATH": str(folder / "memory.jsonl")}
    async for running in _running(
        folder,
        settings("everything", env={"EVERYTHING_TOKEN": "abc-123-secret"}),
        settings("filesystem", str(folder)),
        settings("memory", env=memory, enabled_tools=("create_entities", "read_graph")),
    ):
        yield running


def _make_repository(folder: Path) -> None:
    git = ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.com"]
    for command in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "the first commit"]):
        subprocess.run([*git, *command], cwd=folder, check=True)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def python(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RealServers]:
    """Run the servers of PyPI; that for SQLite does not know this protocol era and dies."""
    folder = tmp_path_factory.mktemp("python").resolve()
    programs = program_of(MCP_PYTHON_SERVERS).parent
    _make_repository(folder)

    def settings(name: str, *arguments: str) -> McpServerSettings:
        command = (str(programs / f"mcp-server-{name}"), *arguments)
        return McpServerSettings(name, command, cwd=folder, start_timeout_s=60)

    async for running in _running(
        folder,
        settings("time", "--local-timezone", "UTC"),
        settings("git", "--repository", str(folder)),
        settings("fetch", "--ignore-robots-txt"),
        settings("sqlite", "--db-path", str(folder / "x.db")),
    ):
        yield running


async def test_servers_of_npm_start_and_offer_their_tools(node: RealServers) -> None:
    assert node.notices == []
    assert node.count("everything") >= 10
    assert node.count("filesystem") >= 10
    assert node.count("memory") == 2
    assert node.tool("filesystem__list_directory").annotations.kind is ToolKind.READ
    assert not node.tool("filesystem__write_file").annotations.kind.is_read_only


async def test_the_everything_server_answers_in_every_form(node: RealServers) -> None:
    assert (await node.call("everything__echo", message="hi")).text == "Echo: hi"
    assert (await node.call("everything__get-sum", a="2", b=40)).text.endswith("42.")
    image = await node.call("everything__get-tiny-image")
    assert "[image: image/png, " in image.text
    weather = await node.call("everything__get-structured-content", location="Chicago")
    structured = weather.details["structured_content"]
    assert isinstance(structured, dict)
    assert json.loads(weather.text) == structured
    links = await node.call("everything__get-resource-links", count=2)
    assert "[resource demo://resource/" in links.text
    reference = await node.call(
        "everything__get-resource-reference", resourceType="Text", resourceId=1
    )
    assert "[resource demo://resource/dynamic/text/1]\nResource 1" in reference.text


async def test_progress_of_a_real_server_is_shown(node: RealServers) -> None:
    node.output.clear()
    tool = "everything__trigger-long-running-operation"
    result = await node.call(tool, duration=0.8, steps=4)
    assert "completed" in result.text
    assert "4/4\n" in node.output


async def test_a_real_server_gets_its_variables_and_they_stay_hidden(node: RealServers) -> None:
    variables = json.loads((await node.call("everything__get-env")).text)
    assert variables["EVERYTHING_TOKEN"] == "[redacted]"
    assert "PATH" in variables


async def test_resources_and_prompts_of_a_real_server_are_read(node: RealServers) -> None:
    resource = node.servers.resources()[0]
    assert resource.mention.startswith("everything:demo://resource/")
    assert "Everything Server" in await node.servers.read_resource("everything", resource.uri)
    prompts = {prompt.name: prompt for prompt in node.servers.prompts()}
    required = [item.name for item in prompts["args-prompt"].arguments if item.is_required]
    assert required == ["city"]
    text = await node.servers.get_prompt("everything", "args-prompt", {"city": "Oslo"})
    assert "Oslo" in text


async def test_line_brings_along_the_resource_of_a_real_server(node: RealServers) -> None:
    attachments = LineAttachments(
        "session", node.folder, (node.folder,), node.servers, PermissionRules()
    )
    mention = mention_text(node.servers.resources()[0].mention)
    template = "@everything:demo://resource/dynamic/text/1"
    found = await attachments.find(f"Read {mention} and {template}, not @everything:demo://none.")
    assert found.names == (mention[1:], template[1:])
    assert "Everything Server" in found.text
    assert "Resource 1" in found.text
    (problem,) = found.problems
    assert problem.startswith("Not attached: @everything:demo://none. ")


async def test_the_filesystem_server_works_in_its_folder_and_refuses_others(
    node: RealServers,
) -> None:
    path = node.folder / "note.txt"
    await node.call("filesystem__write_file", path=str(path), content="hello")
    assert path.read_text() == "hello"
    read = await node.call("filesystem__read_text_file", path=str(path))
    assert read.text == "hello"
    refused = await node.call("filesystem__read_text_file", path="/etc/passwd")
    assert not refused.ok
    assert refused.category is ToolErrorCategory.TOOL_ERROR
    assert "Access denied" in refused.text


async def test_the_memory_server_remembers(node: RealServers) -> None:
    ada = {"name": "Ada", "entityType": "person", "observations": ["wrote the first program"]}
    await node.call("memory__create_entities", entities=[ada])
    assert "wrote the first program" in (await node.call("memory__read_graph")).text


async def test_servers_of_pypi_speak_the_newer_era(python: RealServers) -> None:
    assert (python.count("time"), python.count("fetch")) == (2, 1)
    now = await python.call("time__get_current_time", timezone="Europe/Paris")
    assert json.loads(now.text)["timezone"] == "Europe/Paris"
    log = await python.call("git__git_log", repo_path=str(python.folder))
    assert "the first commit" in log.text


async def test_real_tools_that_fail_are_failed_results(python: RealServers) -> None:
    nowhere = await python.call("time__get_current_time", timezone="Europe/Nowhere")
    refused = await python.call("fetch__fetch", url="http://127.0.0.1:9/")
    for result, words in ((nowhere, "Europe/Nowhere"), (refused, "127.0.0.1")):
        assert not result.ok
        assert result.category is ToolErrorCategory.TOOL_ERROR
        assert words in result.text


async def test_a_real_server_that_dies_at_its_start_is_a_notice_and_the_others_run(
    python: RealServers,
) -> None:
    ((level, text),) = python.notices
    assert level is NoticeLevel.WARNING
    assert "The MCP server sqlite could not be started: it ended with exit code 1: " in text
    assert [state.status for state in python.servers.states()] == [
        *[McpStatus.READY] * 3,
        McpStatus.FAILED,
    ]


ONLY_LOOPBACK = """
const net = require("net");
const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (port, ...others) {
  return listen.call(this, port, "127.0.0.1", ...others);
};
"""


@pytest.fixture(scope="module")
def everything_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run the everything server over streamable HTTP, on this machine alone."""
    folder = tmp_path_factory.mktemp("everything")
    script = program_of(MCP_NODE_SERVERS).resolve()
    (folder / "only-loopback.cjs").write_text(ONLY_LOOPBACK)
    port = free_port()
    log = folder / "log"
    with (
        log.open("wb") as output,
        subprocess.Popen(
            ["node", "-r", "./only-loopback.cjs", str(script), "streamableHttp"],
            cwd=folder,
            env={"PATH": os.environ["PATH"], "PORT": str(port)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            wait_until_blocking(
                lambda: f"listening on port {port}" in log.read_text(),
                30,
                what="the start of the server",
                describe=log.read_text,
            )
            yield f"http://127.0.0.1:{port}/mcp"
        finally:
            process.kill()


async def test_the_everything_server_answers_over_http(everything_url: str, tmp_path: Path) -> None:
    async for web in _running(tmp_path, McpServerSettings("web", url=everything_url)):
        assert web.notices == []
        assert (await web.call("web__echo", message="hi")).text == "Echo: hi"
        tool = "web__trigger-long-running-operation"
        assert "completed" in (await web.call(tool, duration=0.5, steps=2)).text
        assert "2/2\n" in web.output
        assert web.servers.prompts()
