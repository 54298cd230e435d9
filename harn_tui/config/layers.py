"""Reads single layers: a file, an environment variable, a ``--set KEY=VALUE``."""

import re
import stat
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from harn_tui.config.checking import check_layer, nearest, rule_at
from harn_tui.config.key_paths import (
    KeyPath,
    dotted,
    has_overlong_key,
    line_numbers,
    quoted,
    split_assignment,
)
from harn_tui.config.schema import SCHEMA
from harn_tui.config.sources import VARIABLE_PREFIX, Layer, Source
from harn_tui.errors import ConfigError
from harn_tui.json_types import JsonObject, JsonValue

_OTHER_VARIABLES: Final = frozenset({"HARN_TUI_HOME", "HARN_TUI_CLIPBOARD"})
"""Variables of ours that are no configuration keys."""
_LARGEST_FILE_BYTES: Final = 64 * 1024
_TOML_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def file_layer(path: Path, *, is_required: bool) -> Layer | None:
    """Read and check one TOML file; ``None`` when it is missing and not required.

    Raises ConfigError when it is required and missing, unreadable, no regular file, larger than
    64 KiB, not UTF-8, not TOML, or holds what a configuration may not hold.
    """
    data = _read(path, is_required=is_required)
    if data is None:
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(
            f"In {_shown(path)}, line {line}: the file is not UTF-8.",
            hint="Save it as UTF-8 text.",
        ) from error
    values = _parse(text, path)
    layer = Layer(Source(str(path), line_numbers(text)), values)
    check_layer(layer)
    return layer


def environment_layers(environment: Mapping[str, str]) -> Iterator[Layer]:
    """Yield one checked layer for each ``HARN_TUI_*`` variable that is not blank, by name.

    ``_OTHER_VARIABLES`` are left out. Two underscores stand for the dot of a key. Raises
    ConfigError that names the variable.
    """
    for name in sorted(environment):
        value = environment[name]
        if not name.startswith(VARIABLE_PREFIX) or name in _OTHER_VARIABLES or not value.strip():
            continue
        path = tuple(name.removeprefix(VARIABLE_PREFIX).lower().split("__"))
        source = Source(name, is_variable=True)
        if path[0] not in SCHEMA:
            raise _unknown_variable(path, source)
        yield _single(source, path, value)


def override_layers(overrides: Sequence[str]) -> Iterator[Layer]:
    """Yield one checked layer for each ``KEY=VALUE``, in order; later ones win when merged."""
    for override in overrides:
        assignment = split_assignment(override)
        if assignment is None:
            # Only what stands before the first `=` is repeated: the rest may be a secret.
            key = override.partition("=")[0]
            raise ConfigError(
                f"In --set: {quoted(key)} is not KEY=VALUE.",
                hint="Write it like --set loop.max_nudges=2.",
            )
        path, value = assignment
        yield _single(Source("--set"), path, value)


def _read(path: Path, *, is_required: bool) -> bytes | None:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise ConfigError(f"{_shown(path)} is not a regular file.", hint="Name a TOML file.")
        if status.st_size > _LARGEST_FILE_BYTES:
            raise ConfigError(
                f"{_shown(path)} is larger than 64 KiB.", hint="Configuration is a short TOML file."
            )
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        if not is_required:
            return None
        raise ConfigError(
            f"The configuration file {_shown(path)} does not exist.",
            hint="Check the path given with --config.",
        ) from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a usable path"
        raise ConfigError(
            f"{_shown(path)} cannot be read: {reason}.", hint="Check its permissions."
        ) from error


def _parse(text: str, path: Path) -> JsonObject:
    if has_overlong_key(text):
        raise ConfigError(f"{_shown(path)} has a key of more than 64 parts.")
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise ConfigError(f"{_shown(path)} is nested too deeply.") from error
    except ValueError as error:
        reason = str(error)
        place = _TOML_PLACE.search(reason)
        where = _shown(path)
        if place is not None:
            reason = reason[: place.start()]
            last_line = text.count("\n") + 1
            where += f", line {place[1]}, column {place[2]}" if place[1] else f", line {last_line}"
        raise ConfigError(
            f"In {where}: not valid TOML: {reason}.", hint="See https://toml.io for the syntax."
        ) from error


def _single(source: Source, path: KeyPath, text: str) -> Layer:
    tree: JsonObject = {path[-1]: _value(path, text)}
    for part in reversed(path[:-1]):
        tree = {part: tree}
    layer = Layer(source, tree)
    check_layer(layer)
    return layer


def _value(path: KeyPath, text: str) -> JsonValue:
    """Return ``text`` read as TOML, else as plain text.

    Where only text is accepted, ``gpt-4`` and ``5`` alike are plain text.
    """
    rule = rule_at(path)
    is_text_wanted = rule is not None and rule.is_text
    try:
        values = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        return text
    value: JsonValue = values.pop("value")
    if values or (is_text_wanted and not isinstance(value, str)):
        return text
    return value


def _unknown_variable(path: KeyPath, source: Source) -> ConfigError:
    near = nearest(path[0], SCHEMA)
    question = f"Did you mean {source.spelled((near, *path[1:]))}? " if near else ""
    names = ", ".join(source.spelled((key,)) for key in SCHEMA)
    return ConfigError(
        f"The environment variable {dotted((source.name,))} is no configuration key.",
        hint=f"{question}Accepted: {names}; two underscores stand for the dot of a key.",
    )


def _shown(path: Path) -> str:
    return Source(str(path)).place(())
