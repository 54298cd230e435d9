"""The files that a patch changes: worked out in memory first, then written all or none."""

import contextlib
import logging
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harn_tui.errors import ToolError
from harn_tui.tools.atomic_write import remove_file, replace_file
from harn_tui.tools.base import ToolContext
from harn_tui.tools.file_access import file_error, is_folder, open_regular_file, refuse_binary
from harn_tui.tools.patch.hunk_fit import apply_hunks
from harn_tui.tools.patch.unified_diff import FileChange
from harn_tui.tools.workspace import resolve_path, shown_path

_MAX_FILE_BYTES = 16 * 1024 * 1024
_MAX_ALL_BYTES = 64 * 1024 * 1024

log = logging.getLogger(__name__)


@dataclass(slots=True)
class PatchedFile:
    """One file as it was and as it is to be; ``None`` stands for no file.

    ``renamed_from`` is the shown path that it had, and ``renamed`` what was in it there.
    """

    path: Path
    shown: str
    before: bytes | None
    state: os.stat_result | None
    after: bytes | None
    is_executable: bool | None = None
    renamed_from: str | None = None
    renamed: bytes | None = None
    is_renamed_away: bool = False
    shifts: list[int] = field(default_factory=list)

    @property
    def is_changed(self) -> bool:
        """Whether there is anything to write."""
        return self.after != self.before or self.is_executable is not None


class PatchedFiles:
    """Takes changes one after another, each on top of those before it; then ``write`` them.

    Blocks on the disk: use it in a thread.
    """

    def __init__(self, context: ToolContext) -> None:
        self._context = context
        self._files: dict[Path, PatchedFile] = {}
        self._bytes_read = 0

    @property
    def changed(self) -> list[PatchedFile]:
        """The files that differ from what is on the disk, in the order of the patch."""
        return [file for file in self._files.values() if file.is_changed]

    def apply(self, change: FileChange) -> None:
        """Take one change; nothing is written. Raises ToolError when it does not fit."""
        if change.old_path is None:
            target = self._file(change.new_path or "")
            self._require_absent(target)
            self._patch(target, b"", change)
            return
        source = self._file(change.old_path)
        if source.after is None:
            raise ToolError(
                f"{source.shown} does not exist; nothing was changed.",
                hint="A new file has /dev/null as its old side.",
            )
        if change.new_path is None:
            self._delete(source, change)
        elif change.new_path == change.old_path:
            self._patch(source, source.after, change)
        else:
            self._rename(source, change)

    def write(self) -> None:
        """Write every changed file. When one fails all others are put back as they were.

        Raises ToolError; it names the files that could not be put back.
        """
        done: list[PatchedFile] = []
        folders: list[Path] = []
        # Deletions come last: they cannot fail for want of space.
        ordered = sorted(self.changed, key=lambda file: file.after is None)
        try:
            for file in ordered:
                _write(file, folders, done)
        except BaseException as error:
            lost = _put_back(done, folders)
            if lost and isinstance(error, ToolError):
                names = ", ".join(lost)
                raise ToolError(
                    f"{error.message} These files could not be put back: {names}.",
                    category=error.category,
                    hint="Look at them before you go on.",
                ) from error
            raise

    def _file(self, path: str) -> PatchedFile:
        resolved = resolve_path(self._context, path)
        if resolved not in self._files:
            self._files[resolved] = self._read(resolved)
        return self._files[resolved]

    def _read(self, path: Path) -> PatchedFile:
        shown = shown_path(self._context, path)
        if not os.path.lexists(path):
            return PatchedFile(path, shown, None, None, None)
        with open_regular_file(path, shown) as file:
            state = os.fstat(file.fileno())
            self._bytes_read += state.st_size
            if state.st_size > _MAX_FILE_BYTES or self._bytes_read > _MAX_ALL_BYTES:
                raise ToolError(
                    f"{shown} is too large to patch ({state.st_size:,} bytes).",
                    hint="Use run_command, for example with git apply.",
                )
            data = file.read()
        refuse_binary(data, len(data), shown)
        return PatchedFile(path, shown, data, state, data)

    def _patch(self, file: PatchedFile, data: bytes, change: FileChange) -> None:
        # Bytes that are no UTF-8 pass through untouched as surrogates.
        patched = apply_hunks(data.decode("utf-8", "surrogateescape"), change.hunks, file.shown)
        file.after = patched.text.encode("utf-8", "surrogateescape")
        file.is_executable = change.is_executable
        file.shifts += [shift for shift in patched.shifts if shift]

    def _delete(self, file: PatchedFile, change: FileChange) -> None:
        self._refuse_link(change.old_path or "")
        text = (file.after or b"").decode("utf-8", "surrogateescape")
        rest = apply_hunks(text, change.hunks, file.shown).text
        if rest:
            raise ToolError(
                f"{file.shown}: the patch deletes the file but leaves lines in it; nothing was"
                " changed.",
                hint="Delete all its lines in the patch, or use the file's name on both sides.",
            )
        file.after = None

    def _rename(self, source: PatchedFile, change: FileChange) -> None:
        self._refuse_link(change.old_path or "")
        target = self._file(change.new_path or "")
        self._require_absent(target)
        self._patch(target, source.after or b"", change)
        if change.is_executable is None and source.state is not None:
            target.is_executable = bool(source.state.st_mode & stat.S_IXUSR)
        target.renamed_from, target.renamed = source.shown, source.after
        source.after, source.is_renamed_away = None, True

    def _require_absent(self, file: PatchedFile) -> None:
        if file.after is not None or is_folder(file.path):
            raise ToolError(
                f"{file.shown} exists already; nothing was changed.",
                hint="To change it name it on both sides of the patch.",
            )

    def _refuse_link(self, path: str) -> None:
        if (self._context.cwd / path).is_symlink():
            raise ToolError(
                f"{path} is a link; a patch can change what it leads to, but not delete or rename"
                " it. Nothing was changed.",
                hint="Name the file that it leads to, or use run_command.",
            )


