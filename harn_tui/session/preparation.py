"""What the first run of a session needs and an idle session does without."""

import asyncio
from collections.abc import Sequence
from typing import Final, Protocol

from harn_tui.late_import import import_now

FACTS_PATIENCE_S: Final = 0.5
"""How long the first run waits for what a server says of its model: compaction wants to know."""


class ModelFactsSearch(Protocol):
    """Asks servers for what the table of models does not tell. Its owner ends it."""

    def start(self) -> None:
        """Begin to ask; a second time does nothing."""
        ...

    async def wait(self, seconds: float) -> None:
        """Wait for answers, ``seconds`` at most."""
        ...


class Preparation:
    """Imports ``libraries`` in a thread, and asks for ``facts``, once somebody begins a line.

    Until then neither costs memory. Every run waits for it, so that nothing is imported on the
    event loop in the middle of a call.
    """

    def __init__(self, libraries: Sequence[str], facts: ModelFactsSearch) -> None:
        self._libraries = libraries
        self._facts = facts
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Begin, if that was not done before; nothing is waited for."""
        if self._task is None:
            self._task = asyncio.create_task(self._import(), name="preparation")

    async def wait(self) -> None:
        """Wait until a run can begin, which this begins to prepare if nothing did before."""
        self.begin()
        assert self._task is not None
        await asyncio.shield(self._task)
        await self._facts.wait(FACTS_PATIENCE_S)

    async def stop(self) -> None:
        """Give up what is under way."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _import(self) -> None:
        await asyncio.to_thread(import_now, *self._libraries)
        self._facts.start()
