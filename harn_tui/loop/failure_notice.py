"""Tells a session of a failure in somebody else's code that the run goes on without."""

import logging

from harn_tui.events.host import Notice
from harn_tui.kinds import NoticeLevel
from harn_tui.sinks.emit import emit

log = logging.getLogger(__name__)


def tell_failure(session_id: str, what: str, error: BaseException, consequence: str) -> None:
    """Log ``error`` and emit a warning.

    ``what`` begins a sentence ("The tool's summary"), ``consequence`` is a clause that says how
    the run does without ("the arguments are shown instead").
    """
    log.error("%s failed session_id=%s", what, session_id, exc_info=error)
    reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    emit(Notice(session_id, NoticeLevel.WARNING, f"{what} failed, so {consequence} ({reason})."))
