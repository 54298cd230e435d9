"""From a stored session's files to what a session that is taken up goes on with."""

from collections.abc import Sequence

from harn_tui.events.host import LlmCallStart
from harn_tui.events.record import Record
from harn_tui.session.parts import SessionPast
from harn_tui.store.feedback_journal import load_pending_feedback
from harn_tui.store.history import delivered_feedback_ids, fold_history
from harn_tui.store.lost_requests import lost_requests
from harn_tui.store.session_folder import SessionFolder
from harn_tui.store.waiting_calls import waiting_calls


def read_past(folder: SessionFolder, records: Sequence[Record], *, asks_again: bool) -> SessionPast:
    """Return what ``records``, the log of ``folder``, and the journal beside it leave.

    Without ``asks_again``, calls that waited for an approval are answered as interrupted, like
    all that have no result. Reads a file.
    """
    model_calls = [r.event.call for r in records if isinstance(r.event, LlmCallStart)]
    pending = load_pending_feedback(folder.feedback_journal, delivered_feedback_ids(records))
    history, lost = fold_history(records), lost_requests(records)
    open_calls = history.open_at_end() if asks_again else ()
    waiting = waiting_calls(records, lost, open_calls)
    return SessionPast(
        records=records,
        messages=tuple(history.with_open(waiting)),
        waiting=pending.items,
        calls=max(model_calls, default=0),
        lost_requests=() if waiting else lost,
        has_waiting_calls=bool(waiting),
    )
