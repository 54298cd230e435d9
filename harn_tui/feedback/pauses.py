"""Which sessions hold their person's lines back for now: a pause that the person made."""

from harn_tui.feedback.item import USER_KIND, FeedbackItem


class Pauses:
    """Sessions whose queued lines are not to be claimed. The runtime's own feedback goes on."""

    def __init__(self) -> None:
        self._paused: set[str] = set()

    def begin(self, session_id: str) -> None:
        """Hold the lines of a session back from now on."""
        self._paused.add(session_id)

    def end(self, session_id: str) -> None:
        """Let them go again."""
        self._paused.discard(session_id)

    def has(self, session_id: str) -> bool:
        """Whether the session's lines are held back."""
        return session_id in self._paused

    def holds(self, item: FeedbackItem) -> bool:
        """Whether ``item`` must wait."""
        return item.kind == USER_KIND and item.session_id in self._paused
