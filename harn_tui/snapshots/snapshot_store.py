"""The snapshots of one working folder: trees in a private git directory.

A snapshot is the id of a tree that holds the folder's files as they were. The person's own
repository, if there is one, is never read by git nor written by anybody here.
"""

import contextlib
import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from harn_tui.errors import SnapshotError
from harn_tui.snapshots.covered_files import sort_out
from harn_tui.snapshots.deadline import Deadline, TooSlowError
from harn_tui.snapshots.folder_lock import folder_lock
from harn_tui.snapshots.glance import Glance, glance
from harn_tui.snapshots.ignored_files import exclude_file
from harn_tui.snapshots.private_git import FindProgram, GitFailedError, PrivateGit
from harn_tui.snapshots.stored_trees import StoredTrees

DAY_REFS = "refs/heads/"
"""Where the snapshots of a day are kept from being collected."""

_GIVEN_UP_S = 3_600


@dataclass(frozen=True, slots=True)
class SnapshotLimits:
    """Files over ``max_file_bytes`` are left out; what takes over ``time_limit_s`` is given up."""

    max_file_bytes: int = 10_000_000
    time_limit_s: float = 10.0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """``tree`` is the id of the files; ``left_out`` counts those there that are not covered.

    ``is_new_store`` when there were no snapshots of the folder before, or none that could be read.
    """

    tree: str
    left_out: int = 0
    is_new_store: bool = False


@dataclass(frozen=True, slots=True)
class _LastTake:
    """What the files looked like before the last snapshot of this process, and what it gave."""

    seen: Glance
    ignored: bytes
    tree: str
    left_out: int


def store_name(workspace: Path) -> str:
    """Return the name of the folder that holds the snapshots of ``workspace``, a resolved path."""
    digest = hashlib.sha256(os.fsencode(workspace)).hexdigest()[:16]
    return f"{digest}-{''.join(c if c.isalnum() else '_' for c in workspace.name)[:40]}"


