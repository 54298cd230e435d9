"""Keeps what is sent behind the switch of the model that was asked for before it."""

from collections import deque
from collections.abc import Callable

from harn_tui.headless.control_lines import (
    CancelLine,
    ControlLine,
    FeedbackLine,
    ModelLine,
    UserMessageLine,
)


class OrderedLines:
    """Hands each line to ``act``, at once unless it sends something and a switch is open.

    ``is_switching`` tells whether one is. Answers and the like overtake what is held; a
    switch that comes behind a held line waits for it, and one that does not is begun at once.
    """

    def __init__(
        self, act: Callable[[ControlLine], None], is_switching: Callable[[], bool]
    ) -> None:
        self._act = act
        self._is_switching = is_switching
        self._held: deque[ControlLine] = deque()

    @property
    def are_held(self) -> bool:
        """Whether lines wait for a switch."""
        return bool(self._held)

    def take(self, line: ControlLine) -> None:
        """Act on a line, or hold it."""
        if line == CancelLine():
            # What was sent before it must not start another run after it.
            self._act_on_all()
        elif self._must_wait(line):
            self._held.append(line)
            return
        self._act(line)

    def go_on(self) -> None:
        """Act on what is held, up to what another switch still keeps back."""
        while self._held and not (_sends(self._held[0]) and self._is_switching()):
            self._act(self._held.popleft())

    def _must_wait(self, line: ControlLine) -> bool:
        if isinstance(line, ModelLine):
            return bool(self._held)
        return _sends(line) and (bool(self._held) or self._is_switching())

    def _act_on_all(self) -> None:
        while self._held:
            self._act(self._held.popleft())


def _sends(line: ControlLine) -> bool:
    """Whether ``line`` reaches the session's model; an agent has its own next call."""
    return isinstance(line, UserMessageLine | FeedbackLine) and not (
        isinstance(line, FeedbackLine) and line.agent is not None
    )
