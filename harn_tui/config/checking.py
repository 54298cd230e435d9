"""Refuses what a configuration may not hold, and says where it stands and what would do."""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from harn_tui.config.key_paths import KeyPath, dotted, quoted
from harn_tui.config.schema import SCHEMA, NamedTables, Schema, TableList
from harn_tui.config.sources import Layer, Source
from harn_tui.config.value_rules import Fault, ValueRule
from harn_tui.errors import ConfigError
from harn_tui.json_types import JsonValue

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_SHOWN_VALUE_LENGTH = 60
_HUGE = 10**30  # Python refuses to write out integers of thousands of digits


def check_layer(layer: Layer) -> None:
    """Raise ConfigError for the first key or value of ``layer`` that cannot be used."""
    _check_table(SCHEMA, layer.values, (), layer.source)


def rule_at(path: KeyPath) -> ValueRule | None:
    """Return the rule for the value at ``path``, ``None`` when there is none for a whole value."""
    match path:
        case ("providers", _, key):
            tables = SCHEMA["providers"]
            return tables.keys.get(key) if isinstance(tables, NamedTables) else None
        case (table, key):
            keys = SCHEMA.get(table)
            return keys.get(key) if isinstance(keys, Mapping) else None
        case (key,):
            rule = SCHEMA.get(key)
            return rule if isinstance(rule, ValueRule) else None
        case _:
            return None


_NEAR = 0.65
"""How like a word has to be; at 0.6 `nope` would be taken for `openai`."""


def nearest(word: str, accepted: Iterable[str]) -> str | None:
    """Return the accepted word most like ``word``, ``None`` when none is near."""
    by_lower = {choice.lower(): choice for choice in accepted}
    spelled = (word.lower().replace("-", "_"), word.lower())
    near = [match for form in spelled for match in get_close_matches(form, by_lower, 1, _NEAR)]
    return by_lower[near[0]] if near else None


def _check_table(
    schema: Mapping[str, Schema], table: Mapping[str, JsonValue], path: KeyPath, source: Source
) -> None:
    for key, value in table.items():
        here = (*path, key)
        if key not in schema:
            raise _unknown_key(schema, here, source)
        _check_value(schema[key], value, here, source)


def _check_value(schema: Schema, value: JsonValue, path: KeyPath, source: Source) -> None:
    if isinstance(schema, ValueRule):
        fault = schema.find_fault(value)
        if fault is not None:
            raise _wrong_value(schema, value, fault, path, source)
        return
    if isinstance(schema, TableList):
        _check_tables(schema, value, path, source)
        return
    if not isinstance(value, dict):
        raise ConfigError(
            f"In {source.place(path)}: `{source.spelled(path)}` must be a table.",
            hint=f"Its keys are: {', '.join(_keys_of(schema))}.",
        )
    if isinstance(schema, NamedTables):
        for name, entry in value.items():
            _check_name(name, (*path, name), source)
            _check_value(schema.keys, entry, (*path, name), source)
        return
    _check_table(schema, value, path, source)


def _check_tables(schema: TableList, value: JsonValue, path: KeyPath, source: Source) -> None:
    if not isinstance(value, list):
        raise ConfigError(
            f"In {source.place(path)}: `{source.spelled(path)}` must be a list of tables.",
            hint=f"Begin each with [[{dotted(path)}]]; its keys are: {', '.join(schema.keys)}.",
        )
    seen: list[JsonValue] = []
    for number, table in enumerate(value, start=1):
        here = (*path, str(number))
        _check_value(schema.keys, table, here, source)
        if isinstance(table, dict):
            _check_listed_table(schema, table, here, source)
            _check_unique(schema.unique, table, seen, here, source)


def _check_listed_table(
    schema: TableList, table: Mapping[str, JsonValue], path: KeyPath, source: Source
) -> None:
    for key in schema.required:
        if key not in table:
            raise ConfigError(
                f"In {source.place(path)}: `{source.spelled(path)}` has no `{key}`.",
                hint=f"It must be {schema.keys[key].wanted}.",
            )
    fault = schema.find_fault(table) if schema.find_fault else None
    if fault is not None:
        whole = (*path, *fault.path)
        raise ConfigError(
            f"In {source.place(whole)}: `{source.spelled(whole)}` cannot stand like this.",
            hint=f"It must be {fault.wanted}.",
        )


def _check_unique(
    key: str | None,
    table: Mapping[str, JsonValue],
    seen: list[JsonValue],
    path: KeyPath,
    source: Source,
) -> None:
    if key is None:
        return
    if table[key] in seen:
        whole = (*path, key)
        raise ConfigError(
            f"In {source.place(whole)}: `{source.spelled(whole)}` is {_shown(table[key])}, "
            "like an earlier one.",
            hint="Give each another name.",
        )
    seen.append(table[key])


def _check_name(name: str, path: KeyPath, source: Source) -> None:
    if _NAME.fullmatch(name) is None:
        raise ConfigError(
            f"In {source.place(path)}: `{source.spelled(path)}` is not a usable name.",
            hint="Use letters, digits, dots, dashes and underscores.",
        )


def _keys_of(schema: NamedTables | Mapping[str, ValueRule]) -> list[str]:
    if isinstance(schema, NamedTables):
        return [f"NAME.{key}" for key in schema.keys]
    return list(schema)


def _unknown_key(schema: Mapping[str, Schema], path: KeyPath, source: Source) -> ConfigError:
    meant = _meant(schema, path)
    question = f"Did you mean `{source.spelled(meant)}`? " if meant else ""
    return ConfigError(
        f"In {source.place(path)}: `{source.spelled(path)}` is not a known key.",
        hint=f"{question}Accepted here: {', '.join(schema)}.",
    )


def _meant(schema: Mapping[str, Schema], path: KeyPath) -> KeyPath | None:
    near = nearest(path[-1], schema)
    if near is not None:
        return (*path[:-1], near)
    elsewhere = {
        key: table for table, keys in SCHEMA.items() if isinstance(keys, Mapping) for key in keys
    }
    found = nearest(path[-1], elsewhere)
    return None if found is None else (elsewhere[found], found)


def _wrong_value(
    rule: ValueRule, value: JsonValue, fault: Fault, path: KeyPath, source: Source
) -> ConfigError:
    whole = (*path, *fault.path)
    is_shown = rule.is_echoed and not fault.path and not isinstance(value, dict | list)
    shown = f"cannot be {_shown(value)}" if is_shown else "has a wrong value"
    near = nearest(value, rule.choices) if isinstance(value, str) else None
    question = f' Did you mean "{near}"?' if near else ""
    return ConfigError(
        f"In {source.place(whole)}: `{source.spelled(whole)}` {shown}.",
        hint=f"It must be {fault.wanted}.{question}",
    )


def _shown(value: JsonValue) -> str:
    if isinstance(value, str):
        is_long = len(value) > _SHOWN_VALUE_LENGTH
        return quoted(value[:_SHOWN_VALUE_LENGTH] + "…" if is_long else value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and abs(value) >= _HUGE:
        return "a number of that size"
    return str(value)
