"""Opens the files of a stored session: log, feedback journal and state, under one lock."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from harn_tui.events.host import Notice
from harn_tui.feedback.queue import FeedbackQueue
from harn_tui.kinds import NoticeLevel
from harn_tui.session.files import SessionFiles
from harn_tui.sinks.emit import emit
from harn_tui.sinks.line_writer import LineWriter
from harn_tui.sinks.recorder import Recorder
from harn_tui.store.feedback_journal import FeedbackJournal
from harn_tui.store.lock import SessionLock
from harn_tui.store.session_folder import SessionFolder
from harn_tui.store.state_file import load_state


@dataclass(frozen=True, slots=True)
class SessionOrigin:
    """Where a session works and with what, as its state file says."""

    cwd: Path
    model: str
    provider: str


@dataclass(frozen=True, slots=True)
class OpenedFiles:
    """The open files of one session.

    ``recorder`` writes the log and is closed first, then ``files``. What happens to a line of
    ``feedback`` is journalled. ``warnings`` are sentences on what could not be read. ``abandon``
    closes all of it without waiting for anything, for a session that could not be opened after
    all; the lock is released too.
    """

    files: SessionFiles
    recorder: Recorder
    feedback: FeedbackQueue
    abandon: Callable[[], None]
    warnings: tuple[str, ...] = ()


def open_files(
    folder: SessionFolder, lock: SessionLock, origin: SessionOrigin, *, next_index: int = 0
) -> OpenedFiles:
    """Open the session in ``folder``, whose ``lock`` is held; its log goes on at ``next_index``.

    Reads and makes files: call it in a thread when a screen is up. Raises StoreError; nothing is
    left open or locked then.
    """
    with ExitStack() as on_failure:
        on_failure.callback(lock.release)
        journal = _journal(folder)
        on_failure.callback(journal.close)
        state, warning = load_state(folder.state_file)
        state.cwd, state.model, state.provider = str(origin.cwd), origin.model, origin.provider
        writer = LineWriter(folder.event_log)
        on_failure.callback(writer.close)
        abandon = on_failure.pop_all().close
    return OpenedFiles(
        files=SessionFiles(folder, lock, journal, state),
        recorder=Recorder(folder.session_id, writer, first_index=next_index),
        feedback=FeedbackQueue(on_change=journal.append, on_reorder=journal.append_order),
        abandon=abandon,
        warnings=(warning,) if warning else (),
    )


def _journal(folder: SessionFolder) -> FeedbackJournal:
    """Return the session's journal; that it cannot be written is told in the session itself."""
    session_id = folder.session_id

    def tell(problem: str) -> None:
        text = f"Queued lines cannot be saved ({problem}); they are kept in memory."
        emit(Notice(session_id, NoticeLevel.ERROR, text))

    def tell_recovery() -> None:
        emit(Notice(session_id, NoticeLevel.INFO, "Queued lines are saved again."))

    return FeedbackJournal(folder.feedback_journal, on_failure=tell, on_recovery=tell_recovery)
