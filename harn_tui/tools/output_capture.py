"""Keeps an output of any length: its two ends for the model, all of it in a blob."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from harn_tui.json_types import JsonObject
from harn_tui.tools.blob_spool import BlobSpool
from harn_tui.tools.completion import run_in_thread
from harn_tui.tools.output_blobs import OutputBlobs, StoredBlob
from harn_tui.tools.output_window import HEAD_BYTES, TAIL_BYTES, OutputWindow

INLINE_BYTES = HEAD_BYTES + TAIL_BYTES
"""An output up to this size is given to the model whole."""


@dataclass(frozen=True, slots=True)
class CapturedOutput:
    """An output that has ended.

    ``text`` is what the model reads: all of it, or both ends. ``blob`` holds the rest, ``None``
    when ``text`` is all there is or when it could not be kept, for which ``problem`` may say why.
    ``sha256`` is that of all bytes, empty when not all were kept.
    """

    text: str
    byte_count: int
    line_count: int
    sha256: str
    blob: StoredBlob | None = None
    problem: str | None = None

    @property
    def note(self) -> str:
        """One line on where the rest is, empty when there is no more to say."""
        if self.problem is not None:
            return f"[the whole output could not be kept: {self.problem}]"
        if self.blob is None:
            return ""
        kept = self.blob.kept_bytes
        first = f"; only the first {kept:,} are kept" if kept < self.byte_count else ""
        return (
            f"[the output has {self.byte_count:,} bytes{first};"
            f' read_output with handle "{self.blob.handle}" reads any part of it]'
        )

    @property
    def details(self) -> JsonObject:
        """What people and programs are told of it, empty for an output that is whole."""
        if self.blob is None:
            return {}
        return {
            "output_handle": self.blob.handle,
            "output_sha256": self.blob.sha256,
            "output_bytes": self.byte_count,
            "output_kept_bytes": self.blob.kept_bytes,
        }


class OutputCapture:
    """Takes an output piece by piece; memory stays bounded whatever its length.

    Without ``blobs`` the middle of a long output is lost. ``on_pressure`` is that of BlobSpool.
    End it with ``finish`` or ``discard``.
    """

    def __init__(self, blobs: OutputBlobs | None, on_pressure: Callable[[bool], None]) -> None:
        self._blobs = blobs
        self._on_pressure = on_pressure
        self._window = OutputWindow()
        self._spool: BlobSpool | None = None
        self._byte_count = 0
        self._line_count = 0

    def feed(self, data: bytes) -> None:
        """Add ``data`` at the end."""
        self._byte_count += len(data)
        self._line_count += data.count(b"\n")
        if self._spool is None and self._blobs is not None and self._window.room < len(data):
            self._spool = BlobSpool(self._blobs, self._on_pressure)
            self._spool.feed(self._window.whole())
        if self._spool is not None:
            self._spool.feed(data)
        self._window.feed(data)

    async def finish(self) -> CapturedOutput:
        """Return what was captured, once all of it is on the disk."""
        blob = await self._spool.finish() if self._spool else None
        if self._window.room >= 0:
            sha256 = hashlib.sha256(self._window.whole()).hexdigest()
        else:
            is_whole = blob is not None and blob.kept_bytes == self._byte_count
            sha256 = blob.sha256 if blob and is_whole else ""
        return CapturedOutput(
            text=self._window.text(),
            byte_count=self._byte_count,
            line_count=self._line_count,
            sha256=sha256,
            blob=blob,
            problem=self._spool.problem if self._spool else None,
        )

    async def discard(self) -> None:
        """Leave no blob behind; does nothing after ``finish``."""
        if self._spool is not None:
            await self._spool.discard()


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "replace")


async def capture_text(text: str, blobs: OutputBlobs | None) -> CapturedOutput:
    """Capture a text that is there at once, such as a page or the answer of a server."""
    capture = OutputCapture(blobs, lambda _is_behind: None)
    is_short = len(text) <= INLINE_BYTES
    data = _encoded(text) if is_short else await run_in_thread(lambda: _encoded(text))
    capture.feed(data)
    return await capture.finish()
