"""Passes output on while it arrives: whole characters, at a pace and size a screen can take."""

import codecs
from collections.abc import Callable

from harn_tui.kinds import OutputStream
from harn_tui.tools.output_window import from_boundary
from harn_tui.tools.readable import without_nul

FRAME_S = 1 / 30
SLOW_FRAME_S = 1.0
MAX_CHUNK_BYTES = 8 * 1024
# Each chunk is stored in the session's log: after this much the pace drops to one a second.
FAST_BYTES = 512 * 1024


class LiveOutput:
    """Collects bytes and gives them as text to ``on_output`` when ``flush`` is called.

    Between two flushes only the newest bytes are kept; a note says how many were left out.
    """

    def __init__(self, on_output: Callable[[str, OutputStream], None]) -> None:
        self._on_output = on_output
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._pending = bytearray()
        self._left_out = 0
        self._sent_bytes = 0

    @property
    def pause_s(self) -> float:
        """Seconds to wait between two flushes."""
        return FRAME_S if self._sent_bytes < FAST_BYTES else SLOW_FRAME_S

    def feed(self, data: bytes) -> None:
        """Add bytes as they were read."""
        self._pending += data
        excess = len(self._pending) - MAX_CHUNK_BYTES
        if excess > 0:
            self._left_out += excess
            del self._pending[:excess]

    def flush(self, *, final: bool = False) -> None:
        """Pass on what is pending; half a character waits for its rest unless ``final``."""
        data = bytes(self._pending)
        note = ""
        if self._left_out:
            self._decoder.reset()
            kept = from_boundary(data)
            left_out = self._left_out + len(data) - len(kept)
            note = f"\n[... {left_out:,} bytes not shown live ...]\n"
            data = kept
        text = note + without_nul(self._decoder.decode(data, final))
        self._pending.clear()
        self._left_out = 0
        self._sent_bytes += len(data)
        if text:
            self._on_output(text, OutputStream.STDOUT)

    def say(self, line: str) -> None:
        """Pass on a line of our own, apart from the program's output."""
        self._on_output(f"{line}\n", OutputStream.STDERR)
