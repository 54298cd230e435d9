"""The texts of a call that a permission pattern is compared with."""

import json
import os
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.permissions.globs import glob_matches, matches_everything
from harn_tui.permissions.shell_pieces import bare_command, split_command

COMMAND_KEY = "command"


@dataclass(frozen=True, slots=True)
class CallText:
    """One string found in the arguments; ``key`` is the parameter in which it was found."""

    key: str
    text: str


@dataclass(frozen=True, slots=True)
class PermissionCall:
    """A call as rules see it.

    ``path_params`` are the parameters that hold paths. With a ``cwd`` paths are also compared
    in their absolute form, relative to it, and with links resolved on the disk.
    """

    tool_name: str
    arguments: JsonObject
    path_params: tuple[str, ...] = ("path",)
    cwd: Path | None = None

    def texts(self, key: str | None) -> list[CallText]:
        """Return the strings of parameter ``key``, of all parameters when it is ``None``."""
        if key is None:
            found = [
                CallText(name, text)
                for name, value in self.arguments.items()
                for text in _strings(value)
            ]
            return found or [CallText("", json.dumps(self.arguments, sort_keys=True))]
        if key not in self.arguments:
            return []
        value = self.arguments[key]
        found = [CallText(key, text) for text in _strings(value)]
        return found or [CallText(key, json.dumps(value))]

    def subjects(self) -> list[CallText]:
        """Return the strings that decide what the call acts on.

        These are its paths and its command; of other tools all strings.
        """
        texts = self.texts(None)
        subjects = [text for text in texts if text.key in {*self.path_params, COMMAND_KEY}]
        return subjects or texts

    def any_form_matches(self, patterns: tuple[str, ...], text: CallText) -> bool:
        """Whether some way to see ``text`` matches: for rules that hold a call back."""
        forms = {text.text, *self._path_forms(text, given=True)}
        if text.key == COMMAND_KEY:
            pieces = split_command(text.text).commands
            forms |= {*pieces, *map(bare_command, pieces)}
        return any(glob_matches(pattern, form) for pattern in patterns for form in forms)

    def is_surely_matched(self, patterns: tuple[str, ...], text: CallText) -> bool:
        """Whether ``text`` matches however it is seen: for rules that let a call through."""
        if any(map(matches_everything, patterns)):
            return True
        if text.key == COMMAND_KEY:
            return _command_is_matched(patterns, text.text)
        forms = self._path_forms(text, given=False) or {text.text}
        return any(glob_matches(pattern, form) for pattern in patterns for form in forms)

    def _path_forms(self, text: CallText, *, given: bool) -> set[str]:
        """Return the spellings of a path: as ``given``, and those that no ``..`` or link bends."""
        if text.key not in self.path_params:
            return set()
        normal = posixpath.normpath(text.text) if text.text else ""
        if self.cwd is None:
            return {normal}
        path = self.cwd / _without_tilde(text.text)
        absolute = os.path.normpath(path)
        try:
            real, real_cwd = os.path.realpath(path), os.path.realpath(self.cwd)
        except ValueError:  # characters that no path can hold; no tool will find it either
            return {normal}
        forms = {real, os.path.relpath(real, real_cwd)}
        if given:
            forms |= {normal, absolute, os.path.relpath(absolute, self.cwd)}
        return forms


def _command_is_matched(patterns: tuple[str, ...], command: str) -> bool:
    if command.strip() in patterns:
        return True
    pieces = split_command(command)
    if pieces.is_opaque or not pieces.commands:
        return False
    return all(
        any(glob_matches(pattern, piece) for pattern in patterns) for piece in pieces.commands
    )


def _without_tilde(path: str) -> Path:
    try:
        return Path(path).expanduser()
    except RuntimeError:  # the home folder of that user is not known
        return Path(path)


def _strings(value: JsonValue) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)
