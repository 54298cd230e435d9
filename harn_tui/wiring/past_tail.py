"""The end of the session that is about to be opened, to be shown while the rest is read."""

from collections.abc import Sequence
from dataclasses import replace

from harn_tui.errors import HarnError
from harn_tui.events.record import Record
from harn_tui.paths import sessions_directory
from harn_tui.store.log_tail import read_tail
from harn_tui.store.session_folder import find_session_folder
from harn_tui.wiring.last_session import last_session_of
from harn_tui.wiring.session_request import SessionRequest


def resolved(request: SessionRequest) -> SessionRequest:
    """Return ``request`` with the last session of its folder by its id, if that is asked for.

    Reads files. Raises StoreError when there is none.
    """
    if not request.continue_last or request.session_id is not None:
        return request
    session_id = last_session_of(request.cwd, sessions_directory())
    return replace(request, session_id=session_id, continue_last=False)


def past_tail(request: SessionRequest) -> Sequence[Record]:
    """Return the last records of the session of ``request``; none of one that is new.

    Reads the end of a file. Whatever is wrong with the session is for its opening to tell.
    """
    if request.session_id is None:
        return ()
    try:
        return read_tail(find_session_folder(sessions_directory(), request.session_id).event_log)
    except HarnError:
        return ()
