"""What is known of a session's model, while its server is still being asked for the rest."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace

from harn_tui.providers.base import ModelFacts


class DiscoveredFacts:
    """A model's facts. ``discover`` asks for a context window that they do not tell."""

    def __init__(
        self,
        facts: ModelFacts,
        discover: Callable[[], Awaitable[int | None]] | None,
        on_found: Callable[[ModelFacts], None],
    ) -> None:
        """``on_found`` is told when more is known."""
        self.facts = facts
        """What is known by now; a run uses what is known when a turn begins."""
        self._discover = discover
        self._on_found = on_found
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to ask, if there is anything to ask for; a second time does nothing."""
        if self._task is None and self._discover is not None and self.facts.context_window is None:
            self._task = asyncio.create_task(self._ask(self._discover), name="context window")

    async def wait(self, seconds: float) -> None:
        """Wait for the answer of the server that is being asked, ``seconds`` at most."""
        if self._task is not None and not self._task.done():
            await asyncio.wait({self._task}, timeout=seconds)

    async def stop(self) -> None:
        """Give up asking."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _ask(self, discover: Callable[[], Awaitable[int | None]]) -> None:
        window = await discover()
        if window is not None:
            self.facts = replace(self.facts, context_window=window)
            self._on_found(self.facts)
