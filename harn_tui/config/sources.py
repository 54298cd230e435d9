"""Where a configuration value was written, in words for messages and origins."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from harn_tui.config.key_paths import KeyPath, dotted, nearest_line, quoted
from harn_tui.json_types import JsonObject

VARIABLE_PREFIX = "HARN_TUI_"
"""What the names of environment variables that hold configuration begin with."""


@dataclass(frozen=True, slots=True)
class Source:
    """One place that values come from.

    ``name`` is a file's path, a variable's name or ``--set``. ``lines`` is empty for all but
    files.
    """

    name: str
    lines: Mapping[KeyPath, int] = field(default_factory=dict)
    is_variable: bool = False

    def origin(self, path: KeyPath) -> str:
        """Return where the value at ``path`` was written, as ``name`` or ``name:line``."""
        line = nearest_line(self.lines, path)
        return _safe(self.name) if line is None else f"{_safe(self.name)}:{line}"

    def place(self, path: KeyPath) -> str:
        """Return the same in words: ``name`` or ``name, line N``."""
        line = nearest_line(self.lines, path)
        return _safe(self.name) if line is None else f"{_safe(self.name)}, line {line}"

    def spelled(self, path: KeyPath) -> str:
        """Return the key at ``path`` as somebody would write it here."""
        if self.is_variable:
            return _safe(VARIABLE_PREFIX + "__".join(path).upper())
        return dotted(path)


@dataclass(frozen=True, slots=True)
class Layer:
    """The values of one source, not merged with anything yet."""

    source: Source
    values: JsonObject


def _safe(text: str) -> str:
    return text if text.isprintable() else quoted(text)
