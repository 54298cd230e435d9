"""Reads a unified diff, plain or in git's form, into what it changes file by file."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from harn_tui.errors import ToolError
from harn_tui.kinds import ToolErrorCategory
from harn_tui.tools.patch.file_names import header_paths, plain_name, quoted_pair

_FILE_HEADER = re.compile(r"^--- (.+)\n\+\+\+ (.+)$", re.MULTILINE)
_HUNK = re.compile(r"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@")
_MODE = re.compile(r"(?:(?:new file |deleted file |old |new )mode|index [0-9a-f.]+) ([0-7]{6})")
_IGNORED_HEADERS = ("index ", "similarity index ", "dissimilarity index ")
_REFUSED = {
    "GIT binary patch": "a binary change",
    "Binary files ": "a binary change",
    "copy from ": "a copy of a file",
    "@@@ ": "a merge",
}
_NOT_REGULAR = {"120000": "a link", "160000": "a submodule"}
_NO_NEWLINE = "\\"
_SIGNATURE = "-- \n"  # stands at the end of what git makes for mail
_SIGNS = frozenset(" +-")

Line: TypeAlias = tuple[str, str]
"""A sign (blank, ``+`` or ``-``) and the text of the line with its line end."""


@dataclass(frozen=True, slots=True)
class Hunk:
    """One change. ``old_start`` is its line number as written; 0 stands before the first line."""

    header: str
    old_start: int
    lines: tuple[Line, ...]

    @property
    def old(self) -> list[str]:
        """The lines that the file must have there."""
        return [text for sign, text in self.lines if sign != "+"]


@dataclass(slots=True)
class FileChange:
    """What a patch does to one file, paths as written.

    ``old_path`` ``None`` means a new file and ``new_path`` ``None`` a deleted one; two different
    paths a renamed one. ``is_executable`` ``None`` leaves the mode as it is.
    """

    old_path: str | None
    new_path: str | None
    hunks: list[Hunk] = field(default_factory=list)
    is_executable: bool | None = None

    @property
    def shown(self) -> str:
        """The path by which errors name it."""
        return self.new_path or self.old_path or "?"


def parse_patch(text: str) -> list[FileChange]:
    """Return the changes in their order; text around them is left out.

    Raises ToolError for a patch without changes, or with one that cannot be understood.
    """
    changes = list(_PatchReader(text).changes())
    if not changes:
        raise _bad("it holds no change", "Begin each file with `--- a/PATH` and `+++ b/PATH`.")
    return changes


def patched_paths(text: str) -> tuple[str, ...]:
    """Return every path that the patch reads or writes, each once; empty for no valid patch."""
    try:
        changes = parse_patch(text)
    except ToolError:
        return ()
    paths = (path for change in changes for path in (change.old_path, change.new_path))
    return tuple(dict.fromkeys(path for path in paths if path is not None))


def first_path(text: str) -> str | None:
    """Return the first path that the beginning of a patch names, ``None`` when it names none."""
    found = _FILE_HEADER.search(text)
    if found is None:
        return None
    old, new = header_paths(found[1], found[2])
    return new or old


class _PatchReader:
    """Walks over the lines of a patch once."""

    def __init__(self, text: str) -> None:
        # Only these are line ends of a patch; form feeds and the like are text.
        self._lines = [line + "\n" for line in text.removesuffix("\n").split("\n")]
        self._next = 0

    def changes(self) -> Iterator[FileChange]:
        while self._next < len(self._lines):
            line = self._lines[self._next]
            if line.startswith("diff --git "):
                yield self._git_change()
            elif self._is_header():
                yield self._with_hunks(self._plain_change())
            elif _HUNK.match(line):
                raise _bad(
                    f"line {self._next + 1} begins a hunk of no file",
                    "Put `--- a/PATH` and `+++ b/PATH` before the first hunk of a file.",
                )
            else:
                self._next += 1

    def _line_at(self, index: int) -> str:
        return self._lines[index] if index < len(self._lines) else ""

    def _is_header(self) -> bool:
        """Whether the next two lines are the names of a file's old and new side."""
        first, second = self._line_at(self._next), self._line_at(self._next + 1)
        return first.startswith("--- ") and second.startswith("+++ ")

    def _takes_header(self, change: FileChange) -> bool:
        """Take the two lines with names if they are about the file of ``change``."""
        old, new = header_paths(self._lines[self._next][4:], self._lines[self._next + 1][4:])
        known = ((old, change.old_path), (new, change.new_path))
        if any(name and before and name != before for name, before in known):
            return False
        self._next += 2
        change.old_path = None if change.old_path is None else old
        change.new_path = None if change.new_path is None else new
        return True

    def _plain_change(self) -> FileChange:
        old = self._lines[self._next][4:]
        new = self._lines[self._next + 1][4:]
        self._next += 2
        old_path, new_path = header_paths(old, new)
        if old_path is None and new_path is None:
            raise _bad("a change has /dev/null on both sides")
        if old_path is not None and new_path is not None and old_path != new_path:
            raise _bad(
                f"it changes {old_path} into {new_path}",
                "To rename a file add the lines `diff --git a/OLD b/NEW`, `rename from OLD` and"
                " `rename to NEW`.",
            )
        return FileChange(old_path, new_path)

    def _git_change(self) -> FileChange:
        old, new = quoted_pair(self._lines[self._next][len("diff --git ") :])
        change = FileChange(old, new)
        self._next += 1
        while self._next < len(self._lines):
            line = self._lines[self._next]
            if self._is_header():
                if not self._takes_header(change):
                    break
                return self._with_hunks(change)
            if line.startswith("diff --git ") or not self._extended_header(change, line):
                break
            self._next += 1
        if change.old_path == "" or change.new_path == "":
            raise _bad("a `diff --git` line does not tell which file it is about")
        if change.old_path == change.new_path and change.is_executable is None:
            raise _no_hunk(change.shown)
        return change

    def _extended_header(self, change: FileChange, line: str) -> bool:
        """Take one of git's lines between the names and the hunks; false when it is none."""
        _refuse(line, change.shown)
        if line.startswith("rename from "):
            change.old_path = plain_name(line[len("rename from ") :])
            return True
        if line.startswith("rename to "):
            change.new_path = plain_name(line[len("rename to ") :])
            return True
        mode = _MODE.match(line)
        if mode is None:
            return line.startswith(_IGNORED_HEADERS)
        if mode.group(1) in _NOT_REGULAR:
            raise _bad(f"{change.shown} is {_NOT_REGULAR[mode.group(1)]}, which is not supported")
        if line.startswith("new file"):
            change.old_path = None
        if line.startswith("deleted file"):
            change.new_path = None
        elif line.startswith("new "):
            change.is_executable = mode.group(1).endswith("755")
        return True

    def _with_hunks(self, change: FileChange) -> FileChange:
        while header := _HUNK.match(self._line_at(self._next)):
            change.hunks.append(self._hunk(header, change.shown))
        _refuse(self._line_at(self._next), change.shown)
        if not change.hunks:
            raise _no_hunk(change.shown)
        return change

    def _hunk(self, header: re.Match[str], shown: str) -> Hunk:
        words = header.group()
        old_start = int(header.group(1))
        old_left, new_left = (1 if n is None else int(n) for n in header.group(2, 4))
        old_count, new_count = old_left, new_left
        self._next += 1
        lines: list[Line] = []
        while old_left > 0 or new_left > 0:
            line = self._line_at(self._next)
            # Editors and models drop the blank of an empty context line.
            sign, text = (" ", line) if line in {"\n", "\r\n"} else (line[:1], line[1:])
            if sign == _NO_NEWLINE:
                self._drop_newline(lines)
                continue
            is_wanted = sign in _SIGNS and line != ""
            if not is_wanted or (sign != "+" and not old_left) or (sign != "-" and not new_left):
                raise _wrong_counts(shown, words, lines, (old_count, new_count))
            old_left -= sign != "+"
            new_left -= sign != "-"
            lines.append((sign, text))
            self._next += 1
        if self._line_at(self._next).startswith(_NO_NEWLINE):
            self._drop_newline(lines)
        if self._goes_on():
            raise _wrong_counts(shown, words, [*lines, *self._rest()], (old_count, new_count))
        return Hunk(words, old_start, tuple(lines))

    def _drop_newline(self, lines: list[Line]) -> None:
        if not lines:
            raise _bad("`\\ No newline at end of file` stands before the first line of a hunk")
        sign, text = lines[-1]
        lines[-1] = (sign, text.removesuffix("\n").removesuffix("\r"))
        self._next += 1

    def _goes_on(self) -> bool:
        """Whether the next line can only belong to the hunk that has all its lines already."""
        line = self._line_at(self._next)
        return line[:1] in {"+", "-"} and not self._is_header() and line != _SIGNATURE

    def _rest(self) -> Iterator[Line]:
        while self._line_at(self._next)[:1] in _SIGNS and self._line_at(self._next):
            line = self._lines[self._next]
            self._next += 1
            yield line[:1], line[1:]


def _refuse(line: str, shown: str) -> None:
    for start, what in _REFUSED.items():
        if line.startswith(start):
            raise _bad(f"{shown} is {what}, which is not supported")


def _no_hunk(shown: str) -> ToolError:
    return _bad(f"{shown} has no hunk", "A hunk begins with a line such as `@@ -1,3 +1,4 @@`.")


def _wrong_counts(shown: str, header: str, lines: list[Line], said: tuple[int, int]) -> ToolError:
    old = sum(sign != "+" for sign, _ in lines)
    new = sum(sign != "-" for sign, _ in lines)
    return _bad(
        f"the hunk `{header}` of {shown} says {said[0]} old and {said[1]} new lines, but has"
        f" {old} and {new}",
        "Correct the numbers, and begin every line of a hunk with a blank, + or -.",
    )


def _bad(what: str, hint: str | None = None) -> ToolError:
    return ToolError(
        f"The patch was not applied: {what}.",
        category=ToolErrorCategory.SCHEMA_VALIDATION,
        hint=hint,
    )
