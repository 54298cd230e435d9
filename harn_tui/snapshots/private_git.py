"""Runs git on a directory of our own, with nothing of the person's in force.

No configuration but ours, no hooks, no signing, no filters, no index but the private one: the
person's own repository is neither read nor written.
"""

import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

from harn_tui.errors import SnapshotError, SnapshotsUnavailableError
from harn_tui.snapshots.deadline import Deadline

FindProgram = Callable[[str], str | None]
"""Returns the path of a program, ``None`` when it is not there."""

_SETTINGS = (
    ("core.bare", "false"),
    ("core.hooksPath", os.devnull),
    ("core.excludesFile", os.devnull),
    ("core.attributesFile", os.devnull),
    ("core.autocrlf", "false"),
    ("core.safecrlf", "false"),
    ("core.fileMode", "true"),
    ("core.symlinks", "true"),
    ("core.fsmonitor", "false"),
    ("core.untrackedCache", "false"),
    ("core.protectNTFS", "false"),
    ("core.protectHFS", "false"),
    ("core.looseCompression", "1"),
    # A snapshot that a power failure takes away costs nothing but itself.
    ("core.fsync", "none"),
    ("core.logAllRefUpdates", "false"),
    ("gc.auto", "0"),
    # Whoever takes a snapshot reads the ref of the day as a file.
    ("gc.packRefs", "false"),
    ("user.name", "harn-tui"),
    ("user.email", "harn-tui@localhost"),
)
_ATTRIBUTES = b"* -text !eol -ident !filter !working-tree-encoding\n"
"""Files are stored as they are, whatever the project's attributes say."""
_DISK_PROBLEMS = (
    "No space left on device",
    "Disk quota exceeded",
    "Read-only file system",
    "Permission denied",
    "Input/output error",
    "unable to write",
)
_MOST_WORDS = 300


class GitFailedError(SnapshotError):
    """Git ended with an error.

    ``is_of_disk`` when the disk is to blame.
    """

    def __init__(self, command: str, words: str) -> None:
        said = words.strip()[-_MOST_WORDS:]
        self.is_of_disk = any(problem in words for problem in _DISK_PROBLEMS)
        hint = "Check the disk and the rights of the data folder." if self.is_of_disk else None
        super().__init__(f"git {command} failed on the snapshots: {said or 'no reason'}", hint=hint)


class PrivateGit:
    """Git on the repository in ``folder``, with ``work_tree`` as its files."""

    def __init__(
        self, folder: Path, work_tree: Path, *, find_program: FindProgram = shutil.which
    ) -> None:
        self.folder = folder
        self.work_tree = work_tree
        self._find_program = find_program
        self._program: str | None = None

    def run(self, *arguments: str, deadline: Deadline, given: bytes = b"") -> bytes:
        """Return what git prints. Raises GitFailedError, SnapshotsUnavailableError."""
        settings = [part for name, value in _SETTINGS for part in ("-c", f"{name}={value}")]
        places = [f"--git-dir={self.folder}", f"--work-tree={self.work_tree}"]
        try:
            process = subprocess.Popen(
                [self._path(), *settings, *places, *arguments],
                cwd=self.work_tree,
                env=_environment(self.folder),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            raise SnapshotError(
                f"git cannot be started in {self.work_tree}: {error.strerror}.",
                hint="Check that the folder is there and may be entered.",
            ) from error
        try:
            out, err = process.communicate(given, timeout=deadline.remaining_s())
        except subprocess.TimeoutExpired:
            raise deadline.passed() from None
        finally:
            _end(process)
        if process.returncode != 0:
            raise GitFailedError(arguments[0], err.decode(errors="replace"))
        return out

    def create(self, deadline: Deadline) -> None:
        """Make the repository unless it is there. Raises as ``run``, and SnapshotError."""
        if (self.folder / "HEAD").is_file() and (self.folder / "objects").is_dir():
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            words = ("init", "--quiet", "--template=", "--object-format=sha1")
            self.run(*words, deadline=deadline)
            self.write_info("attributes", _ATTRIBUTES)
        except OSError as error:
            raise _cannot_write(self.folder, error) from error

    def write_info(self, name: str, content: bytes) -> None:
        """Write a file that git reads beside the project's own; unchanged ones stay. OSError."""
        path = self.folder / "info" / name
        with contextlib.suppress(OSError):
            if path.read_bytes() == content:
                return
        path.parent.mkdir(exist_ok=True, mode=0o700)
        path.write_bytes(content)

    def remove(self) -> None:
        """Delete the repository, which cannot be used any more. Raises SnapshotError."""
        try:
            shutil.rmtree(self.folder)
        except FileNotFoundError:
            return
        except OSError as error:
            raise _cannot_write(self.folder, error) from error

    def _path(self) -> str:
        self._program = self._program or self._find_program("git")
        if self._program is None:
            raise SnapshotsUnavailableError(
                "There is no git on this machine, so files are not snapshotted and cannot be"
                " brought back.",
                hint="Install git, or set snapshots.enabled = false.",
            )
        return self._program


def _environment(folder: Path) -> dict[str, str]:
    """Return an environment in which git finds no configuration of anybody's."""
    nothing = str(folder / "no-home")
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LC_ALL": "C",
        "HOME": nothing,
        "XDG_CONFIG_HOME": nothing,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_LITERAL_PATHSPECS": "1",
        "GIT_INDEX_FILE": str(folder / "index"),
        "GIT_NO_REPLACE_OBJECTS": "1",
    }


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Leave nothing behind of a git that did not end by itself."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def _cannot_write(path: Path, error: OSError) -> SnapshotError:
    return SnapshotError(
        f"The snapshots in {path} cannot be written: {error.strerror}.",
        hint="Check the disk and the rights of the data folder.",
    )
