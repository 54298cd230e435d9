"""Gathers what the tools of a session changed: files, and their hunks as they were made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from harn_tui.console.review.hunks import Hunk, parse_hunks
from harn_tui.console.review.pairing import SideRow, partners, side_by_side
from harn_tui.view.file_changes import changed_entries
from harn_tui.view.model import SessionView, ToolBlock

MAX_LINES = 10_000
"""Lines of all diffs together that a review shows; hunks beyond are counted."""


class HunkKey(NamedTuple):
    """Names a hunk for as long as the session is open: call, file of the call, hunk of it."""

    block: int
    entry: int
    number: int


@dataclass(frozen=True, slots=True)
class Edit:
    """What one call did to one file, as its result tells it. ``path`` is the name it had then."""

    block: int
    entry: int
    tool_name: str
    path: str
    diff: str
    added: int = 0
    removed: int = 0
    is_cut: bool = False
    is_created: bool = False
    is_deleted: bool = False
    renamed_from: str | None = None


@dataclass(frozen=True, slots=True)
class ReviewHunk:
    """A hunk with where it comes from; ``edit`` of ``edits`` counts the changes of its file.

    ``path`` is the name that the file has now, ``place`` counts its hunks, from 1.
    """

    key: HunkKey
    path: str
    tool_name: str
    place: int
    edit: int
    edits: int
    hunk: Hunk
    rows: tuple[SideRow, ...]
    partners: Mapping[int, int]
    """Which line of the hunk is another version of which, in both directions."""

    @property
    def range(self) -> str:
        """The lines it is about, in the file as it was right after the edit."""
        first, last = _changed_range(self.hunk)
        if first is None:
            count = len(self.hunk.removed)
            words = "1 line" if count == 1 else f"{count} lines"
            return f"{words} removed at line {max(1, _gone_at(self.hunk))}"
        return f"line {first}" if first == last else f"lines {first}-{last}"


@dataclass(frozen=True)
class ReviewFile:
    """A file with its hunks, oldest edit first. ``notes`` say what no hunk shows."""

    path: str
    sign: str
    added: int
    removed: int
    hunks: tuple[ReviewHunk, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Review:
    """All files by their paths. ``hidden`` counts the hunks beyond the bound."""

    files: tuple[ReviewFile, ...] = ()
    hidden: int = 0

    @cached_property
    def hunks(self) -> tuple[ReviewHunk, ...]:
        """The hunks of all files."""
        return tuple(hunk for file in self.files for hunk in file.hunks)


@dataclass(slots=True)
class _Gathered:
    edits: list[Edit] = field(default_factory=list)
    sign: str = "M"


def edits_of(view: SessionView) -> list[Edit]:
    """Return every change of a file in ``view``, oldest first; takes as long as there are some."""
    blocks = sorted({block for change in view.files.values() for block in change.blocks})
    return [edit for index in blocks for edit in _edits_of_block(view, index)]


def gather(edits: Iterable[Edit]) -> Review:
    """Read the diffs of ``edits`` file by file. May take long: for a thread."""
    files: dict[str, _Gathered] = {}
    for edit in edits:
        if edit.renamed_from is not None and edit.renamed_from in files:
            files[edit.path] = files.pop(edit.renamed_from)
        known = files.setdefault(edit.path, _Gathered(sign="A" if edit.is_created else "M"))
        known.edits.append(edit)
        if edit.is_deleted:
            known.sign = "D"
        elif known.sign == "D":
            known.sign = "M"
    return _bounded([_file(path, files[path]) for path in sorted(files)])


def find_hunk(review: Review, block: int | None, path: str | None) -> int | None:
    """Return the first hunk of a call or of a file; ``None`` when there is none."""
    for place, hunk in enumerate(review.hunks):
        if (block is not None and hunk.key.block == block) or hunk.path == path:
            return place
    return None


def _edits_of_block(view: SessionView, index: int) -> list[Edit]:
    block = view.blocks[index]
    if not isinstance(block, ToolBlock):
        return []
    edits: list[Edit] = []
    for number, (path, entry) in enumerate(changed_entries(block.details)):
        diff, old_path = entry.get("diff"), entry.get("renamed_from")
        added, removed = entry.get("added"), entry.get("removed")
        edits.append(
            Edit(
                index,
                number,
                block.tool_name,
                path,
                diff if isinstance(diff, str) else "",
                added if type(added) is int else 0,
                removed if type(removed) is int else 0,
                is_cut=entry.get("diff_cut") is True,
                is_created=entry.get("created") is True,
                is_deleted=entry.get("deleted") is True,
                renamed_from=old_path if isinstance(old_path, str) else None,
            )
        )
    return edits


def _file(path: str, gathered: _Gathered) -> ReviewFile:
    hunks: list[ReviewHunk] = []
    notes: list[str] = []
    edits = gathered.edits
    for number, edit in enumerate(edits, start=1):
        found = parse_hunks(edit.diff)
        for place, hunk in enumerate(found):
            key, rows = HunkKey(edit.block, edit.entry, place), side_by_side(hunk.lines)
            hunks.append(
                ReviewHunk(
                    key,
                    path,
                    edit.tool_name,
                    len(hunks) + 1,
                    number,
                    len(edits),
                    hunk,
                    rows,
                    partners(rows),
                )
            )
        notes += _notes(edit, has_hunks=bool(found))
    return ReviewFile(
        path,
        gathered.sign,
        sum(edit.added for edit in edits),
        sum(edit.removed for edit in edits),
        tuple(hunks),
        tuple(notes),
    )


def _notes(edit: Edit, *, has_hunks: bool) -> list[str]:
    notes: list[str] = []
    if edit.renamed_from is not None:
        notes.append(f"renamed from {edit.renamed_from}")
    if edit.is_cut and has_hunks:
        notes.append(f"{edit.tool_name} gave only the beginning of its diff")
    elif not has_hunks:
        what = "too large or not text" if edit.is_cut else "nothing in it to show"
        notes.append(f"{edit.tool_name}: no diff, {what}")
    return notes


def _bounded(files: Sequence[ReviewFile]) -> Review:
    room = MAX_LINES
    hidden = 0
    kept: list[ReviewFile] = []
    for file in files:
        hunks: list[ReviewHunk] = []
        for hunk in file.hunks:
            room -= len(hunk.hunk.lines)
            if room >= 0:
                hunks.append(hunk)
        cut = len(file.hunks) - len(hunks)
        hidden += cut
        if not cut:
            kept.append(file)
            continue
        note = f"{cut:,} more {'hunk is' if cut == 1 else 'hunks are'} not shown"
        notes = (*file.notes, note)
        kept.append(ReviewFile(file.path, file.sign, file.added, file.removed, tuple(hunks), notes))
    return Review(tuple(kept), hidden)


def _changed_range(hunk: Hunk) -> tuple[int | None, int]:
    numbers = [line.new for line in hunk.lines if line.sign == "+"]
    if not numbers:
        return None, 0
    return numbers[0], max(numbers[-1], hunk.new_start + hunk.new_count - 1 if hunk.hidden else 0)


def _gone_at(hunk: Hunk) -> int:
    """Return the number of the line that now stands where lines were removed."""
    number = hunk.new_start
    for line in hunk.lines:
        if line.sign == "-":
            break
        number = line.new + 1
    return number
