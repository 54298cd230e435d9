"""Writes a configuration out for people, with the origin of each value and without secrets."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from harn_tui.config.key_paths import KeyPath, dotted, quoted
from harn_tui.config.loader import LoadedConfiguration
from harn_tui.config.loop_options import LOOP_OPTIONS
from harn_tui.config.loop_profiles import PROFILES
from harn_tui.config.mcp_server_table import McpServerEntry
from harn_tui.config.schema import (
    SCHEMA,
    Configuration,
    HookEntry,
    NamedTables,
    ProviderEntry,
    SandboxTable,
    TableList,
)
from harn_tui.config.value_rules import ValueRule
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.logs import redact

DEFAULT = "default"
"""The origin of a value that nobody set."""

_PLACEHOLDERS = {NamedTables: "NAME.", TableList: "N."}


@dataclass(frozen=True, slots=True)
class Setting:
    """One key that has a value: ``key`` and ``value`` as TOML, safe to print."""

    key: str
    value: str
    origin: str


def settings_of(loaded: LoadedConfiguration) -> list[Setting]:
    """Return each key that has a value, defaults too.

    Keys of providers are only named by the variable that holds them; passwords and queries of
    addresses are left out, and so is what looks like a secret in the commands of hooks and MCP
    servers.
    """
    return [
        Setting(dotted(path), _literal(value), _origin(loaded.origins, path))
        for path, value in _values(loaded.configuration)
    ]


def describe(loaded: LoadedConfiguration) -> list[str]:
    """Return the settings as lines ``key = value  # origin``."""
    return [f"{one.key} = {one.value}  # {one.origin}" for one in settings_of(loaded)]


def describe_schema() -> list[str]:
    """Return one line ``key: what it must be`` for each key of a configuration file."""
    return [f"{key}: {rule.wanted}" for key, rule in _rules()]


def _rules() -> Iterator[tuple[str, ValueRule]]:
    for key, schema in SCHEMA.items():
        if isinstance(schema, ValueRule):
            yield key, schema
            continue
        for name, rule in (schema if isinstance(schema, Mapping) else schema.keys).items():
            yield f"{key}.{_PLACEHOLDERS.get(type(schema), '')}{name}", rule


def _origin(origins: Mapping[str, str], path: KeyPath) -> str:
    return origins.get(dotted(path), DEFAULT)


def _values(configuration: Configuration) -> Iterator[tuple[KeyPath, JsonValue]]:
    for key in ("provider", "model", "system"):
        value: str | None = getattr(configuration, key)
        if value is not None:
            yield (key,), value
    for name, entry in configuration.providers.items():
        yield from _provider_values(name, entry)
    profile = PROFILES.get(str(configuration.loop.get("profile")), {})
    for key, option in LOOP_OPTIONS.items():
        setting = configuration.loop.get(key, profile.get(key, option.default))
        if setting is not None:
            yield ("loop", key), setting if option.rule.is_echoed else _redacted(setting)
    yield from _permission_values(configuration)
    yield from _policy_values(configuration)
    if configuration.tools_enabled is not None:
        yield ("tools", "enabled"), list(configuration.tools_enabled)
    if configuration.hooks:
        yield ("hooks",), [_hook_values(entry) for entry in configuration.hooks]
    if configuration.mcp_servers:
        yield ("mcp_servers",), [_mcp_server_values(entry) for entry in configuration.mcp_servers]
    yield from _sandbox_values(configuration.sandbox)
    if configuration.private_hosts:
        yield ("fetch", "private_hosts"), list(configuration.private_hosts)
    ui = configuration.ui
    if ui.theme is not None:
        yield ("ui", "theme"), ui.theme
    yield ("ui", "show_timestamps"), ui.show_timestamps
    yield ("ui", "reduced_motion"), ui.reduced_motion
    yield ("ui", "vim_mode"), ui.vim_mode
    yield ("ui", "notifications"), ui.notifications.value
    for action, keys in configuration.keys.items():
        yield ("keys", action), list(keys)


def _provider_values(name: str, entry: ProviderEntry) -> Iterator[tuple[KeyPath, JsonValue]]:
    values: dict[str, JsonValue] = {
        "kind": entry.kind,
        "base_url": None if entry.base_url is None else _without_secrets(entry.base_url),
        "api_key_env": entry.api_key_env,
        "model": entry.model,
        "script": entry.script,
        "timeout_s": entry.timeout_s,
        "rpm": entry.rpm,
        "fallback": list(entry.fallback) or None,
    }
    for key, value in values.items():
        if value is not None:
            yield ("providers", name, key), value


def _permission_values(configuration: Configuration) -> Iterator[tuple[KeyPath, JsonValue]]:
    for section, rules in configuration.permissions.items():
        if isinstance(rules, dict):
            for glob, matcher in rules.items():
                yield ("permissions", section, glob), matcher
        else:
            yield ("permissions", section), rules
    if configuration.workspace_roots:
        yield ("permissions", "workspace_roots"), list(configuration.workspace_roots)


def _policy_values(configuration: Configuration) -> Iterator[tuple[KeyPath, JsonValue]]:
    for table, keys in configuration.policies.items():
        if not keys:
            yield (table,), {}
        for key, value in keys.items():
            if isinstance(value, dict) and value:
                for name, inner in value.items():
                    yield (table, key, name), inner
            else:
                yield (table, key), value


def _sandbox_values(sandbox: SandboxTable) -> Iterator[tuple[KeyPath, JsonValue]]:
    yield ("sandbox", "commands"), sandbox.commands.value
    yield ("sandbox", "network"), sandbox.network
    if sandbox.writable:
        yield ("sandbox", "writable"), list(sandbox.writable)
    if sandbox.keep_env:
        yield ("sandbox", "keep_env"), list(sandbox.keep_env)


def _redacted(command: JsonValue) -> JsonValue:
    return [redact(str(part)) for part in command] if isinstance(command, list) else command


def _hook_values(entry: HookEntry) -> JsonObject:
    command: list[JsonValue] = [redact(part) for part in entry.command]
    return {"event": entry.event.value, "pattern": entry.pattern, "command": command}


def _mcp_server_values(entry: McpServerEntry) -> JsonObject:
    enabled = entry.enabled_tools
    values: JsonObject = {
        "name": entry.name,
        "command": [redact(part) for part in entry.command] or None,
        "url": None if entry.url is None else _without_secrets(entry.url),
        "cwd": entry.cwd,
        "env": list(entry.env) or None,
        "headers": {**entry.headers} or None,
        "enabled_tools": None if enabled is None else list(enabled),
        "start_timeout_s": entry.start_timeout_s,
        "call_timeout_s": entry.call_timeout_s,
    }
    return {key: value for key, value in values.items() if value is not None}


def _without_secrets(address: str) -> str:
    parts = urlsplit(address)
    host = parts.netloc.rpartition("@")[2]
    user = "…@" if "@" in parts.netloc else ""
    query = "…" if parts.query else ""
    fragment = "…" if parts.fragment else ""
    return urlunsplit((parts.scheme, user + host, parts.path, query, fragment))


def _literal(value: JsonValue) -> str:
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{', '.join(_literal(item) for item in value)}]"
    if isinstance(value, dict):
        members = ", ".join(f"{dotted((key,))} = {_literal(item)}" for key, item in value.items())
        return f"{{ {members} }}"
    return str(value)
