"""Turns the MCP servers of a configuration into those that a session starts."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from harn_tui.config.mcp_server_table import McpServerEntry
from harn_tui.config.schema import Configuration
from harn_tui.events.host import Notice
from harn_tui.permissions.workspace_roots import parse_roots
from harn_tui.sinks.emit import emit
from harn_tui.tools.mcp.servers import McpServers
from harn_tui.tools.mcp.settings import CALL_TIMEOUT_S, START_TIMEOUT_S, McpServerSettings


def wire_servers(
    configuration: Configuration, cwd: Path, session_id: str, reserved_names: Iterable[str]
) -> McpServers | None:
    """Return the servers of a session, not started yet, ``None`` when none is configured.

    What a person should know of them becomes a ``notice`` of the session.
    """
    if not configuration.mcp_servers:
        return None
    return McpServers(
        wire_mcp_servers(configuration.mcp_servers, cwd, os.environ),
        on_change=lambda: None,  # each turn looks for itself
        on_notice=lambda level, text: emit(Notice(session_id, level, text)),
        reserved_names=reserved_names,
    )


def wire_mcp_servers(
    entries: Iterable[McpServerEntry], cwd: Path, environment: Mapping[str, str]
) -> tuple[McpServerSettings, ...]:
    """Return how each server is reached: folders below ``cwd``, variables of ``environment``."""
    return tuple(_settings(entry, cwd, environment) for entry in entries)


def _settings(
    entry: McpServerEntry, cwd: Path, environment: Mapping[str, str]
) -> McpServerSettings:
    needed = (*entry.env, *entry.headers.values())
    return McpServerSettings(
        name=entry.name,
        command=entry.command,
        url=entry.url,
        cwd=_folder(entry, cwd),
        env={name: environment[name] for name in entry.env if name in environment},
        headers={
            header: environment[name]
            for header, name in entry.headers.items()
            if name in environment
        },
        enabled_tools=entry.enabled_tools,
        start_timeout_s=entry.start_timeout_s or START_TIMEOUT_S,
        call_timeout_s=entry.call_timeout_s or CALL_TIMEOUT_S,
        missing_variables=tuple(name for name in needed if name not in environment),
        is_for_skills=entry.for_skills,
    )


def _folder(entry: McpServerEntry, cwd: Path) -> Path:
    """Return where the server's program runs. Raises ConfigError."""
    if entry.cwd is None:
        return cwd
    folders = parse_roots(f"mcp_servers.{entry.name}.cwd", [entry.cwd], cwd)
    return folders[0] if folders else cwd