class SnapshotStore(StoredTrees):
    """Takes and compares snapshots of ``workspace``, kept below ``directory``. Blocks.

    ``files_at`` is where the files are now, when they were moved since; ``folder`` is the store's
    own folder, by default one that is named after the workspace. What is in the folder around
    ``directory`` is never snapshotted. Several processes may use the same store at once.
    """

    def __init__(
        self,
        directory: Path,
        workspace: Path,
        *,
        limits: SnapshotLimits | None = None,
        files_at: Path | None = None,
        folder: Path | None = None,
        find_program: FindProgram = shutil.which,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.workspace = workspace.resolve()
        self.files_at = (files_at or workspace).resolve()
        self.folder = folder or directory / store_name(self.workspace)
        self.limits = limits or SnapshotLimits()
        self._data_directory = directory.parent
        super().__init__(PrivateGit(self.folder / "git", self.files_at, find_program=find_program))
        self._now = now
        self._kept: tuple[str, str] | None = None
        """The newest commit that is known to hold a tree, and that tree."""
        self._last: _LastTake | None = None

    def take(self) -> Snapshot:
        """Snapshot the files as they are now.

        A store that cannot be read is made anew. Raises SnapshotError, and
        SnapshotsUnavailableError when trying again would be in vain.
        """
        with self.locked():
            return self.take_locked()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep everybody else from this store. Raises SnapshotError."""
        with folder_lock(self.folder / "lock", patience_s=self.limits.time_limit_s):
            yield

    def take_locked(self) -> Snapshot:
        """Do what ``take`` does, where ``locked`` holds already."""
        self._note_use()
        if not self.files_at.is_dir():
            raise SnapshotError(
                f"The folder {self.files_at} is not there any more.",
                hint="If it was moved, say where it is with --folder.",
            )
        self._check_given_up()
        try:
            tree, left_out, is_new = self._take_or_repair()
        except TooSlowError:
            self._give_up()
            raise
        except OSError as error:
            raise SnapshotError(
                f"The snapshots in {self.folder} cannot be written: {error.strerror}.",
                hint="Check the disk and the rights of the data folder.",
            ) from error
        return Snapshot(tree, left_out, is_new_store=is_new)

    def kept_bytes(self) -> int:
        """Return how much disk the store takes."""
        return sum(
            found.stat(follow_symlinks=False).st_size
            for found in self.folder.rglob("*")
            if found.is_file()
        )

    def loose_count(self) -> int:
        """Return how many files are stored one by one, which takes more room than together."""
        return sum(1 for _ in self._git.folder.glob("objects/??/*"))

    def days(self) -> list[str]:
        """Return the days of which there are snapshots, ``2026-01-31``, oldest first."""
        if not self.exists:
            return []
        names = self._run("for-each-ref", "--format=%(refname)", DAY_REFS).decode().split()
        return sorted(name.removeprefix(DAY_REFS) for name in names)

    def forget_locked(self, days: Iterable[str], deadline: Deadline) -> None:
        """Give up the snapshots of ``days`` and what they alone held. Raises SnapshotError."""
        lines = "".join(f"delete {DAY_REFS}{day}\n" for day in days)
        self._git.run("update-ref", "--stdin", given=lines.encode(), deadline=deadline)
        self._git.run("gc", "--quiet", "--prune=now", deadline=deadline)

    def remove_locked(self) -> None:
        """Give up all snapshots. Raises SnapshotError."""
        self._git.remove()
        self._last = None

    @property
    def _given_up_file(self) -> Path:
        return self.folder / "given_up"

    def _check_given_up(self) -> None:
        """Raise TooSlowError when the folder was found too slow a short while ago."""
        deadline = Deadline(self.limits.time_limit_s)
        with contextlib.suppress(OSError):
            found = self._given_up_file.stat()
            is_recent = time.time() - found.st_mtime < _GIVEN_UP_S
            if is_recent and self._given_up_file.read_text() == str(deadline.seconds):
                raise deadline.passed()

    def _give_up(self) -> None:
        """Keep the next sessions from waiting in vain, where no snapshot was ever taken."""
        with contextlib.suppress(OSError):
            is_packed = (self._git.folder / "packed-refs").is_file()
            if not is_packed and not any((self._git.folder / DAY_REFS).iterdir()):
                self._given_up_file.write_text(str(self.limits.time_limit_s))

    def _note_use(self) -> None:
        """Have the collector see that the store is in use."""
        try:
            os.utime(self.folder / "lock")
        except OSError as error:
            raise SnapshotError(f"{self.folder} cannot be used: {error.strerror}.") from error

    def _take_or_repair(self) -> tuple[str, int, bool]:
        """Return the tree, what is left out, and whether the store is a new one."""
        is_new = not self.exists
        try:
            return *self._take(Deadline(self.limits.time_limit_s)), is_new
        except GitFailedError as error:
            if error.is_of_disk:
                raise
            # A file went away between the look at it and its reading, or the store is damaged: by
            # a crash, or by somebody. What it held cannot be had any more then.
            if not is_new and self._is_damaged():
                self._git.remove()
                is_new = True
        return *self._take(Deadline(self.limits.time_limit_s)), is_new

    def _is_damaged(self) -> bool:
        """Whether what the store holds by itself cannot be read, whatever the files are."""
        try:
            # Reads the index and looks for all that it names.
            self._run("write-tree")
            commits = self._run("for-each-ref", "--format=%(objectname)", DAY_REFS).decode()
            for commit in commits.split():
                self._tree_of(commit, Deadline(self.limits.time_limit_s))
        except GitFailedError as error:
            return not error.is_of_disk
        return False

    def _take(self, deadline: Deadline) -> tuple[str, int]:
        git = self._git
        git.create(deadline)
        # Nobody else can hold it while we have the folder's lock: a git that was ended left it.
        (git.folder / "index.lock").unlink(missing_ok=True)
        ignored = exclude_file(self.files_at, self._data_directory)
        git.write_info("exclude", ignored)
        root = os.fsencode(self.files_at)
        seen = glance(root)
        last = self._last
        is_as_before = last is not None and last.seen == seen and last.ignored == ignored
        if last is not None and is_as_before and self._has_loose(last.tree):
            self._keep(last.tree, deadline)
            return last.tree, last.left_out
        self._last = None
        listed = git.run(
            *("ls-files", "-z", "--others", "--modified", "--deleted", "--exclude-standard"),
            deadline=deadline,
        )
        covered = sort_out(root, listed.split(b"\0"), max_file_bytes=self.limits.max_file_bytes)
        if covered.gone:
            self._update_index(covered.gone, "--force-remove", deadline=deadline)
        if covered.stored:
            self._update_index(covered.stored, "--add", "--replace", deadline=deadline)
        tree = git.run("write-tree", deadline=deadline).decode().strip()
        self._keep(tree, deadline)
        if seen is not None and seen.is_settled:
            self._last = _LastTake(seen, ignored, tree, covered.left_out)
        return tree, covered.left_out

    def _update_index(self, paths: list[bytes], *how: str, deadline: Deadline) -> None:
        given = b"".join(path + b"\0" for path in paths)
        self._git.run("update-index", *how, "-z", "--stdin", given=given, deadline=deadline)

    def _keep(self, tree: str, deadline: Deadline) -> None:
        """Hold on to ``tree`` for as long as the snapshots of today are kept."""
        ref = f"{DAY_REFS}{self._now():%Y-%m-%d}"
        known = self._git.folder / ref
        last = known.read_text().strip() if known.is_file() else self._packed(ref, deadline)
        if last and (self._kept == (last, tree) or self._tree_of(last, deadline) == tree):
            self._kept = last, tree
            return
        parent = ("-p", last) if last else ()
        commit = self._git.run(
            "commit-tree", tree, *parent, "-m", "snapshot", deadline=deadline
        ).decode()
        self._git.run("update-ref", ref, commit.strip(), deadline=deadline)
        self._kept = commit.strip(), tree

    def _packed(self, ref: str, deadline: Deadline) -> str:
        """Return what ``ref`` names where it is no file of its own; empty for nothing."""
        return (
            self._git.run("for-each-ref", "--format=%(objectname)", ref, deadline=deadline)
            .decode()
            .strip()
        )

    def _has_loose(self, tree: str) -> bool:
        """Whether the store holds ``tree``, as far as one look can tell: not when it is packed."""
        return (self._git.folder / "objects" / tree[:2] / tree[2:]).is_file()

    def _tree_of(self, commit: str, deadline: Deadline) -> str:
        output = self._git.run("rev-parse", f"{commit}^{{tree}}", deadline=deadline)
        return output.decode().strip()
