"""Makes a session out of the beginning of another one, which is only read.

The new log has the events up to the fork, under its own id, after a ``session_start`` that says
where they come from. What was going on there is ended, so that the new session can go on.
"""

import contextlib
import os
import re
import shutil
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from harn_tui.errors import StoreError, UsageError
from harn_tui.events.codec import encode_record
from harn_tui.events.host import Notice, PermissionDecision, SessionStart
from harn_tui.events.record import Event, Record, UnknownEvent
from harn_tui.ids import new_session_id
from harn_tui.kinds import NoticeLevel
from harn_tui.store.kept_model import model_named_by
from harn_tui.store.lock import SessionLock
from harn_tui.store.log_reader import read_records, records_up_to
from harn_tui.store.open_ends import OpenEnds
from harn_tui.store.session_folder import SessionFolder, create_session_folder
from harn_tui.store.state_file import SessionState, load_state, save_state

CLOSING_REASON = "The session was forked while this was going on."

_FORK_MARK = re.compile(r" \(fork(?: ([0-9]{1,9}))?\)$")
_NEW_FILE_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC


def fork_session(
    log: Path,
    sessions_directory: Path,
    *,
    at_index: int | None = None,
    now_ms: int,
    draft: str = "",
) -> SessionFolder:
    """Return a new session that has the events of ``log`` up to ``at_index``, itself included.

    ``None`` takes all of them. ``now_ms`` is the time of the fork, ``draft`` what its prompt
    holds. What the session had granted for its lifetime is not granted in the new one, and lines
    that waited stay where they are.
    Reads and writes files: call it in a thread. Raises UsageError when there is no such event,
    StoreError when the log cannot be read or the fork not be written; nothing is left then.
    """
    folder = create_session_folder(sessions_directory, new_session_id())
    try:
        with SessionLock(folder.lock_file):
            fork = _Fork(folder, _last_index(log) if at_index is None else at_index)
            _write_lines(folder.event_log, fork.lines(log, now_ms))
            _link_blobs(log.parent / "blobs", folder.blobs)
            _save_state(log, folder, fork, now_ms, draft)
    except BaseException:
        # What was begun is ours alone, and half a session would be worse than none.
        shutil.rmtree(folder.path, ignore_errors=True)
        raise
    return folder


class _Fork:
    """The events of one fork; ``start`` is its first one, once ``lines`` has run."""

    def __init__(self, folder: SessionFolder, at_index: int) -> None:
        self._session_id = folder.session_id
        self._at_index = at_index
        self.start = SessionStart(self._session_id, "", "", "", "native")
        self.cwd = ""
        """The folder that was worked in at its end, empty when the log does not say."""
        self.model: tuple[str, str] | None = None
        """Provider and model at its end."""

    def lines(self, log: Path, now_ms: int) -> Iterator[bytes]:
        ends = OpenEnds()
        number, last = 0, None
        for record in records_up_to(log, self._at_index):
            if last is None:
                self.start = self._start_of(record)
                yield _line(0, record.emitted_at_ms, self.start)
            last = record
            ends.take(record.event)
            self.model = model_named_by(record.event) or self.model
            if isinstance(record.event, SessionStart):
                self.cwd = record.event.cwd
            if number == 0 and isinstance(record.event, SessionStart):
                continue
            number += 1
            yield _line(number, record.emitted_at_ms, self._moved(record.event))
        assert last is not None, "the records hold the one that was asked for"
        at_ms = last.emitted_at_ms
        for event in ends.closing_events(self._session_id, at_ms, CLOSING_REASON):
            number += 1
            yield _line(number, at_ms, event)
        # The start tells where it comes from; of a fork at the very beginning it stands just above.
        text = f"Taken over up to here from session {self.start.parent_session_id}"
        yield _line(number + 1, now_ms, Notice(self._session_id, NoticeLevel.INFO, text))

    def _start_of(self, first: Record) -> SessionStart:
        event = first.event
        start = event if isinstance(event, SessionStart) else self.start
        return replace(
            start,
            session_id=self._session_id,
            parent_session_id=event.session_id,
            forked_at_index=self._at_index,
            worker_name=None,
        )

    def _moved(self, event: Event) -> Event:
        """Return the event as one of the new session."""
        if isinstance(event, UnknownEvent):
            payload = {**event.payload, "session_id": self._session_id}
            return replace(event, session_id=self._session_id, payload=payload)
        if isinstance(event, SessionStart):
            event = replace(event, parent_session_id=None, forked_at_index=None, worker_name=None)
        elif isinstance(event, PermissionDecision):
            event = replace(event, rule=None)
        return replace(event, session_id=self._session_id)


def _last_index(log: Path) -> int:
    last = deque(read_records(log), maxlen=1)
    if not last:
        raise UsageError(f"The log {log} has no events to fork.")
    return last[0].index


def _line(index: int, at_ms: int, event: Event) -> bytes:
    return encode_record(Record(index, at_ms, None, event)).encode() + b"\n"


def _write_lines(path: Path, lines: Iterator[bytes]) -> None:
    try:
        with _new_file(path) as file:
            file.writelines(lines)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise StoreError(
            f"The fork {path} cannot be written: {error.strerror}.", hint="Check the disk."
        ) from error


def _new_file(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, _NEW_FILE_FLAGS, 0o600), "wb")


def _link_blobs(source: Path, target: Path) -> None:
    """Give the fork the long outputs and images, which are named by what is in them."""
    try:
        blobs = [path for path in source.iterdir() if path.is_file() and path.name[0] != "."]
    except OSError:
        return  # most sessions have none
    try:
        target.mkdir(0o700)
        for blob in blobs:
            _link(blob, target / blob.name)
    except OSError as error:
        raise StoreError(
            f"The outputs in {source} cannot be taken over: {error.strerror}.",
            hint="Check the disk.",
        ) from error


def _link(source: Path, target: Path) -> None:
    with contextlib.suppress(OSError):  # another file system, or one without links
        os.link(source, target)
        return
    shutil.copyfile(source, target)
    target.chmod(0o600)


def _forked_title(title: str) -> str:
    """Return ``title (fork)``; that of a fork is counted on: ``(fork 2)``, not marked again."""
    marked = _FORK_MARK.search(title)
    if marked is None:
        return f"{title} (fork)"
    return f"{title[: marked.start()]} (fork {int(marked[1] or 1) + 1})"


def _save_state(log: Path, folder: SessionFolder, fork: _Fork, now_ms: int, draft: str) -> None:
    before, _ = load_state(log.with_name("state.json"))
    provider, model = fork.model or ("", "")
    save_state(
        folder.state_file,
        SessionState(
            title=_forked_title(before.title) if before.title else None,
            model=model or before.model,
            provider=provider or before.provider,
            cwd=fork.cwd or before.cwd,
            created_at_ms=now_ms,
            draft=draft,
        ),
    )
