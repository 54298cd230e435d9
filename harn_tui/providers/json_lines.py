"""Cut a stream of JSON lines (application/x-ndjson) into events: one line, one event."""

from typing import Final

from harn_tui.providers.sse import MAX_EVENT_BYTES, SseEvent, too_large_error

_BOM: Final = b"\xef\xbb\xbf"


class JsonLineDecoder:
    """Turns chunks of bytes, cut anywhere, into events without a name whose data is a line.

    Blank lines are no events. Whether a line is JSON is for the reader of the protocol to say.
    """

    media_type: Final = "application/x-ndjson"

    def __init__(self, max_line_bytes: int = MAX_EVENT_BYTES) -> None:
        self._max_line_bytes = max_line_bytes
        self._pieces: list[bytes] = []
        self._held_bytes = 0
        self._at_stream_start = True

    def feed(self, chunk: bytes) -> list[SseEvent]:
        """Return the lines that ``chunk`` ended, in order.

        Raises ProviderError (invalid_response) when one line outgrows the bound.
        """
        *ended, rest = chunk.split(b"\n")
        events: list[SseEvent] = []
        for piece in ended:
            self._hold(piece)
            events += self._end_line()
        self._hold(rest)
        return events

    def finish(self) -> list[SseEvent]:
        """Return the last line, which may lack its line end; a cut one is no JSON."""
        return self._end_line()

    def _hold(self, piece: bytes) -> None:
        if not piece:
            return
        self._pieces.append(piece)
        self._held_bytes += len(piece)
        if self._held_bytes > self._max_line_bytes:
            raise too_large_error(self._max_line_bytes)

    def _end_line(self) -> list[SseEvent]:
        line = b"".join(self._pieces)
        self._pieces.clear()
        self._held_bytes = 0
        if self._at_stream_start:
            self._at_stream_start = False
            line = line.removeprefix(_BOM)
        text = line.decode("utf-8", "replace").strip(" \t\r")
        return [SseEvent("message", text)] if text else []
