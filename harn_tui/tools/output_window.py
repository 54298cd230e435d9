"""Keeps the beginning and the end of an output of any length."""

import codecs

from harn_tui.tools.readable import without_nul

HEAD_BYTES = 12_000
TAIL_BYTES = 20_000


def from_boundary(data: bytes) -> bytes:
    """Return ``data``, the rest of something longer, from a line start or a whole character on."""
    line_end = data.find(b"\n", 0, len(data) // 2)
    if line_end >= 0:
        return data[line_end + 1 :]
    start = 0
    while start < min(3, len(data)) and 0x80 <= data[start] < 0xC0:
        start += 1
    return data[start:]


class OutputWindow:
    """Takes bytes and keeps the first and last of them, so that memory stays bounded."""

    def __init__(self, head_bytes: int = HEAD_BYTES, tail_bytes: int = TAIL_BYTES) -> None:
        self._head_bytes = head_bytes
        self._tail_bytes = tail_bytes
        self._head = bytearray()
        self._tail = bytearray()
        self._total_bytes = 0

    def feed(self, data: bytes) -> None:
        """Add ``data`` at the end."""
        self._total_bytes += len(data)
        room = self._head_bytes - len(self._head)
        if room > 0:
            self._head += data[:room]
            data = data[room:]
        self._tail += data[-self._tail_bytes :]
        if len(self._tail) > 2 * self._tail_bytes:
            del self._tail[: -self._tail_bytes]

    @property
    def room(self) -> int:
        """How many more bytes fit before a middle must be cut; negative once it was."""
        return self._head_bytes + self._tail_bytes - self._total_bytes

    def whole(self) -> bytes:
        """Return all that was fed, while no middle is cut."""
        return bytes(self._head + self._tail)

    def text(self) -> str:
        """Return the output; where a middle was cut a line says how many bytes it had."""
        if self.room >= 0:
            return without_nul(self.whole().decode("utf-8", "replace"))
        head = _up_to_line_end(bytes(self._head))
        tail = from_boundary(bytes(self._tail[-self._tail_bytes :]))
        cut = self._total_bytes - len(head) - len(tail)
        # Not final: a character that was cut in two is left out, not shown as broken.
        head_text = codecs.getincrementaldecoder("utf-8")("replace").decode(head)
        line_end = "" if head_text.endswith("\n") else "\n"
        note = f"{line_end}[... {cut:,} bytes cut from the middle of the output ...]\n"
        return without_nul(head_text + note + tail.decode("utf-8", "replace"))


def _up_to_line_end(data: bytes) -> bytes:
    end = data.rfind(b"\n", len(data) // 2)
    return data if end < 0 else data[: end + 1]
