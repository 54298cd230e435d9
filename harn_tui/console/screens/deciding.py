"""How a person answers the approval dock: by chords, by letters inside it, or with a reason."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from harn_tui.console.approval.dock import ApprovalDock
from harn_tui.console.prompt.prompt import Prompt
from harn_tui.kinds import Decision, DecisionScope


class Deciding:
    """What the dock's keys do. ``tell`` shows a sentence to the person."""

    def __init__(self, dock: ApprovalDock, prompt: Prompt, tell: Callable[[str], None]) -> None:
        self._dock = dock
        self._prompt = prompt
        self._tell = tell
        self.awaits_reason = False
        """Whether the next Enter refuses the open call with the prompt's text."""

    def commands(self, *, has_reason: bool) -> dict[str, Callable[[], object]]:
        """Return what each action of the dock calls.

        ``has_reason`` is false while the prompt holds what is no reason for a denial: a queued
        line that is being edited.
        """
        allow_once = partial(self._decide, Decision.ALLOW)
        allow_session = partial(self._decide, Decision.ALLOW, DecisionScope.SESSION)
        deny = partial(self._decide, Decision.DENY)
        return {
            "focus_dock": self._dock.enter,
            "allow_once": allow_once,
            "allow_session": allow_session,
            "deny": deny,
            "deny_with_note": self._deny_with_note if has_reason else lambda: None,
            "dock_allow_once": allow_once,
            "dock_allow_session": allow_session,
            "dock_deny": deny,
        }

    def _decide(
        self,
        decision: Decision,
        scope: DecisionScope = DecisionScope.ONCE,
        note: str | None = None,
    ) -> bool:
        key = f"{decision}/{scope}/{note is not None}"
        return self._dock.answer(key, decision, scope, note)

    def _deny_with_note(self) -> None:
        """Deny with the prompt's text as the reason; the text stays if the answer did not count."""
        note = self._prompt.real_text.strip()
        if not self._dock.is_pending:
            return
        if not note:
            self.awaits_reason = True
            self._tell("Type the reason; Enter refuses with it, Escape goes back.")
        elif self._decide(Decision.DENY, note=note):
            self.awaits_reason = False
            self._prompt.take()

    def forget_reason(self) -> None:
        """Go back to the open call without answering it."""
        self.awaits_reason = False

    def take_reason(self) -> bool:
        """Refuse with the prompt's text when a reason was asked for; false when none was."""
        if not self.awaits_reason or not self._dock.is_pending or self._prompt.is_blank:
            self.awaits_reason = False
            return False
        self._deny_with_note()
        return True
