"""How a person answers the approval dock: by chords, letters inside it, a note, or a kept rule."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.screen import ModalScreen

from harn_tui.console.approval.call_view import CallView
from harn_tui.console.approval.dock import ApprovalDock
from harn_tui.console.approval.earlier_calls import earlier_calls
from harn_tui.console.approval.reasons import title_of
from harn_tui.console.approval.rule_editor import RuleEditor
from harn_tui.console.ports import Clock, ConsoleSession
from harn_tui.console.prompt.prompt import Prompt
from harn_tui.errors import HarnError
from harn_tui.kinds import Decision, DecisionScope
from harn_tui.permissions.chosen_rule import ChosenRule

if TYPE_CHECKING:
    from harn_tui.view.model import SessionView

_ASKS_FOR_NOTE = {
    Decision.DENY: ("Your reason", "Type the reason", "Enter refuses with it"),
    Decision.ALLOW: ("Your note", "Type the note", "Enter allows the call with it"),
}
"""What stands around the prompt, what in it, and what Enter does."""
_TOO_LATE = "That call no longer waits for an answer."
_KEPT_TEXT = "Your text is here; Enter sends it as a new line."


class Deciding:
    """What the dock's keys do.

    ``tell`` shows a sentence to the person; ``push`` puts a screen over this one and calls back
    with what it gives.
    """

    def __init__(
        self,
        dock: ApprovalDock,
        prompt: Prompt,
        *,
        now_ms: Clock,
        tell: Callable[[str], None],
        push: Callable[[ModalScreen[Any], Callable[[Any], None]], None],
    ) -> None:
        self._dock = dock
        self._prompt = prompt
        self._now_ms = now_ms
        self._tell = tell
        self._push = push
        self._session: ConsoleSession | None = None
        self._view: SessionView | None = None
        self._noted: tuple[Decision, str] | None = None
        self._over: tuple[str, ModalScreen[Any]] | None = None

    @property
    def awaits_reason(self) -> bool:
        """Whether the next Enter answers the open call, with the prompt's text as the note."""
        return self._noted is not None

    def attach(self, session: ConsoleSession, view: SessionView) -> None:
        """Take the session that answers go to, and what is shown of it."""
        self._session, self._view = session, view
        self._dock.look_ahead.attach(session.approvals)

    def commands(self, *, is_editing: bool = False) -> dict[str, Callable[[], object]]:
        """Return what each action of the dock calls.

        While a queued line is edited the prompt's text is no note.
        """
        allow_once = partial(self._decide, Decision.ALLOW)
        allow_session = partial(self._decide, Decision.ALLOW, DecisionScope.SESSION)
        deny = partial(self._decide, Decision.DENY)

        def with_note(decision: Decision) -> Callable[[], object]:
            return (lambda: None) if is_editing else partial(self._decide_with_note, decision)

        return {
            "allow_once": allow_once,
            "allow_session": allow_session,
            "allow_always": self._edit_rule,
            "allow_with_note": with_note(Decision.ALLOW),
            "deny": deny,
            "deny_with_note": with_note(Decision.DENY),
            "dock_allow_once": allow_once,
            "dock_allow_session": allow_session,
            "dock_allow_always": self._edit_rule,
            "dock_deny": deny,
            "show_call": self._show_call,
            "dock_show_call": self._show_call,
            "dock_next": partial(self._dock.choose, 1),
            "dock_previous": partial(self._dock.choose, -1),
        }

    def forget_reason(self) -> None:
        """Go back to the open call without answering it."""
        if self._noted is not None:
            self._noted = None
            self._prompt.say_purpose()

    def take_reason(self) -> bool:
        """Answer with the prompt's text when a note was asked for; false when none was."""
        if self._noted is None:
            return False
        decision, request_id = self._noted
        shown = self._dock.shown
        if shown is not None and shown.request_id == request_id:
            self._decide_with_note(decision)
        else:
            self.forget_reason()
            self._tell(f"That call is not the one that is shown now. {_KEPT_TEXT}")
        return True

    def close_stale(self) -> None:
        """Close what is open about a call that no longer waits, and say so."""
        open_ids = {p.request_id for p in self._view.permissions} if self._view else set()
        if self._noted is not None and self._noted[1] not in open_ids:
            self.forget_reason()
            self._tell(f"{_TOO_LATE} {'' if self._prompt.is_blank else _KEPT_TEXT}".strip())
        if self._over is None:
            return
        request_id, screen = self._over
        if request_id not in open_ids and screen.is_current:
            screen.dismiss(None)
            self._tell(_TOO_LATE)

    def _decide(
        self,
        decision: Decision,
        scope: DecisionScope = DecisionScope.ONCE,
        note: str | None = None,
    ) -> bool:
        request_id = self._dock.accept(f"{decision}/{scope}/{note is not None}")
        if request_id is None or self._session is None:
            return False
        self.forget_reason()
        return self._session.answer(request_id, decision, scope, note)

    def _decide_with_note(self, decision: Decision) -> None:
        """Take the prompt's text as the note; it stays there if the answer did not count."""
        note = self._prompt.real_text.strip()
        pending = self._dock.shown
        if pending is None:
            return
        if not note:
            self._noted = decision, pending.request_id
            title, hint, keys = _ASKS_FOR_NOTE[decision]
            self._prompt.say_purpose(title, f"{keys} · Esc goes back", hint)
            self._prompt.focus()
        elif self._decide(decision, note=note):
            self._prompt.take()

    def _show_call(self) -> None:
        pending = self._dock.shown
        if pending is None:
            self._tell("No call waits for an answer.")
            return
        view = CallView(title_of(pending), self._dock.shown_reasons, self._dock.shown_call)
        self._dock.on_news = lambda: view.show_call(self._dock.shown_call)
        self._open(pending.request_id, view, lambda _: self._stop_telling())

    def _stop_telling(self) -> None:
        self._dock.on_news = None

    def _edit_rule(self) -> None:
        """Open the editor of the rule to keep, or say why none would help."""
        session, view, pending = self._session, self._view, self._dock.shown
        if session is None or view is None or pending is None:
            return
        trial = session.approvals.trial(pending.request_id)
        files = session.approvals.files
        if trial is None or not files:
            self._tell("No rule can be kept for this call.")
        elif trial.obstacle is not None:
            self._tell(f"No rule would let this call through another time: {trial.obstacle}.")
        else:
            earlier = earlier_calls(view, pending)
            call = self._dock.shown_call
            title = title_of(pending, "Always allow")
            editor = RuleEditor(trial, files, earlier, title=title, call=call, now_ms=self._now_ms)
            self._open(pending.request_id, editor, partial(self._keep, pending.request_id))

    def _keep(self, request_id: str, rule: ChosenRule | None) -> None:
        if rule is None or self._session is None:
            return
        always = DecisionScope.ALWAYS
        try:
            is_taken = self._session.answer(request_id, Decision.ALLOW, always, rule=rule)
        except HarnError as error:
            self._tell(str(error))
            return
        if not is_taken:
            self._tell(_TOO_LATE)

    def _open(self, request_id: str, screen: ModalScreen[Any], then: Callable[[Any], None]) -> None:
        def closed(result: Any) -> None:
            self._over = None
            then(result)

        self._over = (request_id, screen)
        self._push(screen, closed)
