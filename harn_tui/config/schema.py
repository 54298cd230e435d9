"""The configuration as values, and the table of its keys with what each accepts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

from harn_tui.config.loop_options import LOOP_OPTIONS
from harn_tui.config.mcp_server_table import MCP_SERVER_KEYS, McpServerEntry, mcp_server_fault
from harn_tui.config.permission_shape import permission_section
from harn_tui.config.policy_shapes import APPROVAL, COMMAND_POLICY, POLICY
from harn_tui.config.provider_kinds import PROVIDER_KINDS
from harn_tui.config.ui_table import UI_KEYS, UiSettings, key_table
from harn_tui.config.value_rules import (
    Fault,
    ValueRule,
    flag,
    number_above_zero,
    one_of,
    program,
    text,
    texts,
    variable_name,
    variable_names,
    web_address,
    whole_number,
)
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import LifecycleEvent, SandboxUse


@dataclass(frozen=True, slots=True)
class ProviderEntry:
    """One ``[providers.NAME]`` table; ``None`` means that the kind's default applies.

    ``api_key_env`` names the variable that holds the key. ``script`` is a JSON Lines file for
    the scripted kind. ``timeout_s`` is in seconds. ``rpm`` is the most requests within a minute,
    0 for no limit. ``context_window`` is in tokens; ``keep_alive`` is a time as Ollama writes it.
    ``fallback`` are the providers to ask when this one fails, each as ``NAME``
    or ``NAME:MODEL``.
    """

    kind: str
    base_url: str | None = None
    api_key_env: str | None = None
    model: str | None = None
    script: str | None = None
    timeout_s: float | None = None
    rpm: int | None = None
    context_window: int | None = None
    keep_alive: str | None = None
    fallback: tuple[str, ...] = ()


EVERY_PAYLOAD = "*"
"""The pattern of a hook that names none."""


@dataclass(frozen=True, slots=True)
class HookEntry:
    """One ``[[hooks]]`` table. ``command`` is a program and its arguments.

    ``pattern`` says for which payloads it runs, in the language of docs/loop.md; it is not
    checked here.
    """

    event: LifecycleEvent
    command: tuple[str, ...]
    pattern: str = EVERY_PAYLOAD


@dataclass(frozen=True, slots=True)
class SandboxTable:
    """The ``[sandbox]`` table (docs/sandbox.md). ``writable`` are paths as written."""

    commands: SandboxUse = SandboxUse.AUTO
    network: bool = False
    writable: tuple[str, ...] = ()
    keep_env: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SessionsTable:
    """The ``[sessions]`` table (docs/sessions.md); ``None`` keeps everything."""

    keep_days: int | None = None
    keep_count: int | None = None
    keep_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class SnapshotsTable:
    """The ``[snapshots]`` table (docs/rewind.md). Sizes are in bytes."""

    enabled: bool = True
    max_file_bytes: int = 10_000_000
    time_limit_s: float = 10.0
    keep_days: int = 30
    keep_bytes: int = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Configuration:
    """Everything that configuration says, all layers merged and checked.

    ``provider`` is the name of an entry of ``providers`` or a kind. ``loop`` holds only the
    options that were set, lists as lists. ``permissions`` has the keys allow, deny and ask at
    most, in the shapes of docs/tools.md 4.5. ``workspace_roots`` are paths as written, empty
    when unset. ``policies`` has the tables policy, approval and command_policy that were set, in
    the shapes of docs/tools.md 4.4, 4.6 and 4.15. ``tools_enabled`` ``None`` means all tools.
    ``hooks`` run in their order.
    ``private_hosts`` are those that ``fetch_url`` may reach although their addresses are private.
    ``keys`` are the keys that a person gave to actions of the console, as written; the console
    checks them.
    """

    provider: str | None = None
    model: str | None = None
    providers: Mapping[str, ProviderEntry] = field(default_factory=dict)
    loop: Mapping[str, JsonValue] = field(default_factory=dict)
    permissions: JsonObject = field(default_factory=dict)
    workspace_roots: tuple[str, ...] = ()
    policies: Mapping[str, JsonObject] = field(default_factory=dict)
    tools_enabled: tuple[str, ...] | None = None
    system: str | None = None
    hooks: tuple[HookEntry, ...] = ()
    mcp_servers: tuple[McpServerEntry, ...] = ()
    sandbox: SandboxTable = field(default_factory=SandboxTable)
    private_hosts: tuple[str, ...] = ()
    sessions: SessionsTable = field(default_factory=SessionsTable)
    snapshots: SnapshotsTable = field(default_factory=SnapshotsTable)
    ui: UiSettings = field(default_factory=UiSettings)
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NamedTables:
    """A table whose keys are names that people choose, each holding the same ``keys``."""

    keys: Mapping[str, ValueRule]


@dataclass(frozen=True, slots=True)
class TableList:
    """A list of tables that all hold ``keys``; those of ``required`` may not be left out.

    In key paths the tables have the numbers from 1 on. ``find_fault`` looks at a whole table whose
    keys are each fine. No two tables have the same value at the key ``unique``.
    """

    keys: Mapping[str, ValueRule]
    required: tuple[str, ...]
    find_fault: Callable[[Mapping[str, JsonValue]], Fault | None] | None = None
    unique: str | None = None


_EVENTS = tuple(event.value for event in LifecycleEvent)

Table: TypeAlias = Mapping[str, ValueRule]
Schema: TypeAlias = ValueRule | NamedTables | TableList | Table

SCHEMA: Mapping[str, Schema] = MappingProxyType(
    {
        "provider": text(),
        "model": text(),
        "system": text(),
        "providers": NamedTables(
            {
                "kind": one_of(tuple(PROVIDER_KINDS)),
                "base_url": web_address(),
                "api_key_env": variable_name(),
                "model": text(),
                "script": text(),
                "timeout_s": number_above_zero(),
                "rpm": whole_number(0),
                "context_window": whole_number(1),
                "keep_alive": text(),
                "fallback": texts(),
            }
        ),
        "loop": {name: option.rule for name, option in LOOP_OPTIONS.items()},
        "permissions": {
            "allow": permission_section(),
            "deny": permission_section(),
            "ask": permission_section(),
            "workspace_roots": texts(),
        },
        "policy": POLICY,
        "approval": APPROVAL,
        "command_policy": COMMAND_POLICY,
        "tools": {"enabled": texts()},
        "hooks": TableList(
            {"event": one_of(_EVENTS), "pattern": text(), "command": program()},
            required=("event", "command"),
        ),
        "mcp_servers": TableList(
            MCP_SERVER_KEYS, required=("name",), find_fault=mcp_server_fault, unique="name"
        ),
        "sandbox": {
            "commands": one_of(tuple(use.value for use in SandboxUse)),
            "network": flag(),
            "writable": texts(),
            "keep_env": variable_names(),
        },
        "fetch": {"private_hosts": texts()},
        "sessions": {
            "keep_days": whole_number(1),
            "keep_count": whole_number(1),
            "keep_bytes": whole_number(1),
        },
        "snapshots": {
            "enabled": flag(),
            "max_file_bytes": whole_number(1),
            "time_limit_s": number_above_zero(),
            "keep_days": whole_number(1),
            "keep_bytes": whole_number(1),
        },
        "ui": UI_KEYS,
        "keys": key_table(),
    }
)
"""Every key of a configuration file (docs/configuration.md)."""

POLICY_TABLES = ("policy", "approval", "command_policy")
"""The tables of policies."""

MERGED_DEPTH = 3
"""Tables merge key by key down to keys of this many parts; what those hold is replaced."""
