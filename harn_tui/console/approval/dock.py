"""The approval dock: shows the call that waits for an answer, above the prompt.

It never takes the focus by itself and reads no plain keys unless a person moved into it with the
focus action; chords reach it through the screen. Every way to answer passes ``AnswerGuard``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from harn_tui.console.actions import Scope, bindings_of, key_of
from harn_tui.console.approval.detail import describe_call
from harn_tui.console.approval.guard import ARMING_MS, AnswerGuard
from harn_tui.console.plain_text import revealed
from harn_tui.console.ports import Clock
from harn_tui.kinds import Decision, DecisionScope

if TYPE_CHECKING:
    from harn_tui.json_types import JsonValue
    from harn_tui.view.model import PendingPermission, SessionView


class DockDetail(VerticalScroll, can_focus=False):
    """The scrolling part; can be focused only while a person is in the dock."""

    BINDINGS = bindings_of(Scope.DOCK)

    def on_blur(self) -> None:
        """Leave the dock: it cannot be reached by Tab."""
        self.can_focus = False


class ApprovalDock(Vertical):
    """Shows the oldest pending permission request and takes answers to it."""

    DEFAULT_CSS = """
    ApprovalDock {
        display: none; height: auto; max-height: 50%; margin: 0 1;
        border: round $warning; border-title-color: $warning; border-title-style: bold;
        border-subtitle-color: $muted; background: $surface; padding: 0 1;
    }
    ApprovalDock.-pending { display: block; }
    ApprovalDock:focus-within { border: heavy $warning; }
    ApprovalDock DockDetail { height: auto; max-height: 16; scrollbar-size-vertical: 1; }
    ApprovalDock #dock-body, ApprovalDock #dock-why { height: auto; }
    ApprovalDock #dock-why { color: $muted; }
    ApprovalDock #dock-keys { height: auto; margin-top: 1; }
    .-short ApprovalDock { max-height: 70%; }
    .-short ApprovalDock #dock-keys { margin-top: 0; }
    .-short ApprovalDock DockDetail { max-height: 2; }
    """

    def __init__(
        self, answer: Callable[[str, Decision, DecisionScope, str | None], bool], now_ms: Clock
    ) -> None:
        """``answer`` takes request id, decision, scope and note; false when it came too late."""
        super().__init__(id="dock")
        self._answer = answer
        self._guard = AnswerGuard(now_ms)
        self._shown: PendingPermission | None = None
        self._shown_arguments: JsonValue = None
        self._arming: Timer | None = None

    def compose(self) -> ComposeResult:
        """Compose the call, why it is asked, and the keys."""
        with DockDetail():
            yield Static(id="dock-body", markup=False)
            yield Static(id="dock-why", markup=False)
        yield Static(id="dock-keys", markup=False)

    @property
    def is_pending(self) -> bool:
        """Whether a request is shown."""
        return self._shown is not None

    @property
    def is_armed(self) -> bool:
        """Whether an answer would count now."""
        return self._shown is not None and self._guard.is_armed

    def show(self, view: SessionView) -> None:
        """Show the oldest pending request of ``view``, or nothing."""
        pending = view.permissions[0] if view.permissions else None
        arguments = _arguments_of(view, pending) if pending else None
        if pending is None:
            self._hide()
            return
        self._set_title(pending, view.permissions)
        is_same = self._shown is not None and self._shown.request_id == pending.request_id
        if is_same and arguments == self._shown_arguments:
            return
        self._shown, self._shown_arguments = pending, arguments
        self.query_one("#dock-body", Static).update(
            describe_call(pending.tool_name, arguments, pending.summary)
        )
        self.query_one("#dock-why", Static).update(
            Content(f"in {revealed(view.cwd) or '?'}\nasked because {revealed(pending.reason)}")
        )
        self.set_class(True, "-pending")
        self.query_one(DockDetail).scroll_home(animate=False)
        self._rearm()

    def answer(
        self,
        key: str,
        decision: Decision,
        scope: DecisionScope = DecisionScope.ONCE,
        note: str | None = None,
    ) -> bool:
        """Answer what is shown; ``key`` names the way it was asked for. False: not answered."""
        if self._shown is None or not self._guard.accepts(key):
            return False
        return self._answer(self._shown.request_id, decision, scope, note)

    def enter(self) -> bool:
        """Move the focus into the dock; false when nothing is pending."""
        if self._shown is None:
            return False
        detail = self.query_one(DockDetail)
        detail.can_focus = True
        detail.focus()
        self._rearm()
        return True

    def _hide(self) -> None:
        if self._shown is None:
            return
        self._shown = self._shown_arguments = None
        if self._arming is not None:
            self._arming.stop()
        self.set_class(False, "-pending")
        self.query_one(DockDetail).can_focus = False

    def _set_title(self, pending: PendingPermission, queue: Sequence[PendingPermission]) -> None:
        count = f"1 of {len(queue)}" if len(queue) > 1 else ""
        self.border_title = Content(f" Allow {revealed(pending.tool_name)}? ")
        self.border_subtitle = Content(f" {count} " if count else "")

    def _rearm(self) -> None:
        self._guard.rearm()
        self._show_keys()
        if self._arming is not None:
            self._arming.stop()
        self._arming = self.set_timer(ARMING_MS / 1000, self._show_keys)

    def _show_keys(self) -> None:
        armed = self._guard.is_armed
        strong, weak = ("bold $warning", "") if armed else ("$faint", "$faint")
        is_inside = self.query_one(DockDetail).has_focus or self.query_one(DockDetail).can_focus
        ids = ("dock_allow_once", "dock_allow_session", "dock_deny") if is_inside else (
            "allow_once", "allow_session", "deny"
        )  # fmt: skip
        words = ["once", "this session", "no"]
        rows = [*zip(ids, words, strict=True), ("deny_with_note", "no, with the prompt as reason")]
        if not is_inside:
            rows.append(("focus_dock", "go in"))
        parts: list[tuple[str, str]] = []
        for action_id, word in rows:
            parts += [(key_of(action_id), strong), (f"\u00a0{word}   ".replace(" ", "\u00a0", word.count(" ")), weak)]  # noqa: E501
        self.query_one("#dock-keys", Static).update(Content.assemble(*parts).rstrip())


def _arguments_of(view: SessionView, pending: PendingPermission) -> JsonValue:
    index = view.tools_by_id.get(pending.tool_call_id)
    if index is None:
        return None
    return getattr(view.blocks[index], "arguments", None)
