"""A stored session as it is exported: its records without secrets, and what is known of it."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harn_tui import __version__
from harn_tui.errors import StoreError
from harn_tui.events.record import Record
from harn_tui.json_types import JsonObject
from harn_tui.session_export.redaction import Redactor
from harn_tui.store.log_reader import read_records
from harn_tui.store.session_folder import SessionFolder, attached_files
from harn_tui.store.session_names import find_log
from harn_tui.store.state_file import load_state
from harn_tui.view.fold import apply_all
from harn_tui.view.model import SessionView, UserBlock
from harn_tui.view.plain import one_line

LARGEST_BLOB_BYTES = 5_000_000
LARGEST_BLOBS_BYTES = 20_000_000
_TITLE_CHARACTERS = 120


@dataclass(frozen=True, slots=True)
class ExportedSession:
    """A session that may leave the machine.

    ``blobs`` are the attached files that go along, by their SHA-256; ``blobs_left_out`` says of
    each other one why it stays.
    """

    records: list[Record]
    view: SessionView
    title: str
    blobs: dict[str, bytes]
    blobs_left_out: dict[str, str]

    @property
    def session_id(self) -> str:
        """The id of the session."""
        return self.view.session_id

    def header(self) -> JsonObject:
        """Return what stands before the records in an exported file."""
        view, totals = self.view, self.view.totals
        left_out: JsonObject = {**self.blobs_left_out}
        return {
            "session_id": view.session_id,
            "title": self.title,
            "cwd": view.cwd,
            "model": view.model,
            "provider": view.provider,
            "started_at_ms": self.records[0].emitted_at_ms if self.records else None,
            "ended_at_ms": self.records[-1].emitted_at_ms if self.records else None,
            "events": len(self.records),
            "turns": view.turn,
            "input_tokens": totals.input_tokens,
            "output_tokens": totals.output_tokens,
            "cost_usd": totals.cost_usd,
            "blobs_left_out": left_out,
            "exported_by": f"harn-tui {__version__}",
            "secrets": "redacted",
        }


def load_exported(
    target: str, sessions_directory: Path, *, environment: Mapping[str, str] | None = None
) -> ExportedSession:
    """Return the session that ``target`` names, without its secrets.

    Reads the whole log and its attached files: call it in a thread. Raises StoreError when
    there is no such session, or when its log holds no record.
    """
    log = find_log(target, sessions_directory)
    redactor = Redactor(environment)
    records = redactor.records(read_records(log))
    if not records:
        raise StoreError(f"The log {log} holds no record.", hint="There is nothing to export.")
    view = SessionView()
    apply_all(view, records)
    title = redactor.text(_given_title(log)) or _title_of(view)
    blobs, left_out = _load_blobs(log, redactor)
    return ExportedSession(records, view, one_line(title, _TITLE_CHARACTERS), blobs, left_out)


def blob_line(sha256: str, data: bytes) -> JsonObject:
    """Return the line of an exported file that carries one attached file."""
    return {"type": "blob", "sha256": sha256, "data": base64.b64encode(data).decode("ascii")}


def _given_title(log: Path) -> str:
    """Return the title in the session's state, empty for a log that lies by itself."""
    folder = SessionFolder("", log.parent)
    return (load_state(folder.state_file)[0].title or "") if log == folder.event_log else ""


def _title_of(view: SessionView) -> str:
    words = (block.text for block in view.blocks if isinstance(block, UserBlock))
    return next(words, "") or f"Session {view.session_id}"


def _load_blobs(log: Path, redactor: Redactor) -> tuple[dict[str, bytes], dict[str, str]]:
    """Return the files to take along, and why each other stays.

    A file is named by what is in it, so one with a secret cannot be changed and stays.
    """
    found: dict[str, bytes] = {}
    left_out: dict[str, str] = {}
    room = LARGEST_BLOBS_BYTES
    for path in attached_files(log):
        try:
            size = path.stat().st_size
            if size > min(LARGEST_BLOB_BYTES, room):
                left_out[path.name] = f"too large ({size:,} bytes)"
                continue
            data = path.read_bytes()
        except OSError as error:
            left_out[path.name] = f"cannot be read: {error.strerror}"
            continue
        text = data.decode("utf-8", "replace")
        if redactor.text(text) != text:
            left_out[path.name] = "holds a secret"
            continue
        room -= size
        found[path.name] = data
    return found, left_out
