"""Brings the answer to a permission request to the call that waits for it, exactly once."""

import asyncio
from dataclasses import dataclass

from harn_tui.kinds import Decision, DecisionScope
from harn_tui.permissions.chosen_rule import ChosenRule


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to one request.

    ``note`` is the person's text to the model, ``None`` for none. ``is_cancelled`` says that
    nobody decided: the run was stopped first, which counts as a denial. ``rule`` is what an
    approval allows beside this call; without one the scope counts for exactly this call.
    """

    decision: Decision
    scope: DecisionScope = DecisionScope.ONCE
    note: str | None = None
    is_cancelled: bool = False
    rule: ChosenRule | None = None


_CANCELLED = Answer(
    Decision.DENY, note="The run was stopped before anybody decided.", is_cancelled=True
)


class PermissionBroker:
    """Holds the open requests of one session. To be used on one event loop only.

    A request is answered by whoever comes first, the dock, a control line or a policy; there is
    no time limit that would decide for the person.
    """

    def __init__(self) -> None:
        self._open: dict[str, asyncio.Future[Answer]] = {}

    def open(self, request_id: str) -> None:
        """Accept answers to ``request_id`` from now on.

        Call it before the request is made known: a listener may answer at once, before ``ask``
        has begun to wait. Raises ValueError when the id is open already.
        """
        if request_id in self._open:
            raise ValueError(f"permission request {request_id} is open already")
        self._open[request_id] = asyncio.get_running_loop().create_future()

    async def ask(self, request_id: str) -> Answer:
        """Wait for the answer to ``request_id``, which is opened when it is not yet open.

        When the waiting task is cancelled the request is closed and later answers are refused.
        """
        if request_id not in self._open:
            self.open(request_id)
        try:
            return await self._open[request_id]
        finally:
            del self._open[request_id]

    def answer(self, request_id: str, answer: Answer) -> bool:
        """Answer a request; return false when it is unknown, already answered or withdrawn."""
        future = self._open.get(request_id)
        if future is None or future.done():
            return False
        future.set_result(answer)
        return True

    def cancel_all(self) -> tuple[str, ...]:
        """Answer every open request with a denial that says so; return their ids."""
        return tuple(request for request in self.pending() if self.answer(request, _CANCELLED))

    def pending(self) -> tuple[str, ...]:
        """Return the ids of requests that still wait for an answer, oldest first."""
        return tuple(request for request, future in self._open.items() if not future.done())
