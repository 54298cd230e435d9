"""Writes an output that is still arriving to a blob, beside the event loop."""

import asyncio
import logging
from collections.abc import Callable
from functools import partial

from harn_tui.tools.completion import run_in_thread, run_to_completion
from harn_tui.tools.output_blobs import BlobWriter, OutputBlobs, StoredBlob

_BEHIND_BYTES = 8 * 1024 * 1024

log = logging.getLogger(__name__)


class BlobSpool:
    """Takes bytes at once and writes them in a thread, in order.

    ``on_pressure`` is called with true when the disk has fallen behind, so that the source can
    wait, and with false when it may go on. A disk that fails ends the writing, not the command:
    ``problem`` then says why. End it with ``finish`` or ``discard``.
    """

    def __init__(self, blobs: OutputBlobs, on_pressure: Callable[[bool], None]) -> None:
        self._blobs = blobs
        self._on_pressure = on_pressure
        self._writer: BlobWriter | None = None
        self._pending: list[bytes] = []
        self._pending_bytes = 0
        self._is_behind = False
        self._task: asyncio.Task[None] | None = None
        self.problem: str | None = None
        """Why nothing is kept, ``None`` while all is well."""

    def feed(self, data: bytes) -> None:
        """Add ``data`` at the end."""
        if self.problem is not None:
            return
        self._pending.append(data)
        self._pending_bytes += len(data)
        if not self._is_behind and self._pending_bytes > _BEHIND_BYTES:
            self._is_behind = True
            self._on_pressure(True)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._write_pending(), name="write a blob")

    async def finish(self) -> StoredBlob | None:
        """Write what is left and return the blob, ``None`` when it could not be kept."""
        await self._settle()
        writer, self._writer = self._writer, None
        if writer is None or self.problem is not None:
            return None
        try:
            return await run_in_thread(writer.finish)
        except OSError as error:
            self._give_up(error)
            return None

    async def discard(self) -> None:
        """Leave nothing behind; does nothing after ``finish``."""
        self._pending.clear()
        await self._settle()
        await self._drop_writer()

    async def _settle(self) -> None:
        task = self._task
        if task is not None:
            await run_to_completion(_ended(task))

    async def _write_pending(self) -> None:
        while self._pending and self.problem is None:
            batch = b"".join(self._pending)
            self._pending.clear()
            try:
                await run_in_thread(partial(self._write, batch))
            except OSError as error:
                self._give_up(error)
                await self._drop_writer()
            self._pending_bytes = sum(map(len, self._pending))
            if self._is_behind and self._pending_bytes <= _BEHIND_BYTES // 2:
                self._is_behind = False
                self._on_pressure(False)

    def _write(self, data: bytes) -> None:
        if self._writer is None:
            self._writer = self._blobs.open_writer()
        self._writer.write(data)

    def _give_up(self, error: OSError) -> None:
        log.warning("an output cannot be kept: %s", error)
        self.problem = error.strerror or str(error)
        self._pending.clear()

    async def _drop_writer(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            await run_in_thread(writer.discard)


async def _ended(task: asyncio.Task[None]) -> None:
    await asyncio.wait({task})
