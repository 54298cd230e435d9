"""Imports a file as a new session of the store: all of it, or nothing.

The session is written to a folder that the list does not show, and gets its own name once it is
whole. So a file that turns out to be damaged half-way leaves no half session behind.
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from harn_tui.errors import SessionImportError, StoreError
from harn_tui.events.codec import encode_record
from harn_tui.events.host import Notice
from harn_tui.events.record import Record
from harn_tui.ids import new_session_id
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import NoticeLevel
from harn_tui.session_import.acp_updates import read_acp_updates
from harn_tui.session_import.claude_code import read_claude_code
from harn_tui.session_import.codex_rollout import read_codex_rollout
from harn_tui.session_import.detect import detect_kind
from harn_tui.session_import.draft import SessionDraft
from harn_tui.session_import.harn_log import read_harn_log
from harn_tui.session_import.llm_mock import read_llm_mock
from harn_tui.session_import.mini_swe_agent import read_mini_swe_agent
from harn_tui.session_import.record_log import RecordLog
from harn_tui.session_import.run_record import read_run_record
from harn_tui.session_import.source_file import BadLine, SourceFile, SourceLine
from harn_tui.session_import.source_kind import SourceKind
from harn_tui.session_import.source_values import count_of, time_ms_of
from harn_tui.session_import.swe_agent import read_swe_agent
from harn_tui.sinks.line_writer import LineWriter
from harn_tui.store.log_reader import log_files
from harn_tui.store.session_folder import (
    SessionFolder,
    attached_files,
    create_session_folder,
    folder_name,
)
from harn_tui.store.state_file import IMPORTED_FROM, SessionState, save_state
from harn_tui.tools.output_blobs import OutputBlobs

_LOOKED_AT_FOR_TIME = 100
_PIECE_BYTES = 1024 * 1024
_TIME_KEYS = ("timestamp", "created_at")
_DOCUMENT_READERS: dict[SourceKind, Callable[[JsonValue, SessionDraft], None]] = {
    SourceKind.RUN_RECORD: read_run_record,
    SourceKind.SWE_AGENT: read_swe_agent,
    SourceKind.MINI_SWE_AGENT: read_mini_swe_agent,
}
_LINE_READERS: dict[SourceKind, Callable[[Iterator[SourceLine | BadLine], SessionDraft], None]] = {
    SourceKind.LLM_MOCK: read_llm_mock,
    SourceKind.CLAUDE_CODE: read_claude_code,
    SourceKind.CODEX: read_codex_rollout,
    SourceKind.ACP: read_acp_updates,
}


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of the file.

    ``generic`` counts by type what has no counterpart and was kept as it is; ``repeated`` what
    the file told twice and the session tells once. ``title`` is ``None`` when there is none.
    """

    session_id: str
    kind: SourceKind
    events: int
    title: str | None
    generic: dict[str, int]
    repeated: dict[str, int]


def import_session(
    path: Path,
    sessions_directory: Path,
    *,
    kind: SourceKind | None = None,
    session_id: str | None = None,
    source: SourceFile | None = None,
) -> ImportReport:
    """Import the file at ``path``; ``kind`` ``None`` finds the format out.

    A folder stands for the log in it. ``session_id`` ``None`` mints one; ``source`` ``None``
    reads ``path`` with the usual bounds.
    Reads and writes files: call it in a thread. Raises StoreError; nothing is stored then.
    """
    if path.is_dir():
        path = path / "event_log.jsonl"
    given = source or SourceFile(path)
    if not path.is_file():
        raise SessionImportError(f"There is no file {path}.", hint="Check the path.")
    found = kind or detect_kind(given)
    new_id = session_id or new_session_id()
    _make_private(sessions_directory)
    hidden = create_session_folder(sessions_directory / _hidden_name(new_id), new_id)
    try:
        report = _write_session(given, found, hidden)
        target = sessions_directory / folder_name(new_id)
        if target.exists():
            raise StoreError(f"There is a session {new_id} already.", hint="Choose another id.")
        hidden.path.rename(target)
    except OSError as error:
        raise StoreError(
            f"The imported session cannot be stored: {error.strerror or error}.",
            hint="Check that there is room on the disk.",
        ) from error
    finally:
        shutil.rmtree(hidden.path.parent, ignore_errors=True)
    return report


