"""Giving a stored session another title."""

from harn_tui.errors import StoreError
from harn_tui.store.lock import SessionLock
from harn_tui.store.session_folder import SessionFolder
from harn_tui.store.state_file import load_state, save_state

LONGEST_TITLE = 120


def title_line(title: str) -> str:
    """Return the title as it is stored. Raises StoreError when it is blank."""
    line = " ".join(title.split())[:LONGEST_TITLE]
    if not line:
        raise StoreError("A title cannot be blank.", hint="Give it a word.")
    return line


def rename_session(folder: SessionFolder, title: str) -> str:
    """Name the session, and return the title as it was stored: one line, at most 120 characters.

    Raises SessionLockedError while it is open, StoreError when the title is blank or cannot be
    written.
    """
    line = title_line(title)
    with SessionLock(folder.lock_file):
        state, _ = load_state(folder.state_file)
        state.title = line
        save_state(folder.state_file, state)
    return line
