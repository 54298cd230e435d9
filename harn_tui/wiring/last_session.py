"""Which stored session of a folder was used last."""

from pathlib import Path
from typing import TYPE_CHECKING

from harn_tui.errors import SessionNotFoundError
from harn_tui.late_import import late_module
from harn_tui.paths import session_index_of

if TYPE_CHECKING:
    from harn_tui.store.index import session_rows
else:
    session_rows = late_module("harn_tui.store.index.session_rows")


def last_session_of(cwd: Path, directory: Path) -> str:
    """Return the id of the last session of ``cwd``.

    Raises SessionNotFoundError when there is none.
    """
    for summary in session_rows.list_with_index(directory, session_index_of(directory)).summaries:
        if summary.cwd == str(cwd) and summary.worker_name is None:
            return summary.session_id
    raise SessionNotFoundError(
        f"There is no session of {cwd} to continue.", hint="Start without --continue."
    )
