"""Adds rules to the files that a person keeps, and takes them out; the rest stays as written.

The file is locked, read anew, changed with its comments kept, checked, and replaced as a whole.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harn_tui.errors import ConfigError
from harn_tui.kinds import PermissionVerdict, RulePlace
from harn_tui.late_import import late_module
from harn_tui.permissions.policy_values import glob
from harn_tui.permissions.rule_files import RuleFile, read_text, rules_of

if TYPE_CHECKING:
    import tomlkit
    import tomlkit.container
    import tomlkit.exceptions
    import tomlkit.items
else:
    tomlkit = late_module("tomlkit")

_PLAIN_ARGUMENTS = frozenset({"command", "path"})
"""Arguments whose patterns may join a plain list, which looks at all that a call acts on."""
_MODES = {RulePlace.USER: (0o700, 0o600), RulePlace.PROJECT: (0o755, 0o644)}


@dataclass(frozen=True, slots=True)
class RuleText:
    """A rule as it is kept.

    ``tool_glob`` names the tools. ``pattern`` ``None`` means all their calls. ``argument`` limits
    the pattern to one parameter.
    """

    verdict: PermissionVerdict
    tool_glob: str
    pattern: str | None = None
    argument: str | None = None

    def __post_init__(self) -> None:
        glob("the tool of a rule", self.tool_glob)
        if self.pattern is not None:
            glob("the pattern of a rule", self.pattern)


def add_rule(file: RuleFile, rule: RuleText) -> bool:
    """Add ``rule``; return false when the file has it. Raises ConfigError; writes the disk."""
    return _changed(file, lambda document: _add(document, rule, file))


def remove_rule(file: RuleFile, rule: RuleText) -> bool:
    """Take ``rule`` out; return false when the file does not have it. Raises ConfigError."""
    return _changed(file, lambda document: _remove(document, rule))


def _changed(file: RuleFile, change: Callable[[tomlkit.TOMLDocument], bool]) -> bool:
    folder_mode, _ = _MODES[file.place]
    try:
        file.path.parent.mkdir(mode=folder_mode, parents=True, exist_ok=True)
        with _locked(file.path.parent):
            text = read_text(file.path)
            rules_of(text, file, cwd=Path())
            document = tomlkit.parse(text)
            if not change(document):
                return False
            new_text = tomlkit.dumps(document)
            rules_of(new_text, file, cwd=Path())
            _replace(file, new_text)
    except OSError as error:
        raise ConfigError(
            f"{file.path} cannot be written: {error.strerror}.", hint="Check its permissions."
        ) from error
    except tomlkit.exceptions.TOMLKitError as error:
        raise ConfigError(f"{file.path} cannot be changed: {error}.") from error
    return True


def _add(document: tomlkit.TOMLDocument, rule: RuleText, file: RuleFile) -> bool:
    section = _section(document, rule)
    if isinstance(section, list):
        section.append(rule.tool_glob)
        return True
    if section is None:
        return False
    entry = section.get(rule.tool_glob)
    if entry is True:
        return False
    if rule.pattern is None:
        section[rule.tool_glob] = True
        return True
    if isinstance(entry, MutableMapping):
        return _add_to_argument(entry, rule, file)
    if rule.argument is not None:
        if entry and rule.argument in _PLAIN_ARGUMENTS:
            return _add_pattern(section, rule.tool_glob, rule.pattern)
        if entry:
            raise _by_hand(file, rule)
        matcher = tomlkit.inline_table()
        matcher.update({"arg_key": rule.argument, "patterns": [rule.pattern]})
        section[rule.tool_glob] = matcher
        return True
    return _add_pattern(section, rule.tool_glob, rule.pattern)


def _section(
    document: tomlkit.TOMLDocument, rule: RuleText
) -> list[str] | MutableMapping[str, object] | None:
    """Return the section to add to; ``None`` when all calls of the tool are in it already."""
    key = rule.verdict.value
    section = document.get(key)
    if section is None:
        document[key] = tomlkit.table()
        return _mapping(document[key])
    if not isinstance(section, tomlkit.items.Array):
        return _mapping(section)
    if rule.tool_glob in section:
        return None
    if rule.pattern is None:
        return section
    named = tomlkit.table()
    for name in section:
        named[str(name)] = True
    # A table stands behind the keys of the document, or it would swallow them.
    document.remove(key)
    document[key] = named
    return _mapping(document[key])


def _mapping(section: object) -> MutableMapping[str, object]:
    assert isinstance(
        section, tomlkit.items.Table | tomlkit.container.Container | MutableMapping
    ), "the rules were checked"
    return section


def _add_to_argument(entry: MutableMapping[str, object], rule: RuleText, file: RuleFile) -> bool:
    key = next(name for name in ("patterns", "arg_patterns", "allow") if name in entry)
    argument = entry.get("arg_key", entry.get("key"))
    if rule.pattern is None or argument != rule.argument:
        raise _by_hand(file, rule)
    return _add_pattern(entry, key, rule.pattern)


def _add_pattern(table: MutableMapping[str, object], key: str, pattern: str) -> bool:
    entry = table.get(key)
    if isinstance(entry, tomlkit.items.Array):
        if pattern in entry:
            return False
        entry.append(pattern)
        return True
    if entry == pattern:
        return False
    table[key] = [str(entry), pattern] if isinstance(entry, str) else [pattern]
    return True


def _remove(document: tomlkit.TOMLDocument, rule: RuleText) -> bool:
    section = document.get(rule.verdict.value)
    if isinstance(section, tomlkit.items.Array):
        if rule.pattern is not None or rule.tool_glob not in section:
            return False
        section.remove(rule.tool_glob)
        return True
    if not isinstance(section, MutableMapping) or rule.tool_glob not in section:
        return False
    entry = section[rule.tool_glob]
    if rule.pattern is None:
        is_there = entry is True
        if is_there:
            del section[rule.tool_glob]
        return is_there
    return _remove_pattern(section, rule, entry)


def _remove_pattern(section: MutableMapping[str, object], rule: RuleText, entry: object) -> bool:
    patterns = entry
    if isinstance(entry, MutableMapping):
        if entry.get("arg_key", entry.get("key")) != rule.argument:
            return False
        key = next(name for name in ("patterns", "arg_patterns", "allow") if name in entry)
        patterns = entry[key]
    elif rule.argument is not None:
        return False
    if patterns == rule.pattern or patterns == [rule.pattern]:
        del section[rule.tool_glob]
        return True
    if isinstance(patterns, tomlkit.items.Array) and rule.pattern in patterns:
        patterns.remove(rule.pattern)
        return True
    return False


def _by_hand(file: RuleFile, rule: RuleText) -> ConfigError:
    return ConfigError(
        f"{file.path} has another kind of rule for {rule.tool_glob}.", hint="Edit it by hand."
    )


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep other writers of this folder out."""
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _replace(file: RuleFile, text: str) -> None:
    """Write ``text`` beside the file and put it in its place; a link stays a link."""
    path = file.path.resolve()
    folder = file.path.parent.parent.resolve()
    if file.place is RulePlace.PROJECT and not path.is_relative_to(folder):
        raise ConfigError(f"{file.path} leads out of the project and is not written.")
    mode = path.stat().st_mode & 0o777 if path.exists() else _MODES[file.place][1]
    temporary = path.parent / f".{path.name}-{secrets.token_hex(8)}.tmp"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(temporary, flags, mode), "w", encoding="utf-8") as target:
            target.write(text)
            target.flush()
            os.fsync(target.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
