"""Messages that a host sends to a loop, each with the moment at which it wants to be read.

One queue, first in first out, filled from any thread (docs/loop.md, host messages).
"""

import threading
from dataclasses import dataclass

from harn_tui.feedback.arrivals import Arrivals
from harn_tui.kinds import HostMessageMode

_MODE_NAMES = {
    "interrupt_immediate": HostMessageMode.INTERRUPT_IMMEDIATE,
    "interrupt": HostMessageMode.INTERRUPT_IMMEDIATE,
    "finish_step": HostMessageMode.FINISH_STEP,
    "after_current_operation": HostMessageMode.FINISH_STEP,
}
_MOST_URGENT_FIRST = (
    HostMessageMode.INTERRUPT_IMMEDIATE,
    HostMessageMode.FINISH_STEP,
    HostMessageMode.WAIT_FOR_COMPLETION,
)


@dataclass(frozen=True, slots=True)
class HostMessage:
    """A host's message; ``content`` goes to the model as it is, without a wrapper."""

    content: str
    mode: HostMessageMode


def parse_host_message_mode(name: object) -> HostMessageMode:
    """Return the mode that a host named; whatever is not a known name waits for completion."""
    if isinstance(name, str) and name in _MODE_NAMES:
        return _MODE_NAMES[name]
    return HostMessageMode.WAIT_FOR_COMPLETION


class HostMessageQueue:
    """The host messages that no loop has read yet."""

    def __init__(self) -> None:
        self.arrivals = Arrivals()
        """Announces every message that was queued, whatever its mode."""
        self._lock = threading.Lock()
        self._messages: list[HostMessage] = []

    def push(self, content: str, mode: HostMessageMode) -> bool:
        """Queue a message; an empty one is dropped and gives ``False``."""
        if not content:
            return False
        with self._lock:
            self._messages.append(HostMessage(content, mode))
        self.arrivals.announce()
        return True

    def take(self, mode: HostMessageMode) -> tuple[HostMessage, ...]:
        """Remove and return, in order, what is due at the checkpoint of ``mode``.

        That is every message of this mode, and of a more urgent one whose own checkpoint has
        passed: taking ``WAIT_FOR_COMPLETION`` leaves nothing behind.
        """
        due_modes = _MOST_URGENT_FIRST[: _MOST_URGENT_FIRST.index(mode) + 1]
        with self._lock:
            due = tuple(message for message in self._messages if message.mode in due_modes)
            self._messages = [m for m in self._messages if m.mode not in due_modes]
        return due

    def __len__(self) -> int:
        with self._lock:
            return len(self._messages)
