"""The nested loops of one session, at every depth: who is at work, and how each is reached."""

from collections.abc import Iterator
from contextlib import contextmanager

from harn_tui.errors import ToolError
from harn_tui.loop.sub_agents.child import ChildAgent


class SubAgents:
    """The nested loops that run now. To be used on the event loop of the session."""

    def __init__(self) -> None:
        self._listed: dict[str, ChildAgent] = {}
        self._places = 0

    @property
    def running(self) -> tuple[ChildAgent, ...]:
        """Those at work, in the order in which they began, nested ones included."""
        return tuple(child for child in self._listed.values() if child.is_running)

    def get(self, worker_id: str) -> ChildAgent | None:
        """Return the one with this id, ``None`` when it does not run."""
        child = self._listed.get(worker_id)
        return child if child is not None and child.is_running else None

    def steer(self, worker_id: str, text: str) -> bool:
        """Queue a person's line for this one alone; false when it does not run (any more).

        Raises HarnError for blank text.
        """
        child = self.get(worker_id)
        if child is None:
            return False
        child.steer(text)
        return True

    def cancel(self, worker_id: str, reason: str = "cancelled by the person") -> bool:
        """End this one, and those that it started; false when there is nothing to end.

        ``reason`` is a clause in words. The loop that started it goes on.
        """
        child = self.get(worker_id)
        return child is not None and child.cancel(reason)

    def asks(self, request_id: str) -> bool:
        """Whether an open permission request is that of a nested loop."""
        return any(request_id in child.progress.open_questions for child in self.running)

    @contextmanager
    def place(self, limit: int) -> Iterator[None]:
        """Keep one of ``limit`` places inside the ``with`` block.

        Raises ToolError when all are taken: who waited for one might keep another from ending.
        """
        if self._places >= limit:
            raise ToolError(
                f"{self._places} agents are at work already, which is the most at one time.",
                hint="Do the task yourself, or start the agent when another one has ended.",
            )
        self._places += 1
        try:
            yield
        finally:
            self._places -= 1

    @contextmanager
    def at_work(self, child: ChildAgent) -> Iterator[None]:
        """List ``child`` inside the ``with`` block."""
        self._listed[child.worker_id] = child
        try:
            yield
        finally:
            del self._listed[child.worker_id]
