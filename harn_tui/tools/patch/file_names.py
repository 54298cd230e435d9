"""The names of files as a patch writes them: prefixes, quotes, times."""

import re

NOWHERE = "/dev/null"
_ESCAPES = {"n": 10, "t": 9, "r": 13, "a": 7, "b": 8, "f": 12, "v": 11, '"': 34, "\\": 92}
_QUOTED_PAIR = re.compile(r'("(?:[^"\\]|\\.)*"|\S+) ("(?:[^"\\]|\\.)*"|\S+)')
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)")


def header_paths(old: str, new: str) -> tuple[str | None, str | None]:
    """Return the paths of a ``---`` and a ``+++`` line; ``None`` stands for no file.

    The prefixes ``a/`` and ``b/`` are taken off where both sides have theirs or one has no file.
    """
    old_path, new_path = plain_name(old), plain_name(new)
    has_prefixes = _has_prefix(old_path, "a/") and _has_prefix(new_path, "b/")
    start = len("a/") if has_prefixes else 0
    return (
        None if old_path == NOWHERE else old_path[start:],
        None if new_path == NOWHERE else new_path[start:],
    )


def quoted_pair(text: str) -> tuple[str, str]:
    """Return both paths of a ``diff --git`` line, empty ones where it does not say which."""
    text = text.rstrip("\r\n")
    if text.startswith('"') or text.endswith('"'):
        names = _QUOTED_PAIR.fullmatch(text)
        return _pair(names.group(1), names.group(2)) if names else ("", "")
    # Without quotes a name may hold blanks; then both are the same, and so is their length.
    middle = len(text) // 2
    if text[middle : middle + 1] == " ":
        old, new = _pair(text[:middle], text[middle + 1 :])
        if old == new:
            return old, new
    parts = text.split(" ")
    return _pair(*parts) if len(parts) == 2 else ("", "")


def _pair(old: str, new: str) -> tuple[str, str]:
    old_path, new_path = header_paths(old, new)
    return old_path or "", new_path or ""


def plain_name(text: str) -> str:
    """Return the name on a header line, without a time behind it and without quotes."""
    name = text.rstrip("\r\n")
    if name.startswith('"'):
        end = re.match(r'"((?:[^"\\]|\\.)*)"', name)
        return _unescaped(end.group(1)) if end else name
    return name.partition("\t")[0].rstrip(" ")


def _has_prefix(path: str, prefix: str) -> bool:
    return path == NOWHERE or path.startswith(prefix)


def _unescaped(text: str) -> str:
    def replaced(found: re.Match[bytes]) -> bytes:
        code = found.group(1)
        if code.isdigit():
            return bytes([int(code, 8) & 0xFF])
        return bytes([_ESCAPES.get(code.decode("latin-1"), code[0])])

    return _ESCAPE.sub(replaced, text.encode()).decode("utf-8", "surrogateescape")
