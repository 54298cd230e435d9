"""Builds the Configuration from checked and merged values."""

from collections.abc import Mapping
from types import MappingProxyType

from harn_tui.config.fallback_names import check_fallback_names
from harn_tui.config.mcp_server_table import mcp_server_entry
from harn_tui.config.provider_kinds import PROVIDER_KINDS
from harn_tui.config.schema import (
    EVERY_PAYLOAD,
    POLICY_TABLES,
    Configuration,
    HookEntry,
    ProviderEntry,
    SandboxTable,
    SessionsTable,
    SnapshotsTable,
)
from harn_tui.config.ui_table import keys_by_action, ui_settings
from harn_tui.errors import ConfigError
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import LifecycleEvent, SandboxUse

_RULE_SECTIONS = ("allow", "deny", "ask")


def assemble(values: JsonObject, origins: Mapping[str, str]) -> Configuration:
    """Return the configuration that checked ``values`` hold.

    ``origins`` says where each dotted key was written, for messages. Raises ConfigError for a
    provider that has no kind, and for one to fall back on that there is not.
    """
    permissions = _table(values, "permissions")
    providers = _providers(_table(values, "providers"), origins)
    loop = _loop(_table(values, "loop"))
    for name, entry in providers.items():
        check_fallback_names(entry.fallback, providers, ("providers", name, "fallback"), origins)
    chain = _texts(loop, "fallback_chain") or ()
    check_fallback_names(chain, providers, ("loop", "fallback_chain"), origins)
    return Configuration(
        provider=_text(values, "provider"),
        model=_text(values, "model"),
        providers=providers,
        loop=MappingProxyType(loop),
        permissions={name: permissions[name] for name in _RULE_SECTIONS if name in permissions},
        workspace_roots=_texts(permissions, "workspace_roots") or (),
        policies={name: _table(values, name) for name in POLICY_TABLES if name in values},
        tools_enabled=_texts(_table(values, "tools"), "enabled"),
        system=_text(values, "system"),
        hooks=_hooks(values),
        mcp_servers=tuple(map(mcp_server_entry, _tables(values, "mcp_servers"))),
        sandbox=_sandbox(_table(values, "sandbox")),
        private_hosts=_texts(_table(values, "fetch"), "private_hosts") or (),
        sessions=_sessions(_table(values, "sessions")),
        snapshots=_snapshots(_table(values, "snapshots")),
        ui=ui_settings(_table(values, "ui")),
        keys=keys_by_action(_table(values, "keys")),
    )


def _providers(
    tables: JsonObject, origins: Mapping[str, str]
) -> MappingProxyType[str, ProviderEntry]:
    return MappingProxyType(
        {name: _provider(name, _table(tables, name), origins) for name in tables}
    )


def _provider(name: str, table: JsonObject, origins: Mapping[str, str]) -> ProviderEntry:
    kind = _text(table, "kind") or (name if name in PROVIDER_KINDS else None)
    if kind is None:
        places = [place for key, place in origins.items() if _is_about(key, name)]
        where = f"In {places[0]}: " if places else ""
        raise ConfigError(
            f"{where}`providers.{name}` has no kind.",
            hint=f"Set providers.{name}.kind to one of: {', '.join(PROVIDER_KINDS)}.",
        )
    timeout = table.get("timeout_s")
    return ProviderEntry(
        kind=kind,
        base_url=_text(table, "base_url"),
        api_key_env=_text(table, "api_key_env"),
        model=_text(table, "model"),
        script=_text(table, "script"),
        timeout_s=float(timeout) if isinstance(timeout, int | float) else None,
        rpm=_number(table, "rpm"),
        context_window=_number(table, "context_window"),
        keep_alive=_text(table, "keep_alive"),
        fallback=_texts(table, "fallback") or (),
    )


def _is_about(key: str, name: str) -> bool:
    return key.startswith((f"providers.{name}.", f'providers."{name}".'))


def _loop(table: JsonObject) -> JsonObject:
    temperature = table.get("temperature")
    if isinstance(temperature, int | float):
        return {**table, "temperature": float(temperature)}
    return table


def _hooks(values: JsonObject) -> tuple[HookEntry, ...]:
    return tuple(map(_hook, _tables(values, "hooks")))


def _hook(table: JsonObject) -> HookEntry:
    return HookEntry(
        event=LifecycleEvent(str(table["event"])),
        command=_texts(table, "command") or (),
        pattern=_text(table, "pattern") or EVERY_PAYLOAD,
    )


def _sandbox(table: JsonObject) -> SandboxTable:
    return SandboxTable(
        commands=SandboxUse(_text(table, "commands") or SandboxUse.AUTO),
        network=table.get("network") is True,
        writable=_texts(table, "writable") or (),
        keep_env=_texts(table, "keep_env") or (),
    )


def _sessions(table: JsonObject) -> SessionsTable:
    return SessionsTable(
        keep_days=_number(table, "keep_days"),
        keep_count=_number(table, "keep_count"),
        keep_bytes=_number(table, "keep_bytes"),
    )


def _snapshots(table: JsonObject) -> SnapshotsTable:
    usual = SnapshotsTable()
    limit = table.get("time_limit_s")
    return SnapshotsTable(
        enabled=table.get("enabled") is not False,
        max_file_bytes=_number(table, "max_file_bytes") or usual.max_file_bytes,
        time_limit_s=float(limit) if isinstance(limit, int | float) else usual.time_limit_s,
        keep_days=_number(table, "keep_days") or usual.keep_days,
        keep_bytes=_number(table, "keep_bytes") or usual.keep_bytes,
    )


def _table(values: JsonObject, key: str) -> JsonObject:
    value = values.get(key)
    return value if isinstance(value, dict) else {}


def _tables(values: JsonObject, key: str) -> list[JsonObject]:
    listed = values.get(key)
    tables = listed if isinstance(listed, list) else []
    return [table for table in tables if isinstance(table, dict)]


def _text(values: JsonObject, key: str) -> str | None:
    value = values.get(key)
    return value if isinstance(value, str) else None


def _number(values: JsonObject, key: str) -> int | None:
    value = values.get(key)
    return value if isinstance(value, int) else None


def _texts(values: JsonObject, key: str) -> tuple[str, ...] | None:
    value: JsonValue = values.get(key)
    return tuple(str(item) for item in value) if isinstance(value, list) else None
