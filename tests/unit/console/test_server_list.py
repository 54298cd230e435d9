"""How the MCP servers of a session stand, for a person."""

from harn_tui.console.screens.server_list import ServerList, servers_content
from harn_tui.tools.mcp.server import McpStatus
from harn_tui.tools.mcp.servers import McpServerState
from tests.unit.console.conftest import OpenConsole
from tests.unit.console.test_preferences import screen_text

SERVERS = (
    McpServerState("git", McpStatus.READY, "", 12, is_for_skills=False, is_bound=False),
    McpServerState("notes", McpStatus.READY, "", 1, is_for_skills=True, is_bound=True),
    McpServerState("tickets", McpStatus.STARTING, "", 0, is_for_skills=True, is_bound=False),
    McpServerState("slow", McpStatus.STARTING, "", 0, is_for_skills=False, is_bound=False),
    McpServerState(
        "bad\x1b[31m",
        McpStatus.FAILED,
        "no program \x1b]0;x\x07",
        0,
        is_for_skills=False,
        is_bound=False,
    ),
)


def test_each_server_has_its_state_its_tools_and_why_it_cannot_be_used() -> None:
    rows = servers_content(SERVERS).plain.splitlines()
    assert rows[:4] == [
        "git  ready · 12 tools",
        "notes  ready · 1 tool",
        "tickets  waits for a skill that needs it",
        "slow  starting",
    ]
    assert rows[4].startswith("bad")
    assert rows[4].endswith("failed")
    assert rows[5].startswith("  no program ")
    assert "\x1b" not in "".join(rows)
    assert "[[mcp_servers]]" in servers_content(()).plain


async def test_the_command_shows_them_as_they_are_then(open_console: OpenConsole) -> None:
    async with open_console() as console:
        console.session.prompt_sources.configured_servers = SERVERS
        await console.type("/mcp")
        await console.press("enter")
        await console.until(lambda: isinstance(console.app.screen, ServerList))
        assert "git  ready · 12 tools" in screen_text(console)
        await console.press("escape")
        await console.until(lambda: console.app.screen is console.screen)