def _make_private(folder: Path) -> None:
    try:
        folder.mkdir(0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"The folder {folder} cannot be made: {error.strerror or error}.",
            hint="Set HARN_TUI_HOME to a folder that you may write to.",
        ) from error


def _hidden_name(session_id: str) -> str:
    return f".importing-{folder_name(session_id)}"


def _write_session(source: SourceFile, kind: SourceKind, folder: SessionFolder) -> ImportReport:
    writer = LineWriter(folder.event_log)
    try:
        log = RecordLog(
            folder.session_id, kind, lambda record: _append(writer, record), _begin_ms(source)
        )
        draft = SessionDraft(log)
        _read(source, kind, draft, OutputBlobs(folder.blobs))
        _note_origin(draft, source.path)
    finally:
        writer.close()
    origin: JsonObject = {"format": kind.value, "file": source.path.name}
    save_state(
        folder.state_file,
        SessionState(
            title=draft.title,
            model=draft.model or None,
            provider=draft.provider or None,
            cwd=draft.cwd or None,
            extra={IMPORTED_FROM: origin},
        ),
    )
    counts = {**log.generic}, {**log.repeated}
    return ImportReport(folder.session_id, kind, log.events, draft.title, *counts)


def _append(writer: LineWriter, record: Record) -> None:
    writer.append(encode_record(record))


def _read(source: SourceFile, kind: SourceKind, draft: SessionDraft, blobs: OutputBlobs) -> None:
    if kind in _DOCUMENT_READERS:
        _DOCUMENT_READERS[kind](source.document(), draft)
    elif kind in _LINE_READERS:
        _LINE_READERS[kind](_lines(source), draft)
    else:
        _copy_blobs(source.path, blobs)
        read_harn_log(_lines_of_all_files(source), draft, lambda data: _keep(blobs, data))


def _lines(source: SourceFile) -> Iterator[SourceLine | BadLine]:
    """Yield the lines; a file that is one list yields its items."""
    if isinstance(next(source.lines(), None), BadLine) and source.is_list():
        return source.items()
    return source.lines()


def _lines_of_all_files(source: SourceFile) -> Iterator[SourceLine | BadLine]:
    for path in log_files(source.path):
        yield from SourceFile(path, source.longest_line_bytes).lines()


def _keep(blobs: OutputBlobs, data: bytes) -> None:
    blobs.store(data)


def _copy_blobs(log: Path, blobs: OutputBlobs) -> None:
    """Take over the files that a session's log refers to by their SHA-256."""
    for path in attached_files(log):
        writer = blobs.open_writer()
        try:
            with path.open("rb") as file:
                while piece := file.read(_PIECE_BYTES):
                    writer.write(piece)
        except OSError:
            writer.discard()
            raise
        writer.finish()


def _begin_ms(source: SourceFile) -> int:
    """Return the first time that the file names, else when it was changed last."""
    for line in islice(source.lines(), _LOOKED_AT_FOR_TIME):
        if isinstance(line, SourceLine):
            recorded_ms = count_of(line.members.get("emitted_at_ms"))
            if recorded_ms:
                return recorded_ms
            for key in _TIME_KEYS:
                found = time_ms_of(line.members.get(key))
                if found is not None:
                    return found
    return source.modified_ms()


def _note_origin(draft: SessionDraft, path: Path) -> None:
    counted = sum(draft.log.generic.values())
    kept = f"; {counted} of its entries have no counterpart here and are kept" if counted else ""
    text = f"Imported from {path.name}, {draft.log.kind.words}{kept}."
    draft.event(Notice(draft.session_id, NoticeLevel.INFO, text))
