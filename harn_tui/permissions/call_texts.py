"""The texts of a call that a permission pattern is compared with."""

import json
import os
import posixpath
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.permissions.globs import glob_matches, matches_everything
from harn_tui.permissions.shell_command.model import CommandLine
from harn_tui.permissions.shell_command.parser import parse_command_line
from harn_tui.permissions.shell_command.rule_texts import holding_texts, is_surely_matched

COMMAND_KEY = "command"
_WITHIN = "(paths within an argument)"


@dataclass(frozen=True, slots=True)
class CallText:
    """One string found in the arguments; ``key`` is the parameter in which it was found."""

    key: str
    text: str


@dataclass(frozen=True, slots=True)
class PermissionCall:
    """A call as rules see it.

    ``path_params`` are the parameters that hold paths, ``inner_paths`` are those that stand
    within an argument, as in a patch. With a ``cwd`` paths are also compared
    in their absolute form, relative to it, and with links resolved on the disk.
    """

    tool_name: str
    arguments: JsonObject
    path_params: tuple[str, ...] = ("path",)
    cwd: Path | None = None
    inner_paths: tuple[str, ...] = ()

    def texts(self, key: str | None) -> list[CallText]:
        """Return the strings of parameter ``key``; of all, and inner paths, when it is ``None``."""
        if key is None:
            found = [
                CallText(name, text)
                for name, value in self.arguments.items()
                for text in _strings(_as_line(name, value))
            ]
            found = found or [CallText("", json.dumps(self.arguments, sort_keys=True))]
            return [*found, *self._inner_texts()]
        if key not in self.arguments:
            return []
        value = _as_line(key, self.arguments[key])
        found = [CallText(key, text) for text in _strings(value)]
        return found or [CallText(key, json.dumps(value))]

    def subjects(self) -> list[CallText]:
        """Return the strings that decide what the call acts on.

        These are its paths and its command; of other tools all strings.
        """
        texts = self.texts(None)
        subjects = [text for text in texts if self._is_path(text) or text.key == COMMAND_KEY]
        return subjects or texts

    def with_paths(self, path_params: tuple[str, ...]) -> "PermissionCall":
        """Return the call with ``path_params`` as parameters that hold paths, beside its own."""
        known = tuple(dict.fromkeys((*path_params, *self.path_params)))
        return replace(self, path_params=known)

    def path_texts(self, path_params: tuple[str, ...]) -> list[CallText]:
        """Return the strings of ``path_params``, and the inner paths."""
        return [*(text for key in path_params for text in self.texts(key)), *self._inner_texts()]

    def command_lines(self) -> list[CommandLine]:
        """Return the command lines in the arguments, taken apart."""
        return [parse_command_line(text.text) for text in self.texts(COMMAND_KEY)]

    def doubts(self) -> tuple[str, ...]:
        """Return why not all is known of the commands that the call would run."""
        return tuple(doubt for line in self.command_lines() for doubt in line.doubts)

    def any_form_matches(self, patterns: tuple[str, ...], text: CallText) -> bool:
        """Whether some way to see ``text`` matches: for rules that hold a call back."""
        forms = {text.text, *self._path_forms(text, given=True)}
        if text.key == COMMAND_KEY:
            forms |= holding_texts(parse_command_line(text.text))
        return any(glob_matches(pattern, form) for pattern in patterns for form in forms)

    def is_surely_matched(self, patterns: tuple[str, ...], text: CallText) -> bool:
        """Whether ``text`` matches however it is seen: for rules that let a call through."""
        if any(map(matches_everything, patterns)):
            return True
        if text.key == COMMAND_KEY:
            return is_surely_matched(patterns, parse_command_line(text.text))
        forms = self._path_forms(text, given=False) or {text.text}
        return any(glob_matches(pattern, form) for pattern in patterns for form in forms)

    def resolved_paths(self) -> list[Path]:
        """Return the paths of the call, absolute and with links resolved; needs a ``cwd``.

        Raises ValueError for text that is no path.
        """
        cwd = self.cwd or Path()
        texts = self.path_texts(self.path_params)
        return [Path(os.path.realpath(cwd / _without_tilde(text.text))) for text in texts]

    def _inner_texts(self) -> list[CallText]:
        return [CallText(_WITHIN, path) for path in self.inner_paths]

    def _is_path(self, text: CallText) -> bool:
        return text.key == _WITHIN or text.key in self.path_params

    def _path_forms(self, text: CallText, *, given: bool) -> set[str]:
        """Return the spellings of a path: as ``given``, and those that no ``..`` or link bends."""
        if not self._is_path(text):
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


def _as_line(key: str, value: JsonValue) -> JsonValue:
    """Return a command that is given as a list of its words as the line that it stands for."""
    if key != COMMAND_KEY or not isinstance(value, list):
        return value
    words = [word for word in value if isinstance(word, str)]
    return shlex.join(words) if len(words) == len(value) else value


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
