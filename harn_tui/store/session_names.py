"""Which stored session a person means: by id, the start of one, title, or ``last``."""

import contextlib
from pathlib import Path

from harn_tui.errors import SessionNotFoundError, StoreError
from harn_tui.paths import session_index_of
from harn_tui.store.index.session_rows import list_with_index
from harn_tui.store.listing import SessionSummary
from harn_tui.store.session_folder import SessionFolder, find_session_folder

LAST = "last"
"""Stands for the session in which something happened last."""

_SHOWN_IDS = 5


def find_named_session(sessions_directory: Path, name: str) -> SessionFolder:
    """Return the stored session that ``name`` means.

    In this order: its id; the start of its id, of four characters or more; ``last``, the one that
    was written last; its title, or the start of it, whatever the case. Sessions of agents go by
    their ids alone. Reads files. Raises SessionNotFoundError when there is none, StoreError when
    several fit.
    """
    try:
        return find_session_folder(sessions_directory, name)
    except SessionNotFoundError as error:
        index = session_index_of(sessions_directory)
        found = list_with_index(sessions_directory, index).summaries
        own = [session for session in found if session.worker_name is None]
        if name == LAST and own:
            return own[0].folder
        titled = _titled(own, name)
        if not titled:
            raise SessionNotFoundError(error.message, hint=error.hint) from None
    if len(titled) > 1:
        ids = ", ".join(session.folder.session_id for session in titled[:_SHOWN_IDS])
        raise StoreError(
            f"{len(titled)} sessions have a title that fits {name!r}: {ids}"
            + ("" if len(titled) <= _SHOWN_IDS else ", …") + ".",
            hint="Give one of the ids.",
        )  # fmt: skip
    return titled[0].folder


def find_log(target: str, sessions_directory: Path) -> Path:
    """Return the log that a person means: a file, a session's folder, or a session's id,
    the start of one, title or ``last``.

    A folder without a log does not stand in the way of a session that is called like it. Raises
    StoreError when there is none.
    """
    folder: Path | None = None
    with contextlib.suppress(OSError, RuntimeError):  # no name that a file could have
        path = Path(target).expanduser()
        if path.is_file():
            return path
        if path.is_dir():
            folder = path
            if _has_log(folder):
                return _log_in_folder(folder)
    with contextlib.suppress(SessionNotFoundError):
        return _log_in_folder(find_named_session(sessions_directory, target).path)
    if folder is not None:
        raise _no_log(folder)
    raise SessionNotFoundError(
        f"There is no log, session folder or session {target!r}.",
        hint="`harn-tui sessions list` shows the sessions that are stored.",
    )


def _has_log(folder: Path) -> bool:
    return any(path.is_file() for path in folder.glob("event_log*.jsonl"))


def _log_in_folder(folder: Path) -> Path:
    log = folder / "event_log.jsonl"
    if log.is_file():
        return log
    others = sorted(folder.glob("event_log*.jsonl"))
    if len(others) == 1:
        return others[0]
    raise _no_log(folder)


def _no_log(folder: Path) -> StoreError:
    return StoreError(
        f"The folder {folder} holds no event_log.jsonl.", hint="Name the log file itself."
    )


def _titled(sessions: list[SessionSummary], name: str) -> list[SessionSummary]:
    """Return the sessions of that title, else those whose title begins so."""
    wanted = _plain(name)
    if not wanted:
        return []
    titles = [(session, _plain(session.title or "")) for session in sessions]
    exact = [session for session, title in titles if title == wanted]
    return exact or [session for session, title in titles if title.startswith(wanted)]


def _plain(title: str) -> str:
    return " ".join(title.split()).casefold()
