"""Writes single settings into the file that a person edits; everything else stays as written."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from harn_tui.config.checking import check_layer
from harn_tui.config.key_paths import KeyPath, dotted
from harn_tui.config.layers import file_layer
from harn_tui.config.replacing import replace_file
from harn_tui.config.sources import Layer, Source
from harn_tui.errors import ConfigError
from harn_tui.json_types import JsonValue
from harn_tui.late_import import late_module

if TYPE_CHECKING:
    import tomlkit
    import tomlkit.exceptions
else:
    tomlkit = late_module("tomlkit")


def set_value(file: Path, path: KeyPath, value: JsonValue) -> bool:
    """Give the key at ``path`` a value, ``None`` takes it out; false when that changes nothing.

    Comments, order and blank lines are kept, and a link stays a link. The value is checked first,
    and a file that could not be loaded is not touched. Waits for the disk. Raises ConfigError.
    """
    if value is not None:
        check_layer(Layer(Source(str(file)), _tree(path, value)))
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _locked(file.parent):
            file_layer(file, is_required=False)
            text = file.read_text(encoding="utf-8-sig") if file.exists() else ""
            document = tomlkit.parse(text)
            if not _changed(document, path, value):
                return False
            real = file.resolve()
            mode = real.stat().st_mode & 0o777 if real.exists() else 0o600
            replace_file(real, tomlkit.dumps(document).encode(), mode)
    except OSError as error:
        raise ConfigError(
            f"{file} cannot be written: {error.strerror}.", hint="Check its permissions."
        ) from error
    except tomlkit.exceptions.TOMLKitError as error:
        raise ConfigError(f"{file} cannot be changed: {error}.", hint="Edit it by hand.") from error
    return True


def _tree(path: KeyPath, value: JsonValue) -> dict[str, JsonValue]:
    tree: dict[str, JsonValue] = {path[-1]: value}
    for part in reversed(path[:-1]):
        tree = {part: tree}
    return tree


def _changed(document: tomlkit.TOMLDocument, path: KeyPath, value: JsonValue) -> bool:
    table: MutableMapping[str, object] = document
    for part in path[:-1]:
        if part not in table:
            if value is None:
                return False
            table[part] = tomlkit.table()
        inner = table[part]
        if not isinstance(inner, MutableMapping):
            raise ConfigError(f"`{dotted(path[:-1])}` is no table.", hint="Edit the file by hand.")
        table = inner
    last = path[-1]
    if value is None:
        return table.pop(last, None) is not None
    if last in table and table[last] == value and type(value) is type(_plain(table[last])):
        return False
    table[last] = value
    return True


def _plain(item: object) -> object:
    unwrap = getattr(item, "unwrap", None)
    return unwrap() if callable(unwrap) else item


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep other writers of this folder out."""
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
