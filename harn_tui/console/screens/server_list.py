"""How the session's MCP servers stand: what each offers, or why it does not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.content import Content

from harn_tui.console.plain_text import one_line, revealed
from harn_tui.console.screens.text_popup import TextPopup

if TYPE_CHECKING:
    from harn_tui.console.prompt_ports import ConfiguredServer

_STYLES = {"ready": "$success", "failed": "$error", "ended": "$warning"}


class ServerList(TextPopup):
    """Shows the servers in the order of the configuration, as they are when it opens."""

    def __init__(self, servers: Sequence[ConfiguredServer]) -> None:
        super().__init__("MCP servers", servers_content(servers))


def servers_content(servers: Sequence[ConfiguredServer]) -> Content:
    """Return a row a server, and a row below it with why it cannot be used."""
    if not servers:
        return Content.styled(
            "None is configured. A table [[mcp_servers]] in the configuration adds one.", "$muted"
        )
    return Content("\n").join(map(_server_content, servers))


def _server_content(server: ConfiguredServer) -> Content:
    state, style = str(server.status), _STYLES.get(str(server.status), "$muted")
    if server.is_for_skills and not server.is_bound:
        state, style = "waits for a skill that needs it", "$muted"
    count = server.tool_count
    tools = "" if not count else f" · {'1 tool' if count == 1 else f'{count} tools'}"
    row = Content.assemble((one_line(server.name), "bold"), "  ", (state, style), (tools, "$muted"))
    if not server.reason:
        return row
    return row + Content("\n  ") + Content(revealed(server.reason))
