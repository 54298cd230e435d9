"""The list of stored sessions, from the ends of their logs and their small state files.

However long the logs are, at most the first and last mebibyte of each is read, and usually a
few kilobytes. A damaged session is listed with what can be said of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from harn_tui.errors import StoreError
from harn_tui.events.codec import RecordDecodeError, decode_record
from harn_tui.events.host import (
    SCHEMA_VERSION,
    FeedbackStateChanged,
    LoopEnd,
    LoopStart,
    PermissionRequest,
    SessionStart,
    UserMessage,
)
from harn_tui.events.record import Record
from harn_tui.kinds import LoopStatus
from harn_tui.store.lock import live_owner
from harn_tui.store.log_reader import log_files
from harn_tui.store.open_request import open_request
from harn_tui.store.session_folder import SessionFolder, folder_name, list_session_folders
from harn_tui.store.state_file import SessionState, load_state

_FIRST_WINDOW_BYTES = 16_384
_LARGEST_WINDOW_BYTES = 1_048_576
_LAST_RECORDS = 20
_TITLE_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """One row of the list. ``None`` means not known; times are Unix-epoch milliseconds.

    ``title`` is the given one, else the start of the first message. ``record_count`` is the
    last index plus one. ``worker_name`` names the nested loop whose session it is, ``None`` for
    a person's own, ``forked_at_index`` the last event of the parent that a
    fork has. ``last_status`` is how the last run ended, ``None`` also while
    one has not ended. ``owner_pid`` is the process that has the session open.
    ``open_request`` is the call that nobody has answered an approval for, in words;
    ``does_agent_ask`` tells that it is one of an agent, which is gone with its process.
    ``problems`` are sentences on what could not be read.
    """

    folder: SessionFolder
    session_id: str
    updated_at_ms: int
    title: str | None = None
    model: str | None = None
    provider: str | None = None
    cwd: str | None = None
    parent_session_id: str | None = None
    forked_at_index: int | None = None
    worker_name: str | None = None
    created_at_ms: int | None = None
    record_count: int | None = None
    size_bytes: int = 0
    last_status: LoopStatus | None = None
    open_request: str | None = None
    does_agent_ask: bool = False
    owner_pid: int | None = None
    cost_usd: float | None = None
    turns: int | None = None
    problems: tuple[str, ...] = field(default=())

    @property
    def waits_for(self) -> str | None:
        """The call that waits for an approval, now or when the session is taken up."""
        is_lost = self.does_agent_ask and self.owner_pid is None
        return None if is_lost else self.open_request


def list_sessions(sessions_directory: Path) -> list[SessionSummary]:
    """Return all stored sessions, the one that was written last first.

    Reads files: call it in a thread. Raises StoreError only when the folder itself cannot be
    listed.
    """
    folders = list_session_folders(sessions_directory)
    summaries = [summarize_session(folder) for folder in folders]
    summaries.sort(key=lambda summary: (summary.updated_at_ms, summary.session_id), reverse=True)
    return summaries


def summarize_session(folder: SessionFolder) -> SessionSummary:
    """Return the row of one session. Never raises for anything on disk."""
    state, warning = load_state(folder.state_file)
    problems = [warning] if warning else []
    summary = _from_state(folder, state)
    try:
        files = log_files(folder.event_log)
        sizes = [file.stat() for file in files]
        head = list(_head_records(files[0]))
        tail = list(_tail_records(files[-1]))
        last_status = _last_status(tail)
        asked = open_request(files[-1]) if last_status is None else None
    except (StoreError, OSError) as error:
        problems.append(str(error))
        return replace(
            summary, updated_at_ms=_folder_time_ms(folder.path), problems=tuple(problems)
        )
    size = sum(stat.st_size for stat in sizes)
    if size and not head:
        problems.append("The start of the log cannot be read.")
    if size and not tail:
        problems.append("The end of the log cannot be read.")
    summary = replace(
        summary,
        updated_at_ms=tail[0].emitted_at_ms if tail else sizes[-1].st_mtime_ns // 1_000_000,
        size_bytes=size,
        record_count=tail[0].index + 1 if tail else None,
        last_status=last_status,
        open_request=None if asked is None else _in_words(asked),
        does_agent_ask=asked is not None and asked.source is not None,
        problems=tuple(problems),
    )
    return _completed_from_head(summary, head)


def _in_words(request: PermissionRequest) -> str:
    return f"{request.tool_name}: {request.summary}"[:_TITLE_CHARACTERS]


def _from_state(folder: SessionFolder, state: SessionState) -> SessionSummary:
    owner = live_owner(folder.lock_file)
    return SessionSummary(
        folder=folder,
        session_id=folder.session_id,
        updated_at_ms=0,
        title=state.title,
        model=state.model,
        provider=state.provider,
        cwd=state.cwd,
        created_at_ms=state.created_at_ms,
        owner_pid=owner.pid if owner else None,
    )


def _completed_from_head(summary: SessionSummary, head: list[Record]) -> SessionSummary:
    """Fill what the state file left open from the first records of the log."""
    title, created_at_ms = summary.title, summary.created_at_ms
    start: SessionStart | None = None
    for record in head:
        event = record.event
        if isinstance(event, SessionStart) and start is None:
            start = event
        elif title is None and isinstance(event, UserMessage | FeedbackStateChanged):
            title = event.content[:_TITLE_CHARACTERS] if event.content else None
    if head and created_at_ms is None:
        created_at_ms = head[0].emitted_at_ms
    if start is None:
        return replace(summary, title=title, created_at_ms=created_at_ms)
    session_id, problems = _identity(summary, start)
    return replace(
        summary,
        session_id=session_id,
        problems=(*summary.problems, *problems),
        title=title,
        created_at_ms=created_at_ms,
        model=summary.model or start.model,
        provider=summary.provider or start.provider,
        cwd=summary.cwd or start.cwd,
        parent_session_id=start.parent_session_id,
        forked_at_index=start.forked_at_index,
        worker_name=start.worker_name,
        does_agent_ask=summary.does_agent_ask or start.worker_name is not None,
    )


def _identity(summary: SessionSummary, start: SessionStart) -> tuple[str, list[str]]:
    """Return the id to list the session under, and what is strange about its first event.

    The name of the folder stands for the id, so an id of another name is another session's.
    """
    problems = []
    if start.schema_version > SCHEMA_VERSION:
        problems.append(newer_log_problem(start.schema_version))
    if folder_name(start.session_id) == summary.session_id:
        return start.session_id, problems
    if start.session_id:
        problems.append(f"The log is that of another session, {start.session_id}.")
    return summary.session_id, problems


def newer_log_problem(version: int) -> str:
    """Return the sentence on a log whose schema has a ``version`` above ours."""
    return (
        f"The log was written by a newer program (schema {version}; this one knows"
        f" {SCHEMA_VERSION}): what it does not know is shown as it is."
    )


def _last_status(newest_first: list[Record]) -> LoopStatus | None:
    for record in newest_first:
        if isinstance(record.event, LoopEnd):
            return record.event.status
        if isinstance(record.event, LoopStart):
            return None
    return None


def _head_records(path: Path) -> Iterator[Record]:
    """Yield the records at the start of the file, up to the first message at most."""
    with path.open("rb") as file:
        block = file.read(_FIRST_WINDOW_BYTES)
        if b"\n" not in block:
            block += file.read(_LARGEST_WINDOW_BYTES - _FIRST_WINDOW_BYTES)
    for line in block.split(b"\n"):
        record = _record_or_none(line)
        if record is not None:
            yield record
            if isinstance(record.event, UserMessage):
                return


def _tail_records(path: Path) -> Iterator[Record]:
    """Yield the last records of the file, newest first, a bounded number of them."""
    size = path.stat().st_size
    window = _FIRST_WINDOW_BYTES
    found: list[Record] = []
    while not found:
        found = _records_before_end(path, max(0, size - window))
        if window >= size or window >= _LARGEST_WINDOW_BYTES:
            break
        window *= 8
    yield from found


def _records_before_end(path: Path, start: int) -> list[Record]:
    with path.open("rb") as file:
        file.seek(start)
        lines = file.read(_LARGEST_WINDOW_BYTES + _FIRST_WINDOW_BYTES).split(b"\n")
    whole_lines = lines if start == 0 else lines[1:]
    records = map(_record_or_none, reversed(whole_lines[-_LAST_RECORDS:]))
    return [record for record in records if record is not None]


def _record_or_none(line: bytes) -> Record | None:
    try:
        return decode_record(line)
    except RecordDecodeError:
        return None


def _folder_time_ms(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns // 1_000_000
    except OSError:
        return 0
