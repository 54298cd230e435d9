"""The end of a long session on the screen, while the rest of it is still read."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

from harn_tui.console.screens.body import SessionBody
from harn_tui.errors import HarnError
from harn_tui.view.model import SessionView

if TYPE_CHECKING:
    from harn_tui.console.startup import ConsoleParts
    from harn_tui.events.record import Record

log = logging.getLogger(__name__)

ReadTail: TypeAlias = "Callable[[], Sequence[Record]]"
"""Returns the last records of the session to open, none of a new one. Reads the disk."""


async def show_tail(body: SessionBody, parts: ConsoleParts, read_tail: ReadTail) -> None:
    """Draw what the last records say, with Markdown and colours; ``body.attach`` replaces it.

    They are folded alone, so what began before them is missing where it is not on the screen.
    """
    view = SessionView()

    def fold() -> None:
        try:
            for record in read_tail():
                parts.apply(view, record)
        except HarnError:
            log.info("the end of the session is not shown early")  # its opening says why
        except Exception:
            # boundary: only a look; what is wrong is told when the session is opened
            log.exception("the end of the session is not shown early")

    await asyncio.to_thread(fold)
    if view.blocks:
        engines = await asyncio.to_thread(parts.load_engines)
        await body.show_tail(parts.make_transcript, view, engines)
        # What reads the rest would hold the painting up.
        painted = asyncio.Event()
        body.call_after_refresh(painted.set)
        await painted.wait()
