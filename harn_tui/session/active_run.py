"""The run that is active in a session, if one is: started, stopped and waited for."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from harn_tui.loop.result import LoopResult

if TYPE_CHECKING:
    from harn_tui.session.run_task import SessionRun


class ActiveRun:
    """One run at a time. ``after`` is called with each that has ended, and may start another."""

    def __init__(self, after: Callable[["SessionRun"], None]) -> None:
        self.last_result: LoopResult | None = None
        """How the newest run of this process ended."""
        self._after = after
        self._run: SessionRun | None = None
        self._idle = asyncio.Event()
        self._idle.set()

    def is_on(self) -> bool:
        """Whether a run is active."""
        return self._run is not None

    @property
    def takes_up_calls(self) -> bool:
        """Whether the run began with calls that an earlier process left."""
        return self._run is not None and self._run.prompt is None

    def start(self, run: "SessionRun") -> None:
        """Start ``run``, whose end is ``ended``; none may be active."""
        self._idle.clear()
        self._run = run
        run.start()

    def ended(self, run: "SessionRun") -> None:
        """Take the end of the run."""
        self._run, self.last_result = None, run.result
        self._after(run)
        if self._run is None:
            self._idle.set()

    def cancel(self, reason: str) -> bool:
        """Stop the run, which goes on to its end; false when none is active."""
        return self._run is not None and self._run.control.cancel(reason)

    async def wait_idle(self) -> None:
        """Wait until no run is active and none follows."""
        await self._idle.wait()
