"""The folder of one session, and what is called what in it."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from harn_tui.errors import SessionNotFoundError, StoreError

_PRIVATE_FOLDER = 0o700
_LONGEST_NAME = 120
_SHORTEST_START = 4
_BLOB_NAME = re.compile(r"[0-9a-f]{64}")
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")


@dataclass(frozen=True, slots=True)
class SessionFolder:
    """``sessions/<id>/``. The files need not exist; they are made (0600) by who writes them."""

    session_id: str
    path: Path

    @property
    def event_log(self) -> Path:
        """The base file of the event log, the truth about the session."""
        return self.path / "event_log.jsonl"

    @property
    def state_file(self) -> Path:
        """Title, model, draft: what is nice to have and may be lost."""
        return self.path / "state.json"

    @property
    def feedback_journal(self) -> Path:
        """Every change of state of the session's feedback."""
        return self.path / "feedback.jsonl"

    @property
    def blobs(self) -> Path:
        """Folder of tool outputs over the inline limit, each named by its SHA-256."""
        return self.path / "blobs"

    @property
    def lock_file(self) -> Path:
        """The file whose kernel lock the one writer of the session holds."""
        return self.path / "lock"


def attached_files(log: Path) -> list[Path]:
    """Return the files of the session whose log this is, each named by its SHA-256.

    None for a log that lies by itself: what is beside it then is no part of a session.
    """
    folder = SessionFolder("", log.parent)
    if log != folder.event_log or not folder.blobs.is_dir():
        return []
    return [
        path
        for path in sorted(folder.blobs.iterdir())
        if _BLOB_NAME.fullmatch(path.name) and path.is_file() and not path.is_symlink()
    ]


def folder_name(session_id: str) -> str:
    """Return the name of the session's folder: the id itself where it is a plain file name.

    Otherwise unsafe characters become ``_`` and a digest of the id keeps different ids apart.
    """
    safe = _UNSAFE.sub("_", session_id)
    if safe == session_id and 0 < len(safe) <= _LONGEST_NAME and not safe.startswith("."):
        return safe
    digest = hashlib.sha256(session_id.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{safe[:_LONGEST_NAME].lstrip('.') or 'session'}-{digest}"


def create_session_folder(sessions_directory: Path, session_id: str) -> SessionFolder:
    """Make the folder of a new session, and those above it, readable by the user alone.

    Raises StoreError when there is one already or when it cannot be made.
    """
    folder = SessionFolder(session_id, sessions_directory / folder_name(session_id))
    try:
        sessions_directory.mkdir(_PRIVATE_FOLDER, parents=True, exist_ok=True)
        folder.path.mkdir(_PRIVATE_FOLDER)
    except FileExistsError as error:
        raise StoreError(
            f"There is a session {session_id} already.", hint="Resume it, or choose another id."
        ) from error
    except OSError as error:
        raise StoreError(
            f"The session folder {folder.path} cannot be made: {error.strerror}.",
            hint="Set HARN_TUI_HOME to a folder that you may write to.",
        ) from error
    return folder


def open_session_folder(sessions_directory: Path, session_id: str) -> SessionFolder:
    """Return the folder of a stored session. Raises SessionNotFoundError when there is none."""
    folder = SessionFolder(session_id, sessions_directory / folder_name(session_id))
    if not folder.path.is_dir():
        raise SessionNotFoundError(
            f"There is no session {session_id}.", hint="`harn-tui sessions list` shows them all."
        )
    return folder


def find_session_folder(sessions_directory: Path, id_or_start: str) -> SessionFolder:
    """Return the stored session with this id, or the only one whose id starts with it.

    A start has at least four characters. Raises StoreError when there is none or more than one.
    """
    try:
        return open_session_folder(sessions_directory, id_or_start)
    except SessionNotFoundError:
        folders = list_session_folders(sessions_directory)
        found = [folder for folder in folders if folder.session_id.startswith(id_or_start)]
        if len(id_or_start) < _SHORTEST_START or not found:
            raise
    if len(found) > 1:
        raise StoreError(
            f"{len(found)} sessions start with {id_or_start}.", hint="Give more of the id."
        )
    return found[0]


def list_session_folders(sessions_directory: Path) -> list[SessionFolder]:
    """Return the folders of all stored sessions, latest id first; empty when there are none.

    The name of a folder stands for the id. Raises StoreError when they cannot be listed.
    """
    try:
        paths = [path for path in sessions_directory.iterdir() if path.is_dir()]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise StoreError(
            f"The sessions in {sessions_directory} cannot be listed: {error.strerror}.",
            hint="Check that you may read that folder.",
        ) from error
    paths.sort(key=lambda path: path.name, reverse=True)
    return [SessionFolder(path.name, path) for path in paths if not path.name.startswith(".")]
