"""Dotted keys: reading and writing them, and finding their lines in a TOML text."""

import re
import tomllib
from collections.abc import Mapping
from typing import TypeAlias

from harn_tui.json_types import JsonObject, JsonValue

KeyPath: TypeAlias = tuple[str, ...]

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_TOKEN = re.compile(r"\"\"\"|'''|\"(?:\\.|[^\"\\])*+\"|'[^']*+'|#.*")
_PART = r"(?:[A-Za-z0-9_-]++|\"(?:\\.|[^\"\\])*+\"|'[^']*+')"
_ASSIGNMENT = re.compile(rf"\s*+{_PART}(?:\s*+\.\s*+{_PART})*+\s*+=")
# Quoted parts are bounded here, so that text full of quotes is searched in linear time.
_SHORT_PART = r"(?:[A-Za-z0-9_-]++|\"(?:\\.|[^\"\\\n]){0,100}+\"|'[^'\n]{0,100}+')"
_OVERLONG_KEY = re.compile(
    rf"(?<![A-Za-z0-9_-]){_SHORT_PART}(?:[ \t]*+\.[ \t]*+{_SHORT_PART}){{64}}"
)
_INDEXED_PARTS = 4  # keys have three parts at most; one more finds the inside of a matcher
_TRIPLE = ('"""', "'''")


def split_assignment(text: str) -> tuple[KeyPath, str] | None:
    """Split ``KEY=VALUE``, where ``KEY`` is a TOML key such as ``loop."a b"``.

    Returns the key's path and the text after ``=``, ``None`` when there is no such key.
    """
    found = _ASSIGNMENT.match(text)
    if found is None or "\n" in found.group():
        return None
    try:
        path = _only_path(tomllib.loads(f"{found.group()} 0"))
    except (ValueError, RecursionError):
        return None
    return path, text[found.end() :]


def has_overlong_key(text: str) -> bool:
    """Whether ``text`` has a key of more than 64 parts, which takes TOML readers very long."""
    return _OVERLONG_KEY.search(text) is not None


def dotted(path: KeyPath) -> str:
    """Return ``path`` as a TOML key, safe to print: parts that are not bare are quoted."""
    return ".".join(part if _BARE.fullmatch(part) else quoted(part) for part in path)


def quoted(text: str) -> str:
    """Return ``text`` as a TOML string on one line; what cannot be seen is escaped."""
    return f'"{"".join(_escaped(character) for character in text)}"'


def line_numbers(text: str) -> dict[KeyPath, int]:
    """Return the line (from 1) on which each key and table of the valid TOML ``text`` begins.

    The tables of a list (``[[hooks]]``) have their number, from 1, as one more part. Keys inside
    inline tables have no entry of their own.
    """
    lines: dict[KeyPath, int] = {}
    table: KeyPath = ()
    listed: dict[KeyPath, int] = {}
    open_quotes: str | None = None
    for number, line in enumerate(text.split("\n"), start=1):
        if open_quotes is None:
            header = _header(line)
            if header is not None:
                table = _numbered(header, listed) if _is_list_header(line) else header
            path = table if header is not None else _assigned(table, line)
            for length in range(1, min(len(path), _INDEXED_PARTS) + 1):
                lines.setdefault(path[:length], number)
        open_quotes = _open_quotes(line, open_quotes)
    return lines


def nearest_line(lines: Mapping[KeyPath, int], path: KeyPath) -> int | None:
    """Return the line of ``path`` or of the closest key around it, ``None`` when none is known."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return None


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if character.isprintable():
        return character
    return {"\n": "\\n", "\t": "\\t"}.get(character, f"\\U{ord(character):08X}")


def _only_path(tree: JsonObject) -> KeyPath:
    path: KeyPath = ()
    node: JsonValue = tree
    while isinstance(node, dict) and node:
        part, node = next(iter(node.items()))
        path = (*path, part)
    return path


def _header(line: str) -> KeyPath | None:
    if not line.lstrip().startswith("["):
        return None
    try:
        return _only_path(tomllib.loads(line)) or None
    except (ValueError, RecursionError):
        return None


def _is_list_header(line: str) -> bool:
    return line.lstrip().startswith("[[")


def _numbered(header: KeyPath, listed: dict[KeyPath, int]) -> KeyPath:
    listed[header] = listed.get(header, 0) + 1
    return (*header, str(listed[header]))


def _assigned(table: KeyPath, line: str) -> KeyPath:
    split = split_assignment(line)
    return () if split is None else (*table, *split[0])


def _open_quotes(line: str, quotes: str | None) -> str | None:
    """Return the quotes of the multi-line string that is open at the end of ``line``."""
    position = 0
    while True:
        if quotes is not None:
            end = line.find(quotes, position)
            if end < 0:
                return quotes
            position = end + len(quotes)
            quotes = None
        found = _TOKEN.search(line, position)
        if found is None:
            return None
        position = found.end()
        if found.group() in _TRIPLE:
            quotes = found.group()
