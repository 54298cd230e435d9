"""Deleting a session: its folder is moved into the trash, whole, and can be moved back.

A session that is open anywhere is never moved; its lock tells. The sessions of its agents go
with it.
"""

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from harn_tui.errors import SessionNotFoundError, StoreError
from harn_tui.store.listing import SessionSummary, summarize_session
from harn_tui.store.lock import SessionLock
from harn_tui.store.session_folder import SessionFolder, list_session_folders

_PRIVATE_FOLDER = 0o700


def with_agents(chosen: SessionSummary, all_sessions: Iterable[SessionSummary]) -> list[str]:
    """Return the ids of ``chosen`` and of the nested loops below it, itself first."""
    children: dict[str, list[str]] = {}
    for summary in all_sessions:
        if summary.worker_name is not None and summary.parent_session_id is not None:
            children.setdefault(summary.parent_session_id, []).append(summary.session_id)
    ids = [chosen.session_id]
    for session_id in ids:
        ids += [child for child in children.get(session_id, []) if child not in ids]
    return ids


def move_to_trash(folder: SessionFolder, trash: Path) -> Path:
    """Move a stored session into ``trash`` and return where it is now.

    Raises SessionLockedError while it is open, StoreError when it cannot be moved; it is then
    where it was.
    """
    with SessionLock(folder.lock_file):
        try:
            trash.mkdir(_PRIVATE_FOLDER, parents=True, exist_ok=True)
            place = _free_place(trash, folder.path.name)
            folder.path.rename(place)
        except OSError as error:
            raise StoreError(
                f"The session {folder.session_id} cannot be moved to {trash}: {error.strerror}.",
                hint="Check that you may write there. Nothing was deleted.",
            ) from error
    return place


def trashed_sessions(trash: Path) -> list[SessionSummary]:
    """Return the sessions in the trash, newest first. Raises StoreError."""
    folders = list_session_folders(trash)
    summaries = [
        summarize_session(SessionFolder(_original_name(folder.path.name), folder.path))
        for folder in folders
    ]
    summaries.sort(key=lambda summary: (summary.updated_at_ms, summary.session_id), reverse=True)
    return summaries


def restore_from_trash(
    id_or_start: str, trash: Path, sessions_directory: Path
) -> list[SessionFolder]:
    """Move a session and its agents' back from the trash, and return their folders.

    Of several with the same id the one with the latest event is meant. Raises
    SessionNotFoundError, and StoreError when there is such a session again or it cannot be moved.
    """
    summaries = trashed_sessions(trash)
    chosen = _chosen(id_or_start, summaries)
    newest = {summary.session_id: summary for summary in reversed(summaries)}
    restored: list[SessionFolder] = []
    for session_id in with_agents(chosen, summaries):
        summary = newest[session_id]
        place = sessions_directory / _original_name(summary.folder.path.name)
        if not place.exists():
            _move_back(summary.folder.path, place)
            restored.append(SessionFolder(session_id, place))
        elif session_id == chosen.session_id:
            raise StoreError(
                f"There is a session {session_id} already.",
                hint="Delete or rename that folder first; the one in the trash stays there.",
            )
    return restored


def empty_trash(trash: Path) -> int:
    """Delete for good what is in the trash; return how many sessions that were.

    Raises StoreError.
    """
    summaries = trashed_sessions(trash)
    for summary in summaries:
        try:
            shutil.rmtree(summary.folder.path)
        except OSError as error:
            raise StoreError(
                f"{summary.folder.path} cannot be deleted: {error.strerror}.",
                hint="Check that you may write there.",
            ) from error
    return len(summaries)


def _chosen(id_or_start: str, summaries: Sequence[SessionSummary]) -> SessionSummary:
    exact = [summary for summary in summaries if summary.session_id == id_or_start]
    found = exact or [s for s in summaries if s.session_id.startswith(id_or_start)]
    if not found or not id_or_start:
        raise SessionNotFoundError(
            f"There is no session {id_or_start} in the trash.",
            hint="`harn-tui sessions list --trash` shows them all.",
        )
    if len({summary.session_id for summary in found}) > 1:
        raise StoreError(
            f"{len(found)} sessions in the trash start with {id_or_start}.",
            hint="Give more of the id.",
        )
    return found[0]


def _free_place(trash: Path, name: str) -> Path:
    """Return a name that is free: a session with the same id may have been deleted before."""
    place, number = trash / name, 1
    while place.exists():
        number += 1
        place = trash / f"{name}~{number}"
    return place


def _original_name(name: str) -> str:
    return name.partition("~")[0]


def _move_back(path: Path, place: Path) -> None:
    try:
        place.parent.mkdir(_PRIVATE_FOLDER, parents=True, exist_ok=True)
        path.rename(place)
    except OSError as error:
        raise StoreError(
            f"{path} cannot be moved to {place}: {error.strerror}.",
            hint="Check that you may write there. It is still in the trash.",
        ) from error
