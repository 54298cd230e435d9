"""How one MCP server is reached; what configuration says of it, with its variables read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from harn_tui.errors import ConfigError
from harn_tui.json_types import JsonObject, JsonValue

START_TIMEOUT_S = 30.0
CALL_TIMEOUT_S = 60.0

SERVER_NAME = re.compile(r"(?=.{1,32}\Z)[A-Za-z0-9](?:[_-]?[A-Za-z0-9])*")
"""Names of servers: without ``__`` and without ``_`` at the end, so that the first ``__`` in a
tool's name always ends the server's. Permission rules rely on that."""


@dataclass(frozen=True, slots=True)
class McpServerSettings:
    """One server: a program (``command``) or an address (``url``), never both.

    ``cwd`` is where the program runs. ``env`` and ``headers`` hold values that are secret until
    proven otherwise. ``enabled_tools`` are names as the server spells them, ``None`` for all.
    ``start_timeout_s`` covers start, handshake and listing. ``missing_variables`` names those
    that were configured and are not set: such a server is not started. ``is_for_skills`` leaves
    it to skills to have it started and offered. Raises ConfigError for a
    name that cannot be used, and for both or neither of program and address.
    """

    name: str
    command: tuple[str, ...] = ()
    url: str | None = None
    cwd: Path = Path()
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    enabled_tools: tuple[str, ...] | None = None
    start_timeout_s: float = START_TIMEOUT_S
    call_timeout_s: float = CALL_TIMEOUT_S
    missing_variables: tuple[str, ...] = ()
    is_for_skills: bool = False

    def __post_init__(self) -> None:
        if SERVER_NAME.fullmatch(self.name) is None:
            raise ConfigError(
                f"An MCP server cannot be called {self.name!r}.",
                hint="Use up to 32 letters, digits, single dashes and underscores.",
            )
        if bool(self.command) == (self.url is not None):
            raise ConfigError(f"The MCP server {self.name} needs either a command or a url.")

    def to_json(self) -> JsonObject:
        """Return what ``settings_from_json`` turns back into the same settings."""
        return {
            "name": self.name,
            "command": list(self.command),
            "url": self.url,
            "cwd": str(self.cwd),
            "env": dict(self.env),
            "headers": dict(self.headers),
            "enabled_tools": None if self.enabled_tools is None else list(self.enabled_tools),
            "start_timeout_s": self.start_timeout_s,
            "call_timeout_s": self.call_timeout_s,
            "missing_variables": list(self.missing_variables),
            "is_for_skills": self.is_for_skills,
        }


def settings_from_json(values: JsonObject) -> McpServerSettings:
    """Return the settings that ``to_json`` wrote."""
    enabled = values["enabled_tools"]
    return McpServerSettings(
        name=str(values["name"]),
        command=_texts(values["command"]),
        url=None if values["url"] is None else str(values["url"]),
        cwd=Path(str(values["cwd"])),
        env=_text_table(values["env"]),
        headers=_text_table(values["headers"]),
        enabled_tools=None if enabled is None else _texts(enabled),
        start_timeout_s=_number(values["start_timeout_s"]),
        call_timeout_s=_number(values["call_timeout_s"]),
        missing_variables=_texts(values["missing_variables"]),
        is_for_skills=values["is_for_skills"] is True,
    )


def _texts(value: JsonValue) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, list) else ()


def _text_table(value: JsonValue) -> dict[str, str]:
    table = value if isinstance(value, dict) else {}
    return {name: str(item) for name, item in table.items()}


def _number(value: JsonValue) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
