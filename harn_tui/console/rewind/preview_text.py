"""What bringing files back would do, as text: the files, those that are kept, the differences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual.content import Content

from harn_tui.console.plain_text import one_line, plain

if TYPE_CHECKING:
    from harn_tui.session.rewinding import PreviewedFile, RewindPreview

_MOST_FILES = 40
_MOST_DIFF_LINES = 600
_SIGNS = {"changed": "~", "created": "+", "deleted": "−"}
_COLOURS = {"+": "$success", "-": "$error", "@": "$accent"}


def preview_content(preview: RewindPreview, *, with_yours: bool) -> Content:
    """Return what a person reads before they decide."""
    restored = [file for file in preview.files if _is_restored(file, with_yours=with_yours)]
    kept = [file for file in preview.files if not _is_restored(file, with_yours=with_yours)]
    lines: list[Content] = []
    if not preview.files:
        lines.append(Content.styled("The files are as they were: nothing to bring back.", "$muted"))
    if restored:
        lines.append(Content.styled(f"{_count(restored)} brought back:", "bold"))
        lines += _file_lines(restored)
    if kept:
        lines.append(Content.styled(f"{_count(kept)} kept that you changed:", "$warning"))
        lines += _file_lines(kept)
    lines += _diff_lines(preview.diff)
    lines += _diff_lines(preview.diff_of_both) if with_yours else []
    return Content("\n").join(lines)


def _is_restored(file: PreviewedFile, *, with_yours: bool) -> bool:
    return not file.is_yours or (with_yours and not file.is_yours_alone)


def _count(files: list[PreviewedFile]) -> str:
    return "1 file" if len(files) == 1 else f"{len(files)} files"


def _file_lines(files: list[PreviewedFile]) -> Iterator[Content]:
    for file in files[:_MOST_FILES]:
        path = one_line(file.path.encode(errors="surrogateescape").decode(errors="replace"))
        both = " (you and the agent)" if file.is_yours and not file.is_yours_alone else ""
        yield Content(f"  {_SIGNS[file.becomes]} {path}{both}")
    if len(files) > _MOST_FILES:
        yield Content.styled(f"  … and {len(files) - _MOST_FILES} more", "$muted")


def _diff_lines(diff: str) -> Iterator[Content]:
    lines = plain(diff).split("\n") if diff else []
    for line in lines[:_MOST_DIFF_LINES]:
        if line.startswith(("index ", "--- ", "+++ ")):
            continue
        if line.startswith("diff --git "):
            yield Content("")
            yield Content.styled(line.rpartition(" b/")[2], "bold")
        else:
            yield Content.styled(line, _COLOURS.get(line[:1], "$foreground"))
    if len(lines) > _MOST_DIFF_LINES:
        yield Content.styled(f"… and {len(lines) - _MOST_DIFF_LINES} more lines", "$muted")
