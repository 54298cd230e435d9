"""Decode a Server-Sent Events stream from bytes, as the HTML standard says (WHATWG HTML, 9.2.6).

Lines end at LF, CR LF or CR and at nothing else: U+2028, U+0085 and the like are data, which is
why no text-mode line splitter is used.
"""

from dataclasses import dataclass
from typing import Final

from harn_tui.errors import ProviderError
from harn_tui.kinds import ProviderErrorCategory

MAX_EVENT_BYTES = 64 * 1024 * 1024
"""Default bound on one event, so that a server cannot fill the memory."""

_BOM = b"\xef\xbb\xbf"
_CR = 0x0D
_LF = 0x0A


@dataclass(frozen=True, slots=True)
class SseEvent:
    """One dispatched event. ``name`` is ``"message"`` when the stream named none."""

    name: str
    data: str


def too_large_error(max_bytes: int) -> ProviderError:
    """Return the error for an event of more than ``max_bytes``."""
    return ProviderError(
        f"The server sent an event of more than {max_bytes} bytes.",
        category=ProviderErrorCategory.INVALID_RESPONSE,
    )


class SseDecoder:
    """Turns chunks of bytes, cut anywhere, into events."""

    media_type: Final = "text/event-stream"

    def __init__(self, max_event_bytes: int = MAX_EVENT_BYTES) -> None:
        self._max_event_bytes = max_event_bytes
        self._line_pieces: list[bytes] = []
        self._data_lines: list[str] = []
        self._event_name = ""
        self._event_bytes = 0
        self._at_stream_start = True
        self._skip_line_feed = False

    def feed(self, chunk: bytes) -> list[SseEvent]:
        """Return the events that ``chunk`` completed, in order.

        Raises ProviderError (invalid_response) when one event outgrows the bound.
        """
        if self._skip_line_feed and chunk:
            self._skip_line_feed = False
            if chunk[0] == _LF:
                chunk = chunk[1:]
        if not chunk:
            return []
        self._skip_line_feed = chunk[-1] == _CR
        events: list[SseEvent] = []
        for piece in chunk.splitlines(keepends=True):
            self._count(len(piece))
            if piece[-1] not in (_LF, _CR):
                self._line_pieces.append(piece)
                break
            event = self._end_line(piece.rstrip(b"\r\n"))
            if event is not None:
                events.append(event)
        return events

    def finish(self) -> list[SseEvent]:
        """Return nothing: what follows the last blank line when the stream ends is no event.

        Whoever reads the stream must know its protocol's own end marker.
        """
        return []

    def _count(self, size: int) -> None:
        self._event_bytes += size
        if self._event_bytes > self._max_event_bytes:
            raise too_large_error(self._max_event_bytes)

    def _end_line(self, last_piece: bytes) -> SseEvent | None:
        line = last_piece
        if self._line_pieces:
            self._line_pieces.append(last_piece)
            line = b"".join(self._line_pieces)
            self._line_pieces.clear()
        if self._at_stream_start:
            self._at_stream_start = False
            line = line.removeprefix(_BOM)
        if not line:
            return self._dispatch()
        self._take_field(line)
        return None

    def _take_field(self, line: bytes) -> None:
        field, _, value = line.partition(b":")
        if field == b"data":
            self._data_lines.append(value.removeprefix(b" ").decode("utf-8", "replace"))
        elif field == b"event":
            self._event_name = value.removeprefix(b" ").decode("utf-8", "replace")
        elif not self._data_lines:
            # Comments kept coming without a blank line: they hold no memory.
            self._event_bytes = 0

    def _dispatch(self) -> SseEvent | None:
        event = None
        if self._data_lines:
            event = SseEvent(self._event_name or "message", "\n".join(self._data_lines))
            self._data_lines = []
        self._event_name = ""
        self._event_bytes = 0
        return event
