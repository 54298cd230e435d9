"""The ``[[mcp_servers]]`` tables: what each accepts, and what they say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from harn_tui.config.value_rules import (
    Fault,
    ValueRule,
    flag,
    mcp_server_name,
    number_above_zero,
    program,
    text,
    texts,
    variable_names,
    variables_by_header,
    web_address,
)
from harn_tui.json_types import JsonObject, JsonValue


@dataclass(frozen=True, slots=True)
class McpServerEntry:
    """One ``[[mcp_servers]]`` table: a program (``command``) or an address (``url``).

    ``env`` names the variables that the program gets beside a harmless few. ``headers`` maps
    each header to the variable that holds its value. ``enabled_tools`` ``None`` means all of
    them; times are in seconds, ``None`` where the default applies. ``for_skills`` starts it only
    when a skill needs it.
    """

    name: str
    command: tuple[str, ...] = ()
    url: str | None = None
    cwd: str | None = None
    env: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    enabled_tools: tuple[str, ...] | None = None
    start_timeout_s: float | None = None
    call_timeout_s: float | None = None
    for_skills: bool = False


MCP_SERVER_KEYS: Mapping[str, ValueRule] = MappingProxyType(
    {
        "name": mcp_server_name(),
        "command": program(),
        "url": web_address(),
        "cwd": text(),
        "env": variable_names(),
        "headers": variables_by_header(),
        "enabled_tools": texts(),
        "start_timeout_s": number_above_zero(),
        "call_timeout_s": number_above_zero(),
        "for_skills": flag(),
    }
)

_ONLY_WITH = {"cwd": "command", "env": "command", "headers": "url"}


def mcp_server_fault(table: Mapping[str, JsonValue]) -> Fault | None:
    """Return what is wrong with a table whose keys are each fine."""
    if ("command" in table) == ("url" in table):
        return Fault((), "a table with either a command or a url")
    for key, other in _ONLY_WITH.items():
        if key in table and other not in table:
            return Fault((key,), f"left out, because it goes with a {other}")
    return None


def mcp_server_entry(table: JsonObject) -> McpServerEntry:
    """Return what a checked table says."""
    headers = table.get("headers")
    enabled = table.get("enabled_tools")
    return McpServerEntry(
        name=str(table["name"]),
        command=_texts(table.get("command")),
        url=_text(table.get("url")),
        cwd=_text(table.get("cwd")),
        env=_texts(table.get("env")),
        headers=MappingProxyType(
            {name: str(value) for name, value in headers.items()}
            if isinstance(headers, dict)
            else {}
        ),
        enabled_tools=None if enabled is None else _texts(enabled),
        start_timeout_s=_number(table.get("start_timeout_s")),
        call_timeout_s=_number(table.get("call_timeout_s")),
        for_skills=table.get("for_skills") is True,
    )


def _text(value: JsonValue) -> str | None:
    return value if isinstance(value, str) else None


def _texts(value: JsonValue) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, list) else ()


def _number(value: JsonValue) -> float | None:
    return float(value) if isinstance(value, int | float) else None
