"""The ``[[mcp_servers]]`` tables of a configuration."""

import tomllib

import pytest

from harn_tui.config.describe import describe, describe_schema
from harn_tui.config.mcp_server_table import McpServerEntry
from harn_tui.config.value_rules import mcp_server_name
from harn_tui.errors import ConfigError
from harn_tui.tools.mcp.settings import McpServerSettings
from tests.unit.config.conftest import Places

BOTH = """
[[mcp_servers]]
name = "git"
command = ["mcp-server-git", "--repository", "."]
cwd = "tools"
env = ["GIT_TOKEN"]
enabled_tools = ["git_log", "git_status"]
start_timeout_s = 5

[[mcp_servers]]
name = "linear"
url = "https://me:hunter22@mcp.linear.app/mcp?key=hunter22"
headers = { Authorization = "LINEAR_AUTHORIZATION" }
call_timeout_s = 2.5
"""
FIRST = "[[mcp_servers]]\nname = 'a'\ncommand = ['x']\n[[mcp_servers]]\n"


def test_a_server_is_a_program_or_an_address(places: Places) -> None:
    places.write_user(BOTH)
    assert places.load().configuration.mcp_servers == (
        McpServerEntry(
            name="git",
            command=("mcp-server-git", "--repository", "."),
            cwd="tools",
            env=("GIT_TOKEN",),
            enabled_tools=("git_log", "git_status"),
            start_timeout_s=5.0,
        ),
        McpServerEntry(
            name="linear",
            url="https://me:hunter22@mcp.linear.app/mcp?key=hunter22",
            headers={"Authorization": "LINEAR_AUTHORIZATION"},
            call_timeout_s=2.5,
        ),
    )


def test_without_any_there_are_none_and_later_layers_replace_all(places: Places) -> None:
    assert places.load().configuration.mcp_servers == ()
    places.write_user(BOTH)
    assert places.load("mcp_servers=[]").configuration.mcp_servers == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("command = ['x']", ["line 4", "`mcp_servers.2` has no `name`", "up to 32 letters"]),
        ("name = 'b'", ["line 4", "`mcp_servers.2`", "either a command or a url"]),
        ("name = 'b'\ncommand = ['x']\nurl = 'http://h'", ["either a command or a url"]),
        ("name = 'a'\nurl = 'http://h'", ["line 5", "`mcp_servers.2.name`", '"a"', "another name"]),
        ("name = 'b c'\ncommand = ['x']", ["line 5", "`mcp_servers.2.name`", "up to 32 letters"]),
        ("name = 'b__c'\ncommand = ['x']", ["single dashes and underscores"]),
        ("name = 'b'\ncommand = 'x -y'", ["line 6", "a list of the program"]),
        ("name = 'b'\ncommand = []", ["`mcp_servers.2.command`", "a list of the program"]),
        ("name = 'b'\nurl = 'ws://h'", ["`mcp_servers.2.url`", "http or https"]),
        ("name = 'b'\nurl = 'http://h'\nenv = ['A']", ["line 7", ".env`", "with a command"]),
        ("name = 'b'\nurl = 'http://h'\ncwd = 'x'", ["`mcp_servers.2.cwd`", "with a command"]),
        ("name = 'b'\ncommand = ['x']\nheaders = {A = 'B'}", [".headers`", "with a url"]),
        ("name = 'b'\ncommand = ['x']\ncall_timeout_s = 0", ["line 7", "greater than 0"]),
        ("name = 'b'\ncommand = ['x']\nenabled_tools = ['']", ["a list of texts"]),
        ("name = 'b'\ncomand = ['x']", ["line 6", "`mcp_servers.2.comand`", "command`?"]),
    ],
)
def test_a_mistake_is_named_with_its_line_and_what_is_accepted(
    places: Places, text: str, words: list[str]
) -> None:
    places.write_user(FIRST + text)
    message = places.error()
    for word in words:
        assert word in message


@pytest.mark.parametrize(
    "text",
    [
        "env = ['TOKEN=live1234']",
        "env = { TOKEN = 'live1234' }",
        "headers = { Authorization = 'Bearer live1234' }",
        "command = 'x --token live1234'",
    ],
)
def test_a_secret_in_a_wrong_place_is_refused_and_not_repeated(places: Places, text: str) -> None:
    places.write_user(f"[[mcp_servers]]\nname = 'a'\n{text}")
    message = places.error()
    assert "live1234" not in message
    assert "line 3" in message


def test_servers_are_described_without_secrets(places: Places) -> None:
    places.write_user(BOTH)
    lines = [line for line in describe(places.load()) if line.startswith("mcp_servers")]
    (line,) = lines
    assert "hunter22" not in line
    assert line.endswith(f"# {places.user_file}:2")
    git, linear = tomllib.loads(line)["mcp_servers"]
    assert (git["env"], git["start_timeout_s"]) == (["GIT_TOKEN"], 5.0)
    assert linear["url"] == "https://…@mcp.linear.app/mcp?…"
    assert linear["headers"] == {"Authorization": "LINEAR_AUTHORIZATION"}


def test_every_key_is_in_the_schema() -> None:
    lines = [line for line in describe_schema() if line.startswith("mcp_servers.N.")]
    assert len(lines) == 10
    assert any("either" not in line and "env: a list of names" in line for line in lines)


@pytest.mark.parametrize(
    "name", ["a", "a-b", "a_b", "A1", "x" * 32, "x" * 33, "", "-a", "a-", "a__b", "a.b", "ä", "a\n"]
)
def test_a_name_is_accepted_exactly_when_a_server_can_be_called_so(name: str) -> None:
    is_accepted = mcp_server_name().find_fault(name) is None
    try:
        McpServerSettings(name, ("x",))
    except ConfigError:
        assert not is_accepted
    else:
        assert is_accepted


def test_a_folder_that_is_not_trusted_starts_no_server(places: Places) -> None:
    places.write_user("[[mcp_servers]]\nname = 'mine'\ncommand = ['x']")
    for text in ("[[mcp_servers]]\nname = 'theirs'\ncommand = ['rm']", "mcp_servers = []"):
        places.write_project(text)
        loaded = places.load(is_folder_trusted=False)
        assert [entry.name for entry in loaded.configuration.mcp_servers] == ["mine"]
        assert "mcp_servers is ignored" in loaded.warnings[0]
    assert places.load(is_folder_trusted=True).configuration.mcp_servers == ()
