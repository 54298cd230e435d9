"""Has it told what a call would change, in a thread and within a bounded time."""

import asyncio
import logging
from collections.abc import Callable

from harn_tui.errors import ToolError
from harn_tui.foreign_failure import is_foreign_failure
from harn_tui.tools.foreseen_change import ForeseenChange

log = logging.getLogger(__name__)

MOST_SECONDS = 2.0
"""A file that takes longer to read (on a network, say) is not waited for."""


async def foreseen(tell: Callable[[], ForeseenChange], session_id: str) -> ForeseenChange:
    """Return what ``tell`` says in a thread; what goes wrong is the ``problem`` of the change."""
    try:
        return await asyncio.wait_for(asyncio.to_thread(tell), MOST_SECONDS)
    except TimeoutError:
        return ForeseenChange(problem="reading it takes too long.")
    except ToolError as error:
        return ForeseenChange(problem=error.message)
    except BaseException as error:
        # boundary: a tool's own code, for people only
        if not is_foreign_failure(error):
            raise
        log.warning("a change was not foreseen session_id=%s", session_id, exc_info=error)
        return ForeseenChange(problem="the tool failed to tell.")
