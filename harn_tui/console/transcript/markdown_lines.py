"""What one line of Markdown begins, judged alone: the block starts of CommonMark and GFM tables.

Lines come without their container prefixes and without their end.
"""

import re
from dataclasses import dataclass
from typing import NamedTuple

_RULE = re.compile(r" {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$")
_HEADING = re.compile(r" {0,3}#{1,6}(?:[ \t]|$)")
_SETEXT = re.compile(r" {0,3}(?:=+|-+)[ \t]*$")
_FENCE = re.compile(r"( {0,3})(`{3,}|~{3,})(.*)$")
_MARKER = re.compile(r"( {0,3})([-+*]|(\d{1,9})([.)]))(?:( +)|$)")
_TASK = re.compile(r"\[([ xX])\] +(?=\S)")
_QUOTE = re.compile(r" {0,3}> ?")
_DELIMITER = re.compile(r" {0,3}[-:|][-:| \t]*$")
_DELIMITER_CELL = re.compile(r":?-+:?$")
_PREFIX = re.compile(r"[ \t>+*\-0-9.)]*")
_REFERENCE = re.compile(r" {0,3}\[([^\[\]]+)\]:[ \t]*<?([^\s<>]+)>?", re.MULTILINE)


class FenceStart(NamedTuple):
    """An opening fence: its indent, its run of backticks or tildes, and its language."""

    indent: int
    run: str
    language: str


@dataclass(frozen=True, slots=True)
class Marker:
    """A list marker. ``number`` is ``None`` for bullets; ``indent`` is the column of the text.

    ``style`` is the character that must be the same in all items of one list.
    """

    style: str
    number: int | None
    indent: int
    rest: str


def expand_prefix(line: str) -> str:
    """Return ``line`` with the tabs among its container markers and indents as spaces."""
    match = _PREFIX.match(line)
    end = match.end() if match else 0
    return line[:end].expandtabs(4) + line[end:]


def is_rule(line: str) -> bool:
    """Whether the line is a thematic break."""
    return _RULE.match(line) is not None


def is_heading(line: str) -> bool:
    """Whether the line is a heading that starts with number signs."""
    return _HEADING.match(line) is not None


def is_setext(line: str) -> bool:
    """Whether the line, under a paragraph, makes that paragraph a heading."""
    return _SETEXT.match(line) is not None


def is_indented(line: str) -> bool:
    """Whether the line is indented as code."""
    return line.startswith("    ")


def fence_start(line: str) -> FenceStart | None:
    """Return the fence that the line opens."""
    match = _FENCE.match(line)
    if match is None:
        return None
    indent, run, info = match.groups()
    if run[0] == "`" and "`" in info:
        return None
    words = info.split(None, 1)
    return FenceStart(len(indent), run, words[0][:40] if words else "")


def closes_fence(line: str, fence: FenceStart) -> bool:
    """Whether the line closes ``fence``."""
    match = _FENCE.match(line)
    return (
        match is not None
        and match.group(2)[0] == fence.run[0]
        and len(match.group(2)) >= len(fence.run)
        and not match.group(3).strip(" \t")
    )


def without_quote(line: str) -> str | None:
    """Return what follows a quote marker, ``None`` when there is none."""
    match = _QUOTE.match(line)
    return line[match.end() :] if match else None


def list_marker(line: str) -> Marker | None:
    """Return the list marker that the line begins with."""
    match = _MARKER.match(line)
    if match is None or is_rule(line):
        return None
    lead, token, digits, delimiter, spaces = match.groups()
    width = len(lead) + len(token)
    rest = line[match.end() :]
    if spaces is None or not rest:
        return Marker(delimiter or token, int(digits) if digits else None, width + 1, "")
    if len(spaces) > 4:
        rest, spaces = " " * (len(spaces) - 1) + rest, " "
    return Marker(delimiter or token, int(digits) if digits else None, width + len(spaces), rest)


def task_state(line: str) -> tuple[bool, str] | None:
    """Return whether a task item is done and its text, ``None`` when it is no task."""
    match = _TASK.match(line)
    return (match.group(1) != " ", line[match.end() :]) if match else None


def starts_block(line: str, *, in_paragraph: bool) -> bool:
    """Whether the line begins a block where a paragraph could go on.

    ``in_paragraph`` says that the paragraph is in the same container: then an empty item, or a
    number other than 1, does not begin a list.
    """
    if is_rule(line) or is_heading(line) or fence_start(line) or without_quote(line) is not None:
        return True
    marker = list_marker(line)
    if marker is None:
        return False
    return not in_paragraph or (bool(marker.rest.strip()) and marker.number in {None, 1})


def table_cells(line: str) -> list[str]:
    """Return the cells of a table row; an escaped bar belongs to its cell."""
    line = line.strip(" \t")
    if "\\|" not in line:
        cells = line.split("|")
    else:
        cells = [
            cell.replace("\x00", "|")
            for cell in line.replace("\x00", "\ufffd").replace("\\|", "\x00").split("|")
        ]
    if cells and not cells[0]:
        cells.pop(0)
    if cells and not cells[-1]:
        cells.pop()
    return [cell.strip(" \t") for cell in cells]


def table_alignments(header: str, delimiter: str) -> tuple[str, ...] | None:
    """Return the alignment (``left``, ``center``, ``right``) of each column of a table.

    ``None`` when the two lines do not begin one.
    """
    if "|" not in header or is_indented(header) or len(delimiter) > 4000:
        return None
    if not _DELIMITER.match(delimiter) or delimiter.lstrip()[:2] in {"-", "- ", "-\t", "|", ":"}:
        return None
    parts = [part.strip(" \t") for part in delimiter.strip(" \t").split("|")]
    if parts and not parts[0]:
        parts.pop(0)
    if parts and not parts[-1]:
        parts.pop()
    if not parts or any(not _DELIMITER_CELL.match(part) for part in parts):
        return None
    if len(parts) != len(table_cells(header)):
        return None
    return tuple(_alignment(part) for part in parts)


def link_references(source: str) -> dict[str, str]:
    """Return the link targets that a paragraph defines, by label."""
    if "]:" not in source:
        return {}
    return dict(_REFERENCE.findall(source))


def _alignment(part: str) -> str:
    if part.endswith(":"):
        return "center" if part.startswith(":") else "right"
    return "left"