def _write(file: PatchedFile, folders: list[Path], done: list[PatchedFile]) -> None:
    """Write one file; what it takes to undo that is noted as soon as there is something to undo."""
    if file.after is None:
        if file.state is not None:
            remove_file(file.path, file.shown, unchanged=file.state)
            done.append(file)
        return
    _make_folders(file, folders)
    replace_file(file.path, file.after, file.shown, unchanged=file.state)
    done.append(file)
    if file.is_executable is not None:
        try:
            _set_executable(file.path, is_executable=file.is_executable)
        except OSError as error:
            raise file_error(error, file.path, file.shown) from error


def _set_executable(path: Path, *, is_executable: bool) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    readers = (mode & 0o444) >> 2  # whoever may read it may run it
    path.chmod(mode | readers if is_executable else mode & ~0o111)


def _make_folders(file: PatchedFile, folders: list[Path]) -> None:
    missing = [parent for parent in file.path.parents if not parent.exists()]
    try:
        for folder in reversed(missing):
            folder.mkdir()
            folders.append(folder)
    except OSError as error:
        raise file_error(error, file.path, file.shown) from error


def _put_back(done: Sequence[PatchedFile], folders: Sequence[Path]) -> list[str]:
    """Undo what was written; return the shown paths of the files where that failed."""
    lost = []
    for file in reversed(done):
        try:
            _restore(file)
        except (ToolError, OSError) as error:
            log.warning("file not put back name=%s: %s", file.shown, error)
            lost.append(file.shown)
    for folder in reversed(folders):
        with contextlib.suppress(OSError):
            folder.rmdir()
    return lost


def _restore(file: PatchedFile) -> None:
    if file.before is None or file.state is None:
        file.path.unlink(missing_ok=True)
        return
    there = file.path.lstat() if os.path.lexists(file.path) else None
    replace_file(file.path, file.before, file.shown, unchanged=there)
    file.path.chmod(stat.S_IMODE(file.state.st_mode))
