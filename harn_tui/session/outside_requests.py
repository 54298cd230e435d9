"""Does for other processes what they ask of an open session, as if it had been typed in it."""

import logging
from typing import Protocol

from harn_tui.errors import HarnError, SessionClosedError
from harn_tui.kinds import Boundary
from harn_tui.loop.sub_agents.registry import SubAgents
from harn_tui.session.kept_state import KeptState
from harn_tui.store.outside_request import (
    OutsideLine,
    OutsideReply,
    OutsideRequest,
    OutsideTitle,
    Place,
)

log = logging.getLogger(__name__)


class OpenSession(Protocol):
    """The part of the session that others may use; ``SessionHandle`` is it."""

    agents: SubAgents
    kept: KeptState

    @property
    def is_running(self) -> bool:
        """Whether a run is active."""
        ...

    @property
    def is_paused(self) -> bool:
        """Whether queued lines wait."""
        ...

    def submit(
        self,
        text: str,
        boundary: Boundary = Boundary.NEXT_PREFLIGHT,
        *,
        feedback_id: str | None = None,
    ) -> str:
        """Queue a line under the given id. Raises HarnError."""
        ...


class OutsideRequests:
    """Takes requests for ``session``; every line is taken once, however often it comes."""

    def __init__(self, session: OpenSession) -> None:
        self._session = session
        self._known: set[str] = set()

    def take(self, request: OutsideRequest) -> OutsideReply:
        """Do what is asked and say how it went; never raises."""
        try:
            match request:
                case OutsideTitle(title):
                    self._session.kept.rename(title)
                    return OutsideReply()
                case OutsideLine(agent=str(agent)):
                    return self._take_for_agent(request, agent)
                case OutsideLine():
                    return self._take_line(request)
        except SessionClosedError as error:
            return OutsideReply(problem=str(error), may_keep=True)
        except HarnError as error:
            return OutsideReply(problem=str(error))
        except Exception:
            # boundary: what one process asks must not end the session of another
            log.exception("request failed type=%s", type(request).__name__)
            return OutsideReply(problem="It failed inside; the program's log there has it.")

    def _take_line(self, line: OutsideLine) -> OutsideReply:
        session = self._session
        if line.feedback_id in self._known:
            return OutsideReply(Place.KNOWN)
        was_running = session.is_running
        session.submit(line.content, line.boundary, feedback_id=line.feedback_id)
        self._known.add(line.feedback_id)
        if session.is_paused:
            return OutsideReply(Place.PAUSED)
        return OutsideReply(_RUNNING[line.boundary] if was_running else Place.NEW_RUN)

    def _take_for_agent(self, line: OutsideLine, agent: str) -> OutsideReply:
        agents = self._session.agents
        named = [child.worker_id for child in agents.running if child.name == agent]
        if len(named) > 1:
            return OutsideReply(problem=f"{len(named)} agents are called {agent}; give an id.")
        if not agents.steer(named[0] if named else agent, line.content):
            return OutsideReply(problem=f"No agent {agent} is at work in this session.")
        return OutsideReply(Place.AGENT)


_RUNNING = {
    Boundary.NEXT_PREFLIGHT: Place.NEXT_CALL,
    Boundary.AFTER_RUN: Place.AFTER_RUN,
    Boundary.NOW: Place.NOW,
}
