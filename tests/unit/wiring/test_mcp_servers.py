"""MCP servers of a configuration become those that a session starts."""

from pathlib import Path

from harn_tui.config.mcp_server_table import McpServerEntry
from harn_tui.tools.mcp.settings import McpServerSettings
from harn_tui.wiring.mcp_servers import wire_mcp_servers

CWD = Path("/srv/project")


def test_folders_are_those_of_the_session_and_variables_are_read() -> None:
    entries = (
        McpServerEntry("git", ("x", "y"), cwd="sub", env=("A", "B"), start_timeout_s=5.0),
        McpServerEntry("web", url="http://h/", headers={"X": "A"}, enabled_tools=("a",)),
        McpServerEntry("home", ("x",), cwd="~"),
    )
    git, web, home = wire_mcp_servers(entries, CWD, {"A": "one", "C": "three"})
    assert git == McpServerSettings(
        "git", ("x", "y"), cwd=CWD / "sub", env={"A": "one"}, start_timeout_s=5.0,
        missing_variables=("B",),
    )  # fmt: skip
    assert web == McpServerSettings(
        "web", url="http://h/", cwd=CWD, headers={"X": "one"}, enabled_tools=("a",)
    )
    assert home.cwd == Path.home()


def test_a_header_whose_variable_is_not_set_is_missing() -> None:
    entry = McpServerEntry("web", url="http://h/", headers={"X": "A"})
    (settings,) = wire_mcp_servers([entry], CWD, {})
    assert settings.missing_variables == ("A",)
    assert dict(settings.headers) == {}
