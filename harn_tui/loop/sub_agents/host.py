"""Who gives a nested loop its surroundings."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from harn_tui.sinks.base import EventSink

if TYPE_CHECKING:
    from harn_tui.loop.config import LoopConfig
    from harn_tui.loop.sub_agents.agent_request import AgentRequest


@dataclass(frozen=True, slots=True)
class ChildLoop:
    """A nested loop that can begin. ``sink`` is the only one that hears its session's events."""

    config: LoopConfig
    sink: EventSink


class ChildHost(Protocol):
    """Opens and closes the sessions of nested loops."""

    def open_child(
        self, parent: LoopConfig, inherited: LoopConfig, request: AgentRequest
    ) -> AbstractAsyncContextManager[ChildLoop]:
        """Return a context in which the nested loop runs; leaving it closes what was opened.

        The loop's configuration is ``inherited`` with a session of its own: an id that is not
        the parent's, and what is kept for that session. Entering raises HarnError when it cannot
        be opened, leaving it when what was kept could not be written.
        """
        ...
