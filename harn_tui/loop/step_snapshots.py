"""Has the files snapshotted around each step of a run that may change them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from harn_tui.loop.cancellation import to_its_end


class StepSnapshots(Protocol):
    """Who takes the snapshots. What goes wrong is told to the session, never raised."""

    async def before(self, session_id: str) -> None:
        """Take one before a step of the loop of ``session_id``; ``after`` has to follow."""
        ...

    async def after(self, session_id: str) -> None:
        """Take one at the end of the step, however it ended."""
        ...


@asynccontextmanager
async def around_step(snapshots: StepSnapshots | None, session_id: str) -> AsyncIterator[None]:
    """Snapshot the files before and after what is done within; ``None`` takes none."""
    if snapshots is None:
        yield
        return
    await snapshots.before(session_id)
    try:
        yield
    finally:
        _, cancellation = await to_its_end(snapshots.after(session_id), "snapshot after a step")
        if cancellation is not None:
            raise cancellation
