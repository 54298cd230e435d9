"""Dotted keys: reading and writing them, and finding their lines in a TOML text."""

import re
import tomllib
from collections.abc import Mapping
from typing import TypeAlias

KeyPath: TypeAlias = tuple[str, ...]

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_TOKEN = re.compile(r"\"\"\"|'''|\"(?:\\.|[^\"\\])*\"|'[^']*'|#.*")
_TRIPLE = ('"""', "'''")


def parse_key(text: str) -> KeyPath | None:
    """Return the path that a TOML key such as ``loop."a b"`` means, ``None`` when it is none."""
    if not text.strip() or "\n" in text or "\r" in text:
        return None
    try:
        return _only_path(tomllib.loads(f"{text} = 0"))
    except (ValueError, RecursionError):
        return None


def split_assignment(text: str) -> tuple[KeyPath, str] | None:
    """Split ``KEY=VALUE`` at the first ``=`` that ends a key; ``None`` when there is none."""
    for found in re.finditer("=", text):
        path = parse_key(text[: found.start()])
        if path is not None:
            return path, text[found.end() :]
    return None


def dotted(path: KeyPath) -> str:
    """Return ``path`` as a TOML key, safe to print: parts that are not bare are quoted."""
    return ".".join(part if _BARE.fullmatch(part) else quoted(part) for part in path)


def quoted(text: str) -> str:
    """Return ``text`` as a TOML string on one line; what cannot be seen is escaped."""
    return f'"{"".join(_escaped(character) for character in text)}"'


def line_numbers(text: str) -> dict[KeyPath, int]:
    """Return the line (from 1) of each key and table header in the valid TOML ``text``.

    Keys inside inline tables have no entry of their own.
    """
    lines: dict[KeyPath, int] = {}
    table: KeyPath = ()
    open_quotes: str | None = None
    for number, line in enumerate(text.split("\n"), start=1):
        if open_quotes is None:
            header = _header(line)
            table = table if header is None else header
            path = table if header is not None else _assigned(table, line)
            if path is not None:
                lines.setdefault(path, number)
        open_quotes = _open_quotes(line, open_quotes)
    return lines


def nearest_line(lines: Mapping[KeyPath, int], path: KeyPath) -> int | None:
    """Return the line of ``path`` or of the closest key around it, ``None`` when none is known.

    A table that was only ever written as a part of longer keys is on the line of the first.
    """
    for length in range(len(path), 0, -1):
        inside = [line for key, line in lines.items() if key[:length] == path[:length]]
        if inside:
            return min(inside)
    return None


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if character.isprintable():
        return character
    return {"\n": "\\n", "\t": "\\t"}.get(character, f"\\U{ord(character):08X}")


def _only_path(tree: object) -> KeyPath:
    path: KeyPath = ()
    while isinstance(tree, dict) and len(tree) == 1:
        ((part, tree),) = tree.items()
        path = (*path, part)
    return path


def _header(line: str) -> KeyPath | None:
    if not line.lstrip().startswith("["):
        return None
    try:
        return _only_path(tomllib.loads(line)) or None
    except (ValueError, RecursionError):
        return None


def _assigned(table: KeyPath, line: str) -> KeyPath | None:
    if line.lstrip().startswith("#"):
        return None
    split = split_assignment(line)
    return None if split is None else (*table, *split[0])


def _open_quotes(line: str, quotes: str | None) -> str | None:
    """Return the quotes of the multi-line string that is open at the end of ``line``."""
    position = 0
    while True:
        if quotes is not None:
            end = line.find(quotes, position)
            if end < 0:
                return quotes
            quotes, position = None, end + len(quotes)
        found = _TOKEN.search(line, position)
        if found is None:
            return None
        position = found.end()
        if found.group() in _TRIPLE:
            quotes = found.group()
