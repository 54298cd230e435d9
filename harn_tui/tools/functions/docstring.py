"""Takes from a docstring what a model is told: the description, and a text for each parameter.

The forms of Google, NumPy and reStructuredText are understood.
"""

import inspect
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

_PARAMETER_SECTIONS: Final = frozenset(
    {"args", "arguments", "parameters", "params", "attributes", "keyword args", "other parameters"}
)
_OTHER_SECTIONS: Final = frozenset(
    {
        *("returns", "return", "yields", "yield", "raises", "raise", "warns", "example"),
        *("examples", "note", "notes", "see also", "references", "warnings", "warning"),
    }
)
_GOOGLE_ENTRY: Final = re.compile(r"\*{0,2}(\w+)\s*(?:\([^)]*\))?\s*:\s*(.*)")
_NUMPY_ENTRY: Final = re.compile(r"(\*{0,2}\w+(?:\s*,\s*\*{0,2}\w+)*)\s*(?::.*)?")
_REST_FIELD: Final = re.compile(r":(\w+)\s*([^:]*):\s*(.*)")
_REST_PARAMETERS: Final = frozenset({"param", "parameter", "arg", "argument", "key", "keyword"})
_UNDERLINE: Final = re.compile(r"-{3,}")


@dataclass(frozen=True, slots=True)
class DocstringParts:
    """What a docstring says: ``description`` is empty when it says nothing."""

    description: str = ""
    parameters: dict[str, str] = field(default_factory=dict)


def read_docstring(text: str | None) -> DocstringParts:
    """Return the parts of a docstring; the description ends where the first section begins."""
    if not text or not text.strip():
        return DocstringParts()
    lines = inspect.cleandoc(text).splitlines()
    start = next((number for number in range(len(lines)) if _begins_section(lines, number)), None)
    description = "\n".join(lines[:start]).strip()
    return DocstringParts(description, {} if start is None else _parameters(lines[start:]))


def _begins_section(lines: list[str], number: int) -> bool:
    return _title(lines, number) is not None or _REST_FIELD.match(lines[number]) is not None


def _title(lines: list[str], number: int) -> str | None:
    """Return the title of the section that begins at a line, in lower case."""
    line = lines[number]
    is_numpy = number + 1 < len(lines) and _UNDERLINE.fullmatch(lines[number + 1].strip())
    if not is_numpy and not line.rstrip().endswith(":"):
        return None
    title = line.strip().removesuffix(":").lower()
    is_known = title in _PARAMETER_SECTIONS or title in _OTHER_SECTIONS
    return title if is_known and not line[:1].isspace() else None


def _parameters(lines: list[str]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for name, text in _entries(lines):
        found.setdefault(name, []).append(text)
    return {name: text for name, texts in found.items() if (text := _joined(texts))}


def _entries(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the name of a parameter with each line that is about it."""
    title: str | None = None
    is_numpy = False
    names: tuple[str, ...] = ()
    indent = 0
    for number, line in enumerate(lines):
        stripped, depth = line.strip(), len(line) - len(line.lstrip())
        if (new := _title(lines, number)) is not None:
            title, names, indent = new, (), 0
            is_numpy = not stripped.endswith(":")
        elif rest := _REST_FIELD.match(line):
            is_parameter = rest[1] in _REST_PARAMETERS
            title, indent = "rest", depth
            names = tuple(rest[2].split()[-1:]) if is_parameter else ()
            yield from ((name.lstrip("*"), rest[3]) for name in names)
        elif not stripped or _UNDERLINE.fullmatch(stripped):
            continue
        elif title in _PARAMETER_SECTIONS and (not names or depth <= indent):
            names, text = _entry(stripped, is_numpy=is_numpy)
            indent = depth
            yield from ((name, text) for name in names)
        elif title == "rest" or title in _PARAMETER_SECTIONS:
            yield from ((name.lstrip("*"), stripped) for name in names)


def _entry(line: str, *, is_numpy: bool) -> tuple[tuple[str, ...], str]:
    if is_numpy:
        found = _NUMPY_ENTRY.fullmatch(line)
        names = found[1].split(",") if found else []
        return tuple(name.strip().lstrip("*") for name in names), ""
    found = _GOOGLE_ENTRY.fullmatch(line)
    return ((found[1],), found[2]) if found else ((), "")


def _joined(texts: Iterable[str]) -> str:
    return " ".join(text.strip() for text in texts if text.strip())
