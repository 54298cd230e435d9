"""Nested loops of a program that embeds the loop: kept in memory, like its own sessions."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

from harn_tui.events.record import Event
from harn_tui.ids import new_anonymous_session_id
from harn_tui.loop.config import LoopConfig
from harn_tui.loop.sub_agents.agent_request import AgentRequest
from harn_tui.loop.sub_agents.host import ChildLoop
from harn_tui.sinks.base import EventSink


class SilentSink:
    """Hears a nested loop that nobody listens to, in the place of its parent's sink."""

    def handle_event(self, event: Event) -> None:
        """Drop the event."""


class EmbeddedChildren:
    """Gives each nested loop a child of its parent's session, in the parent's session store.

    The child is linked to the parent and begins empty: it sees its task and nothing of the
    parent's conversation. Without a store it is anonymous, as a parent without one is.
    ``make_sink`` gets the child's session id and returns who hears it, nobody when ``None``.
    """

    def __init__(self, make_sink: Callable[[str], EventSink] | None = None) -> None:
        self._make_sink = make_sink

    @asynccontextmanager
    async def open_child(
        self, parent: LoopConfig, inherited: LoopConfig, request: AgentRequest
    ) -> AsyncIterator[ChildLoop]:
        """Open the child; what is queued for it when it ends is undelivered for good."""
        del request
        config = replace(inherited, session_id=new_anonymous_session_id())
        if parent.sessions is not None and parent.sessions.exists(parent.session_id):
            child_id = parent.sessions.open_child(parent.session_id)
            parent.sessions.reset(child_id)
            config = replace(inherited, session_id=child_id, sessions=parent.sessions)
        sink = self._make_sink(config.session_id) if self._make_sink else SilentSink()
        try:
            yield ChildLoop(config, sink)
        finally:
            config.feedback.leftovers(config.session_id)
