"""Follows a log that another process writes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harn_tui.console.ports import LoadRecords
    from harn_tui.events.record import Record

_INTERVAL_S = 0.5


async def follow_log(
    read_new: LoadRecords | None, take: Callable[[Sequence[Record]], object]
) -> None:
    """Look for new records twice a second and hand them on, until cancelled.

    Returns at once without ``read_new``, which is called in a thread. Raises what it raises.
    """
    while read_new is not None:
        records = await asyncio.to_thread(read_new)
        if records:
            take(records)
        await asyncio.sleep(_INTERVAL_S)
