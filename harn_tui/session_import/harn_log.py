"""Reads event logs: ours, the reference's, and sessions that this program exported.

Our own logs hold the messages of the history and are taken as they are, under the new session's
id. Logs of the reference hold none: the messages are then made from what the events tell, so
that the session can be resumed.
"""

import base64
import binascii
from collections.abc import Callable, Iterable
from dataclasses import replace

from harn_tui.events.codec import RecordDecodeError, decode_event
from harn_tui.events.host import MessageRecorded, SessionStart
from harn_tui.events.record import Event, UnknownEvent
from harn_tui.json_types import JsonObject
from harn_tui.session_import.draft import SessionDraft
from harn_tui.session_import.history_from_events import HistoryFromEvents
from harn_tui.session_import.source_file import BadLine, SourceLine
from harn_tui.session_import.source_values import count_of, object_of, text_of
from harn_tui.store.export_format import EXPORT_FORMAT

_UNDECODABLE = "undecodable"
_ENVELOPE = frozenset({"index", "emitted_at_ms", "frame_depth"})


def read_harn_log(
    lines: Iterable[SourceLine | BadLine],
    draft: SessionDraft,
    keep_blob: Callable[[bytes], None],
) -> None:
    """Build the session that the records tell of.

    ``keep_blob`` is given each attached file that an exported session carries.
    """
    reader = _Reader(draft)
    for line in lines:
        if isinstance(line, BadLine):
            draft.bad_line(line)
        elif line.members.get("format") == EXPORT_FORMAT:
            _take_header(object_of(line.members.get("session")), draft)
        elif line.members.get("type") == "blob" and "data" in line.members:
            _take_blob(line.members, draft, keep_blob)
        else:
            reader.take(line.members)
    reader.finish()


class _Reader:
    """Takes the records of one log."""

    def __init__(self, draft: SessionDraft) -> None:
        self._draft = draft
        self._history: HistoryFromEvents | None = None
        self._has_begun = False

    def take(self, members: JsonObject) -> None:
        """Take the members of one record."""
        draft = self._draft
        draft.log.set_time(count_of(members.get("emitted_at_ms")) or None)
        try:
            event = decode_event(members)
        except RecordDecodeError as error:
            draft.generic(_UNDECODABLE, {"problem": str(error), "record": members})
            return
        self._begin(event)
        if isinstance(event, UnknownEvent):
            payload = {k: v for k, v in event.payload.items() if k not in _ENVELOPE}
            draft.log.generic[event.type] += 1
            payload["session_id"] = draft.session_id
            draft.event(UnknownEvent(event.type, draft.session_id, payload))
            return
        renamed = replace(event, session_id=draft.session_id)
        if self._history is not None:
            self._history.before(renamed)
        draft.event(renamed)
        if self._history is not None:
            self._history.after(renamed)

    def finish(self) -> None:
        """The log is at its end."""
        if self._history is not None:
            self._history.flush()
        self._draft.finish()

    def _begin(self, event: Event) -> None:
        """A log that begins with ``session_start`` is ours and records its messages itself."""
        if self._has_begun:
            if isinstance(event, MessageRecorded):
                self._history = None
            return
        self._has_begun = True
        if isinstance(event, SessionStart):
            self._draft.model, self._draft.provider = event.model, event.provider
            self._draft.cwd = event.cwd
        else:
            self._history = HistoryFromEvents(self._draft)


def _take_header(session: JsonObject, draft: SessionDraft) -> None:
    draft.title = text_of(session.get("title")) or None


def _take_blob(
    members: JsonObject, draft: SessionDraft, keep_blob: Callable[[bytes], None]
) -> None:
    try:
        keep_blob(base64.b64decode(text_of(members.get("data")), validate=True))
    except (binascii.Error, ValueError) as error:
        draft.generic("blob", {"problem": str(error), "sha256": members.get("sha256")})
