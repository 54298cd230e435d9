"""The lines that are sent before the session is open: they wait, and go when it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harn_tui.console.queue_strip.rows import EARLY_PREFIX
from harn_tui.kinds import Boundary, FeedbackState
from harn_tui.view.model import QueuedLine

if TYPE_CHECKING:
    from harn_tui.console.ports import Clock


class EarlyLines:
    """Keeps them in the order in which they came."""

    def __init__(self, now_ms: Clock) -> None:
        self.lines: list[QueuedLine] = []
        self._now_ms = now_ms
        self._count = 0
        self._commands: dict[str, str] = {}
        self._given: str | None = None

    def keep(
        self, text: str, boundary: Boundary = Boundary.NEXT_PREFLIGHT, command: str | None = None
    ) -> None:
        """Keep a line; it is sent once the session is open, or runs ``command``."""
        self._count += 1
        line = QueuedLine(
            feedback_id=f"{EARLY_PREFIX}{self._count}",
            text=text,
            state=FeedbackState.QUEUED,
            boundary=boundary,
            queued_at_ms=self._now_ms(),
        )
        self.lines.append(line)
        if command is not None:
            self._commands[line.feedback_id] = command

    def keep_given(self, text: str) -> None:
        """Keep ``text``, which nobody typed here: the shell has it, too."""
        self.keep(text)
        self._given = self.lines[-1].feedback_id

    @property
    def has_typed(self) -> bool:
        """Whether lines wait that were typed here."""
        return any(line.feedback_id != self._given for line in self.lines)

    def command_of(self, line: QueuedLine) -> str | None:
        """Return what ``line`` runs, ``None`` for one that is sent."""
        return self._commands.get(line.feedback_id)

    def take_out(self, line: QueuedLine) -> None:
        """Let ``line`` wait no more."""
        self.lines = [other for other in self.lines if other is not line]

    def take_texts(self) -> list[str]:
        """Let none wait any more, and return their texts."""
        texts = [line.text for line in self.lines]
        self.lines.clear()
        return texts
