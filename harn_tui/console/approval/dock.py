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

from harn_tui.console.action import Scope
from harn_tui.console.actions import bindings_of, key_of
from harn_tui.console.approval.detail import describe_call
from harn_tui.console.approval.guard import ARMING_MS, AnswerGuard
from harn_tui.console.breakpoints import MIDDLE_COLUMNS, SHORT_ROWS
from harn_tui.console.plain_text import revealed
from harn_tui.console.ports import Clock
from harn_tui.console.questions.turn import waits_longer
from harn_tui.kinds import Decision, DecisionScope

if TYPE_CHECKING:
    from harn_tui.json_types import JsonValue
    from harn_tui.view.model import SessionView
    from harn_tui.view.pending import PendingPermission


_ROWS_AROUND = 6
"""Rows of the dock beside its detail: border, reason, keys."""
_ROWS_AROUND_SHORT = 7
"""Rows of a short screen beside the detail: transcript, title, keys, prompt, status."""

_CHORD_ANSWERS = (
    ("allow_once", "once"),
    ("allow_session", "this session"),
    ("deny", "no"),
    ("deny_with_note", "no, say why"),
    ("focus_dock", "go in"),
)
_NARROW_ANSWERS = (("allow_once", "yes"), ("deny", "no"), ("focus_dock", "more"))
_INSIDE_ANSWERS = (
    ("dock_allow_once", "once"),
    ("dock_allow_session", "this session"),
    ("dock_deny", "no"),
    ("escape", "back to the prompt"),
)


class DockDetail(VerticalScroll, can_focus=False):
    """The scrolling part; can be focused only while a person is in the dock."""

    BINDINGS = bindings_of(Scope.DOCK)

    def on_blur(self) -> None:
        """Leave the dock: it cannot be reached by Tab."""
        self.can_focus = False


class ApprovalDock(Vertical):
    """Shows the oldest pending permission request and takes answers to it."""

    SCOPED_CSS = False
    DEFAULT_CSS = """
    ApprovalDock {
        display: none; height: auto; margin: 0 1; padding: 0 1; background: $surface;
        border: round $warning; border-title-color: $warning; border-title-style: bold;
        border-subtitle-color: $muted;
    }
    ApprovalDock.-pending { display: block; }
    ApprovalDock:focus-within { border: heavy $warning; }
    ApprovalDock DockDetail {
        height: auto; scrollbar-gutter: stable; scrollbar-size: 0 1;
    }
    ApprovalDock Static { height: auto; }
    ApprovalDock #dock-title { display: none; color: $warning; text-style: bold; height: 1; }
    ApprovalDock #dock-why { color: $muted; max-height: 3; }
    ApprovalDock #dock-why-short { color: $muted; display: none; }
    .-short ApprovalDock #dock-why { display: none; }
    .-short ApprovalDock #dock-why-short { display: block; }
    .-short ApprovalDock, .-short ApprovalDock:focus-within {
        border: none; border-left: wide $warning; margin: 0; padding: 0 0 0 1;
    }
    .-short ApprovalDock #dock-title { display: block; }
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
        self._is_narrow = False
        self._shows_armed = False
        self._count = ""

    def compose(self) -> ComposeResult:
        """Compose the call, why it is asked, and the keys."""
        yield Static(id="dock-title", markup=False)
        with DockDetail():
            yield Static(id="dock-body", markup=False)
            yield Static(id="dock-why-short", markup=False)
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
        """Show the oldest pending request of ``view``, or nothing: an older question goes first."""
        pending = view.permissions[0] if view.permissions else None
        if pending is None or waits_longer(view):
            self._hide()
            return
        arguments = _arguments_of(view, pending)
        self._set_title(pending, view.permissions)
        is_same = self._shown is not None and self._shown.request_id == pending.request_id
        if is_same and arguments == self._shown_arguments:
            return
        self._shown, self._shown_arguments = pending, arguments
        self.query_one("#dock-body", Static).update(
            describe_call(pending.tool_name, arguments, pending.summary)
        )
        why = Content(f"in {revealed(view.cwd) or '?'}, asked because {revealed(pending.reason)}")
        self.query_one("#dock-why", Static).update(why)
        self.query_one("#dock-why-short", Static).update(why)
        self.set_class(True, "-pending")
        self.query_one(DockDetail).scroll_home(animate=False)
        self._rearm()

    def fit(self, columns: int, rows: int) -> None:
        """Take no more than the screen can spare: prompt, status and keys stay in sight."""
        is_short = rows < SHORT_ROWS
        spare = rows - _ROWS_AROUND_SHORT if is_short else rows * 45 // 100 - _ROWS_AROUND
        self.query_one(DockDetail).styles.max_height = max(1, spare)
        self._is_narrow = columns < MIDDLE_COLUMNS
        if self.is_pending:
            self._show_keys()
            self.call_after_refresh(self._set_subtitle)

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
        source = f" · agent {revealed(pending.source)}" if pending.source else ""
        title = f"Allow {revealed(pending.tool_name)}?{source}"
        self.border_title = Content(title)
        self._count = count
        self.call_after_refresh(self._set_subtitle)
        self.query_one("#dock-title", Static).update(Content(f"{title}  {count}".rstrip()))

    def _set_subtitle(self) -> None:
        """Say how many wait, and that a part of the call is out of sight."""
        is_cut = self.query_one(DockDetail).max_scroll_y > 0
        scroll = f"more below: {key_of('focus_dock')} and scroll" if is_cut else ""
        self.border_subtitle = Content(" · ".join(part for part in (scroll, self._count) if part))

    def _rearm(self) -> None:
        self._guard.rearm()
        self._show_keys()
        if self._arming is not None:
            self._arming.stop()
        self._arming = self.set_timer(ARMING_MS / 1000 + 0.02, self._show_keys)

    def on_descendant_blur(self) -> None:
        """Show the chords again once the focus has left."""
        if self.is_pending:
            self._show_keys()

    def tick(self) -> None:
        """Light the keys up once they count."""
        if self.is_pending and self._guard.is_armed != self._shows_armed:
            self._show_keys()

    def _show_keys(self) -> None:
        is_armed = self._shows_armed = self._guard.is_armed
        key_style, word_style = ("bold $warning", "$foreground") if is_armed else ("$faint",) * 2
        answers = [
            Content.assemble((key_of(action_id), key_style), (f" {words}", word_style))
            for action_id, words in self._answers()
        ]
        gap = Content(" " if self._is_narrow else "  ")
        self.query_one("#dock-keys", Static).update(gap.join(answers))

    def _answers(self) -> Sequence[tuple[str, str]]:
        if self._is_inside:
            return _INSIDE_ANSWERS
        return _NARROW_ANSWERS if self._is_narrow else _CHORD_ANSWERS

    @property
    def _is_inside(self) -> bool:
        return self.query_one(DockDetail).can_focus


def _arguments_of(view: SessionView, pending: PendingPermission) -> JsonValue:
    if pending.source is not None:
        return pending.arguments
    index = view.tools_by_id.get(pending.tool_call_id)
    if index is None:
        return None
    return getattr(view.blocks[index], "arguments", None)
