"""The tab of files: what the tools of this session changed, the newest change last."""

from __future__ import annotations

from harn_tui.console.panels.rows import Look, Row, RowSource, Run, spread
from harn_tui.console.plain_text import one_line
from harn_tui.view.file_changes import FileChange
from harn_tui.view.model import Changes, SessionView


class FileRows(RowSource):
    """One row a file, with the lines added and removed over all its changes."""

    empty_text = "No file was changed."

    def __init__(self) -> None:
        self._files: list[FileChange] = []

    def heading(self, view: SessionView) -> str:
        """Return the name with the number of files."""
        return f"Files {len(view.files)}" if view.files else "Files"

    def concerns(self, view: SessionView, changes: Changes) -> bool:
        """Whether a file was changed."""
        return changes.files

    def take(self, view: SessionView, now_ms: int) -> None:
        """Take the files in the order of their paths."""
        self._files = sorted(view.files.values(), key=lambda change: change.path)

    def count(self) -> int:
        """Return a row a file."""
        return len(self._files)

    def row(self, number: int, width: int) -> Row:
        """Return sign and path, at the right what was added and removed, and how often."""
        change = self._files[number]
        sign, look = _sign(change)
        times = f" {len(change.blocks)}×" if len(change.blocks) > 1 else ""
        right = [
            Run(f" +{change.added}", Look.GOOD),
            Run(f" -{change.removed}", Look.BAD),
            Run(f"{times} ", Look.MUTED),
        ]
        path = one_line(change.path)
        room = width - 3 - sum(len(run.text) for run in right)
        if len(path) > room > 1:
            path = f"…{path[-(room - 1) :]}"
        return spread([Run(f" {sign} ", look), Run(path)], right, width)

    def path(self, number: int) -> str | None:
        """Return the file of a row; ``None`` when there is no such row."""
        return self._files[number].path if number < len(self._files) else None

    def target(self, number: int) -> int | None:
        """Return the newest call that changed the file."""
        return self._files[number].blocks[-1]


def _sign(change: FileChange) -> tuple[str, Look]:
    if change.is_deleted:
        return "D", Look.BAD
    return ("A", Look.GOOD) if change.is_new else ("M", Look.ASKING)
