"""Reads somebody else's file: one line at a time, or as one JSON value, within bounds.

What is no JSON object is handed on as a ``BadLine``, so that nothing goes missing unseen. A line
or document that is too large is refused: it is not taken into memory.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from harn_tui.errors import SessionImportError
from harn_tui.json_types import JsonObject, JsonValue

LONGEST_LINE_BYTES = 50_000_000
"""A line of this many bytes or more is refused, as is such a document."""

DEEPEST_NESTING = 200
"""JSON that is nested deeper than this is not taken apart."""

_RAW_CHARACTERS = 2_000
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is no JSON object: where it stands, what is wrong, and how it begins."""

    number: int
    problem: str
    raw: str


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One line of the file, decoded. ``number`` counts from 1."""

    number: int
    members: JsonObject


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to import from. ``longest_line_bytes`` bounds what is held in memory at once."""

    path: Path
    longest_line_bytes: int = LONGEST_LINE_BYTES

    def modified_ms(self) -> int:
        """Return when the file was changed last, in Unix-epoch milliseconds.

        Raises SessionImportError when the file cannot be looked at.
        """
        try:
            return self.path.stat().st_mtime_ns // 1_000_000
        except OSError as error:
            self._refuse(error)

    def lines(self) -> Iterator[SourceLine | BadLine]:
        """Yield every line that is not blank. Raises SessionImportError."""
        for number, content in self._raw_lines():
            if not content.strip():
                continue
            try:
                members = decoded(content)
            except ValueError as error:
                yield _bad_line(number, content, str(error))
                continue
            if isinstance(members, dict):
                yield SourceLine(number, members)
            else:
                yield _bad_line(number, content, "not a JSON object")

    def document(self) -> JsonValue:
        """Return the whole file as one JSON value. Raises SessionImportError."""
        try:
            with self.path.open("rb") as file:
                content = file.read(self.longest_line_bytes)
        except OSError as error:
            self._refuse(error)
        if len(content) >= self.longest_line_bytes:
            raise self._too_long("The file")
        try:
            return decoded(content.removeprefix(_BYTE_ORDER_MARK))
        except ValueError as error:
            raise SessionImportError(
                f"{self.path} is not whole: {str(error)[:200]}.",
                hint="This format is one JSON document; get the file again.",
            ) from error

    def is_list(self) -> bool:
        """Whether the file is one JSON list; not, when it is too large or damaged."""
        try:
            return isinstance(self.document(), list)
        except SessionImportError:
            return False

    def items(self) -> Iterator[SourceLine | BadLine]:
        """Yield the items of a file that is one list, as if each were a line."""
        document = self.document()
        for number, item in enumerate(document if isinstance(document, list) else [], start=1):
            if isinstance(item, dict):
                yield SourceLine(number, item)
            else:
                yield _bad_line(number, json.dumps(item).encode(), "not a JSON object")

    def _raw_lines(self) -> Iterator[tuple[int, bytes]]:
        try:
            with self.path.open("rb") as file:
                number = 0
                while content := file.readline(self.longest_line_bytes):
                    number += 1
                    if len(content) >= self.longest_line_bytes:
                        raise self._too_long(f"Line {number}")
                    yield number, content.removeprefix(_BYTE_ORDER_MARK) if number == 1 else content
        except OSError as error:
            self._refuse(error)

    def _too_long(self, what: str) -> SessionImportError:
        return SessionImportError(
            f"{what} of {self.path} has {self.longest_line_bytes:,} bytes or more.",
            hint="No session has such lines; check that it is the right file, or cut it.",
        )

    def _refuse(self, error: OSError) -> NoReturn:
        raise SessionImportError(
            f"{self.path} cannot be read: {error.strerror or error}.",
            hint="Check the path, and that you may read it.",
        ) from error


def decoded(content: bytes) -> JsonValue:
    """Return the JSON value in ``content``; raises ValueError, also for what is nested too deep."""
    try:
        value: JsonValue = json.loads(content, parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if content.count(b"[") + content.count(b"{") > DEEPEST_NESTING and _is_too_deep(value):
        raise ValueError("nested too deeply")
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _is_too_deep(value: JsonValue) -> bool:
    level: list[Any] = [value]
    for _ in range(DEEPEST_NESTING):
        following: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                following += [v for v in item.values() if isinstance(v, dict | list)]
            elif isinstance(item, list):
                following += [v for v in item if isinstance(v, dict | list)]
        if not following:
            return False
        level = following
    return True


def _bad_line(number: int, content: bytes, problem: str) -> BadLine:
    raw = content[: _RAW_CHARACTERS * 4].decode("utf-8", "replace")[:_RAW_CHARACTERS]
    return BadLine(number, problem[:_RAW_CHARACTERS], raw)
