"""What a daemon leaves on disk when it goes idle, and what another one resumes from."""

import contextlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from harn_tui.errors import StoreError
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.loop.daemon import snapshot_values as values
from harn_tui.loop.daemon.backoff import FIRST_BACKOFF_MS
from harn_tui.loop.daemon.watch import WatchState
from harn_tui.providers.base import Usage

SNAPSHOT_TYPE = "daemon_snapshot"


@dataclass(frozen=True, slots=True)
class DaemonSnapshot:
    """A run as it stands; the names of the fields are the keys of the file.

    Messages are neutral ones (docs/messages.md): ``visible_messages`` are those that the model
    sees, ``recorded_messages`` all of them, as they were before any compaction. ``saved_at``
    (RFC 3339) is set by ``save``. ``task_ledger`` is ``None`` without one. ``loop_detector``
    maps a call to its ``count`` of repeats and its ``result_digest``. ``calls`` and ``wakes``
    are counts, ``cost_usd`` is ``None`` when it is not known.
    """

    saved_at: str = ""
    daemon_state: str = "active"
    visible_messages: tuple[JsonObject, ...] = ()
    recorded_messages: tuple[JsonObject, ...] = ()
    transcript_summary: str | None = None
    transcript_events: tuple[JsonObject, ...] = ()
    total_text: str = ""
    last_iteration_text: str = ""
    all_tools_used: tuple[str, ...] = ()
    successful_tools: tuple[str, ...] = ()
    rejected_tools: tuple[str, ...] = ()
    deferred_user_messages: tuple[str, ...] = ()
    total_iterations: int = 0
    calls: int = 0
    wakes: int = 0
    idle_backoff_ms: int = FIRST_BACKOFF_MS
    last_run_exit_code: int | None = None
    watch_state: WatchState = field(default_factory=WatchState)
    task_ledger: JsonObject | None = None
    ledger_done_rejections: int = 0
    loop_detector: JsonObject = field(default_factory=dict)
    used_call_ids: tuple[str, ...] = ()
    usage: Usage = field(default_factory=Usage)
    budget_tokens: int = 0
    cost_usd: float | None = None
    spent_usd: float = 0.0

    def as_json(self) -> JsonObject:
        """Return the object that the file holds."""
        members: dict[str, Any] = {item.name: getattr(self, item.name) for item in fields(self)}
        for name, value in members.items():
            if isinstance(value, tuple):
                members[name] = list(value)
        members["watch_state"] = self.watch_state.as_json()
        members["usage"] = {item.name: getattr(self.usage, item.name) for item in fields(Usage)}
        return {"_type": SNAPSHOT_TYPE, **members}

    @classmethod
    def from_json(cls, members: JsonValue) -> "DaemonSnapshot":
        """Return the snapshot that ``members`` holds, defaults for the keys that it has not.

        Keys that nobody knows are passed over. Raises ValueError, in words, for what is no
        snapshot.
        """
        if not isinstance(members, dict):
            raise ValueError("it is not a JSON object")
        if members.get("_type", SNAPSHOT_TYPE) != SNAPSHOT_TYPE:
            raise ValueError(f"its `_type` is {members['_type']!r} and not {SNAPSHOT_TYPE!r}")
        known = {name: value for name, value in members.items() if name in _READERS}
        read: dict[str, Any] = {}
        for name, value in known.items():
            try:
                read[name] = _READERS[name](value)
            except ValueError as error:
                raise ValueError(f"`{name}` cannot be used: {error}") from error
        return cls(**read)


_READERS: Mapping[str, Callable[[JsonValue], object]] = MappingProxyType(
    {
        "saved_at": values.text,
        "daemon_state": values.text,
        "visible_messages": values.messages,
        "recorded_messages": values.messages,
        "transcript_summary": values.optional(values.text),
        "transcript_events": values.objects,
        "total_text": values.text,
        "last_iteration_text": values.text,
        "all_tools_used": values.texts,
        "successful_tools": values.texts,
        "rejected_tools": values.texts,
        "deferred_user_messages": values.texts,
        "total_iterations": values.count,
        "calls": values.count,
        "wakes": values.count,
        "idle_backoff_ms": lambda value: max(1, values.count(value)),
        "last_run_exit_code": values.optional(values.number),
        "watch_state": WatchState.from_json,
        "task_ledger": values.optional(values.json_object),
        "ledger_done_rejections": values.count,
        "loop_detector": values.repeats,
        "used_call_ids": values.texts,
        "usage": values.usage,
        "budget_tokens": values.count,
        "cost_usd": values.optional(values.amount),
        "spent_usd": values.amount,
    }
)


def _utc_now() -> datetime:
    return datetime.now(UTC)


def draft_path(path: Path) -> Path:
    """Return the sibling of ``path`` that is written first. Raises ValueError for a root."""
    return path.with_suffix(".json.tmp")


def save(path: Path, snapshot: DaemonSnapshot, *, now: Callable[[], datetime] = _utc_now) -> None:
    """Replace the file at ``path``: a reader finds the old snapshot or the new one, whole.

    Folders on the way are made. The file is private (mode 0600) and on the disk when this
    returns. Blocks: call it in a thread, one save at a time. Raises StoreError, which names the
    step that failed: ``encode``, ``mkdir``, ``write`` or ``finalize``.
    """
    step = "encode"
    draft: Path | None = None
    try:
        stamp = now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        text = json.dumps(replace(snapshot, saved_at=stamp).as_json(), separators=(",", ":"))
        step = "mkdir"
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        step, draft = "write", draft_path(path)
        _write_private(draft, text.encode("ascii"))
        step = "finalize"
        draft.replace(path)
        _sync_folder(path.parent)
    except (OSError, ValueError, TypeError, RecursionError) as error:
        if draft is not None:
            with contextlib.suppress(OSError):  # the failure to report is the other one
                draft.unlink(missing_ok=True)
        raise _problem(step, path, error, "Check `persist_path`, and the disk.") from error


def load(path: Path) -> DaemonSnapshot:
    """Return the snapshot in the file at ``path``.

    Blocks: call it in a thread. Raises StoreError, which names the step that failed: ``read``
    for a file that cannot be read, ``parse`` for one that is no snapshot.
    """
    step = "read"
    try:
        data = path.read_bytes()
        step = "parse"
        return DaemonSnapshot.from_json(json.loads(data))
    except (OSError, ValueError, RecursionError) as error:
        hint = "Give the snapshot of a daemon as `resume_path`, or none to begin anew."
        raise _problem(step, path, error, hint) from error


def _problem(step: str, path: Path, error: Exception, hint: str) -> StoreError:
    reason = (isinstance(error, OSError) and error.strerror) or str(error)
    return StoreError(f"Daemon snapshot {step} error: {path}: {reason}.", hint=hint)


def _write_private(path: Path, data: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
