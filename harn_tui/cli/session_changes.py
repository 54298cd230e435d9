"""``harn-tui sessions rm, restore, empty-trash, rename, reindex``: what changes stored sessions."""

import argparse
import sys
from pathlib import Path

from harn_tui.errors import StoreError, UsageError


def run_remove(options: argparse.Namespace) -> int:
    """Move sessions to the trash; one that cannot be does not keep the others from it."""
    from harn_tui.paths import session_index_file, sessions_directory, trash_directory
    from harn_tui.session.stored_sessions import StoredSessions
    from harn_tui.store.listing import summarize_session
    from harn_tui.store.session_names import find_named_session
    from harn_tui.view.plain import printable

    places = (sessions_directory(), session_index_file(), trash_directory())
    stored = StoredSessions(*places, here=Path.cwd())
    code = 0
    for wanted in options.sessions:
        try:
            folder = find_named_session(sessions_directory(), wanted)
            for session_id in stored.delete(summarize_session(folder)):
                print(f"{printable(session_id)} is in the trash.")
        except StoreError as error:
            print(f"harn-tui: {printable(str(error))}", file=sys.stderr)
            code = 1
    return code


def run_restore(options: argparse.Namespace) -> int:
    """Bring sessions back from the trash."""
    from harn_tui.paths import sessions_directory, trash_directory
    from harn_tui.store.trash import restore_from_trash
    from harn_tui.view.plain import printable

    code = 0
    for wanted in options.sessions:
        try:
            folders = restore_from_trash(wanted, trash_directory(), sessions_directory())
        except StoreError as error:
            print(f"harn-tui: {printable(str(error))}", file=sys.stderr)
            code = 1
        else:
            for folder in folders:
                print(f"{printable(folder.session_id)} is back.")
    return code


def run_empty_trash(options: argparse.Namespace) -> int:
    """Delete for good what is in the trash."""
    from harn_tui.paths import trash_directory
    from harn_tui.store.trash import empty_trash, trashed_sessions

    count = len(trashed_sessions(trash_directory()))
    if count and not options.yes:
        raise UsageError(
            f"{count} sessions in {trash_directory()} would be deleted for good.", hint="Add --yes."
        )
    print(f"{empty_trash(trash_directory())} sessions were deleted.")
    return 0


def run_rename(options: argparse.Namespace) -> int:
    """Give a session another title."""
    from harn_tui.paths import sessions_directory
    from harn_tui.store.outside_delivery import rename_anywhere
    from harn_tui.store.session_names import find_named_session
    from harn_tui.view.plain import printable

    folder = find_named_session(sessions_directory(), options.session)
    title = rename_anywhere(folder, " ".join(options.title))
    print(f"{printable(folder.session_id)} is now called: {printable(title)}")
    return 0


def run_reindex(options: argparse.Namespace) -> int:
    """Make the index anew."""
    from harn_tui.cli.session_search import tell_progress
    from harn_tui.paths import session_index_file, sessions_directory
    from harn_tui.store.index.session_index import SessionIndex

    index = SessionIndex(sessions_directory(), session_index_file())
    index.rebuild(on_progress=tell_progress)
    print(f"{len(index.sessions().summaries)} sessions are in {session_index_file()}.")
    return 0
