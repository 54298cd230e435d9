"""A person's wish to have the history compacted, until a run takes it up."""

from collections.abc import Callable

from harn_tui.loop.compact_history import compaction_policy, why_nothing_is_summarised
from harn_tui.session.conversation import Conversation
from harn_tui.session.parts import SessionParts


class CompactionWish:
    """Asked for at any time, and carried out before the next model call.

    ``is_running`` tells whether a run is on; ``conversation`` is what would be compacted.
    """

    def __init__(
        self, parts: SessionParts, is_running: Callable[[], bool], conversation: Conversation
    ) -> None:
        self._parts = parts
        self._is_open = False
        self._is_running = is_running
        self._conversation = conversation

    def open(self) -> None:
        """Have the history compacted; when there is nothing to compact, the loop says so then."""
        self._is_open = True

    def ask(self) -> str:
        """Have the history compacted; return when that will be, or why it will not, in words.

        Raises LoopConfigError when the options for it cannot be used.
        """
        if self._is_running():
            self.open()
            return "Older messages will be summarised before the next model call."
        parts = self._parts
        policy = compaction_policy(
            parts.options, parts.callbacks, cwd=parts.cwd, context_window=None
        )
        # The next request enters the history only after that.
        is_short = len(self._conversation.messages) <= policy.keep_first + policy.keep_last
        if is_short or not policy.is_enabled:
            return why_nothing_is_summarised(policy)
        self.open()
        return "Older messages will be summarised before your next request goes out."

    def take(self) -> bool:
        """Take the wish up; false when there is none. For the loop."""
        was_open, self._is_open = self._is_open, False
        return was_open
