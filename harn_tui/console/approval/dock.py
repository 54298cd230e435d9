"""The approval dock: shows the call that waits for an answer, above the prompt.

It never takes the focus by itself and reads no plain keys unless a person moved into it with the
focus action; chords reach it through the screen. Every way to answer passes ``AnswerGuard``, and
what is answered is what is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from harn_tui.console.action import Scope
from harn_tui.console.actions import bindings_of, key_of
from harn_tui.console.approval.answer_words import answers_row, ways_inside, ways_outside
from harn_tui.console.approval.guard import ARMING_MS, HELD_GAP_MS, AnswerGuard
from harn_tui.console.approval.look_ahead import LookAhead
from harn_tui.console.approval.reasons import describe_reasons, title_of
from harn_tui.console.breakpoints import SHORT_ROWS, WIDE_COLUMNS
from harn_tui.console.click_target import clicked_action
from harn_tui.console.ports import Clock
from harn_tui.console.questions.turn import waits_longer

if TYPE_CHECKING:
    from harn_tui.json_types import JsonValue
    from harn_tui.view.model import SessionView
    from harn_tui.view.pending import PendingPermission


_ROWS_AROUND = 6
"""Rows of the dock beside its detail: border, reason, keys."""
_WHY_ROWS, _WHY_ROWS_ROOMY = 4, 6
"""Most rows of risks, rule and reason; the whole of them is in the view of the call."""
_ROOMY_ROWS = 30
_ROWS_AROUND_SHORT = 7
"""Rows of a short screen beside the detail: transcript, title, keys, prompt, status."""

_NOT_YET = "too soon: wait a moment, then press again"


class DockDetail(VerticalScroll, can_focus=False):
    """The scrolling part; can be focused only while a person is in the dock."""

    BINDINGS = bindings_of(Scope.DOCK)

    def on_blur(self) -> None:
        """Leave the dock: it cannot be reached by Tab."""
        self.can_focus = False


class ApprovalDock(Vertical):
    """Shows one pending permission request, the oldest unless a person chose another one."""

    SCOPED_CSS = False
    DEFAULT_CSS = """
    ApprovalDock {
        display: none; height: auto; margin: 0 1; padding: 0 1; background: $surface;
        border: round $warning; border-title-color: $warning; border-title-style: bold;
        border-subtitle-color: $muted;
    }
    ApprovalDock.-pending { display: block; }
    ApprovalDock:focus-within { border: heavy $warning; }
    ApprovalDock.-dropped { border-subtitle-color: $warning; border-subtitle-style: bold; }
    ApprovalDock DockDetail {
        height: auto; scrollbar-gutter: stable; scrollbar-size: 0 1;
    }
    ApprovalDock Static { height: auto; }
    ApprovalDock #dock-title { display: none; color: $warning; text-style: bold; height: 1; }
    ApprovalDock #dock-why-short { display: none; }
    .-short ApprovalDock #dock-why { display: none; }
    .-short ApprovalDock #dock-why-short { display: block; }
    .-short ApprovalDock, .-short ApprovalDock:focus-within {
        border: none; border-left: wide $warning; margin: 0; padding: 0 0 0 1;
    }
    .-short ApprovalDock #dock-title { display: block; }
    """

    def __init__(self, now_ms: Clock) -> None:
        super().__init__(id="dock")
        self._guard = AnswerGuard(now_ms)
        self._view: SessionView | None = None
        self._shown: PendingPermission | None = None
        self._shown_arguments: JsonValue = None
        self.look_ahead = LookAhead(self, self._show_news)
        self._arming: Timer | None = None
        self._waiting: Timer | None = None
        self._columns = WIDE_COLUMNS
        self._shows_armed = False
        self._count = ""
        self.on_news: Callable[[], None] | None = None
        """Called when more is known of the call that is shown."""

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
    def shown(self) -> PendingPermission | None:
        """The request that is shown, which every answer is about."""
        return self._shown

    @property
    def shown_call(self) -> Content:
        """The call of the request that is shown, in full."""
        if self._shown is None:
            return Content("")
        return self.look_ahead.describe(self._shown, self._shown_arguments)

    @property
    def shown_reasons(self) -> Content:
        """Why the request that is shown is asked."""
        if self._shown is None or self._view is None:
            return Content("")
        return describe_reasons(self._shown, self._view.cwd)

    @property
    def is_armed(self) -> bool:
        """Whether an answer would count now."""
        return self._shown is not None and self._guard.is_armed

    def show(self, view: SessionView) -> None:
        """Show the request that was shown before, else the oldest of ``view``, or nothing.

        A question of the model's that waits longer goes first.
        """
        self._view = view
        self._show(view, None if waits_longer(view) else self._still_pending(view))

    def choose(self, step: int) -> None:
        """Show another pending request, ``step`` further on in the order of their arrival."""
        view = self._view
        if view is None or len(view.permissions) < 2:
            return
        ids = [pending.request_id for pending in view.permissions]
        at = ids.index(self._shown.request_id) if self._shown is not None else 0
        self._show(view, view.permissions[(at + step) % len(ids)])

    def _still_pending(self, view: SessionView) -> PendingPermission | None:
        shown = None if self._shown is None else self._shown.request_id
        same = [pending for pending in view.permissions if pending.request_id == shown]
        return next(iter(same or view.permissions), None)

    def _show(self, view: SessionView, pending: PendingPermission | None) -> None:
        if pending is None:
            self._hide()
            return
        arguments = _arguments_of(view, pending)
        self._set_title(pending, view.permissions)
        is_same = self._shown is not None and self._shown.request_id == pending.request_id
        if not is_same:
            self.remove_class("-dropped")
        if is_same and arguments == self._shown_arguments:
            return
        self._shown, self._shown_arguments = pending, arguments
        self.look_ahead.begin(pending.request_id)
        self.query_one("#dock-body", Static).update(self.shown_call)
        why = self.shown_reasons
        self.query_one("#dock-why", Static).update(why)
        self.query_one("#dock-why-short", Static).update(why)
        self.set_class(True, "-pending")
        self.query_one(DockDetail).scroll_home(animate=False)
        self._rearm()

    def _show_news(self) -> None:
        """Show what the call would change. It has to be read, so the delay begins anew."""
        self.query_one("#dock-body", Static).update(self.shown_call)
        self._rearm()
        self.call_after_refresh(self._set_subtitle)
        if self.on_news is not None:
            self.on_news()

    def fit(self, columns: int, rows: int) -> None:
        """Take no more than the screen can spare: prompt, status and keys stay in sight."""
        is_short = rows < SHORT_ROWS
        spare = rows - _ROWS_AROUND_SHORT if is_short else rows * 45 // 100 - _ROWS_AROUND
        self.query_one(DockDetail).styles.max_height = max(1, spare)
        why_rows = _WHY_ROWS if rows < _ROOMY_ROWS else _WHY_ROWS_ROOMY
        self.query_one("#dock-why").styles.max_height = why_rows
        self._columns = columns
        if self.is_pending:
            self._show_keys()
            self.call_after_refresh(self._set_subtitle)

    def accept(self, key: str) -> str | None:
        """Return the id of the request that an answer by ``key`` is about.

        ``key`` names the way to answer. ``None``: nothing is pending, or it does not count yet.
        """
        if self._shown is None:
            return None
        if not self._guard.accepts(key):
            self._say_not_yet()
            return None
        return self._shown.request_id

    def _say_not_yet(self) -> None:
        """Say that a key did not count, for as long as it would not count again."""
        if self._waiting is not None:
            self._waiting.stop()
        self._waiting = self.set_timer(HELD_GAP_MS / 1000, self._forget_not_yet)
        self.set_class(True, "-dropped")
        self._set_subtitle()

    def _forget_not_yet(self) -> None:
        self.set_class(False, "-dropped")
        self._set_subtitle()

    def enter(self) -> bool:
        """Move the focus into the dock; false when nothing is pending."""
        if self._shown is None:
            return False
        detail = self.query_one(DockDetail)
        detail.can_focus = True
        detail.focus()
        self._rearm()
        self._set_subtitle()
        return True

    def _hide(self) -> None:
        if self._shown is None:
            return
        self._shown = self._shown_arguments = None
        self.look_ahead.stop()
        for timer in (self._arming, self._waiting):
            if timer is not None:
                timer.stop()
        self.remove_class("-pending", "-dropped")
        self.query_one(DockDetail).can_focus = False

    def _set_title(self, pending: PendingPermission, queue: Sequence[PendingPermission]) -> None:
        number = 1 + next(i for i, p in enumerate(queue) if p.request_id == pending.request_id)
        count = f"{number} of {len(queue)}" if len(queue) > 1 else ""
        self.border_title = Content(title_of(pending))
        self._count = count
        self.call_after_refresh(self._set_subtitle)

    def _set_subtitle(self) -> None:
        """Say how many wait, and that a part of the call is out of sight."""
        is_cut = self.query_one(DockDetail).max_scroll_y > 0
        way = "↑ ↓ scroll" if self._is_inside else f"{key_of('show_call')} shows all"
        scroll = f"more below: {way}" if is_cut else ""
        arrows = f"{key_of('dock_previous')} {key_of('dock_next')}"
        count = f"{self._count} {arrows}" if self._count and self._is_inside else self._count
        facts = " · ".join(part for part in (scroll, count) if part)
        note = _NOT_YET if self.has_class("-dropped") else ""
        self.border_subtitle = Content(note or facts)
        title = f"{self.border_title or ''}  {note or self._count}".rstrip()
        self.query_one("#dock-title", Static).update(Content(title))

    def _rearm(self) -> None:
        self._guard.rearm()
        self._show_keys()
        if self._arming is not None:
            self._arming.stop()
        self._arming = self.set_timer(ARMING_MS / 1000 + 0.02, self._show_keys)

    def on_click(self, event: events.Click) -> None:
        """Move into the dock; a click on a way to answer is the screen's."""
        if clicked_action(event) is None:
            event.stop()
            self.enter()

    def on_descendant_blur(self) -> None:
        """Show the chords again once the focus has left."""
        if self.is_pending:
            self._show_keys()
            self._set_subtitle()

    def tick(self) -> None:
        """Light the keys up once they count."""
        if self.is_pending and self._guard.is_armed != self._shows_armed:
            self._show_keys()

    def _show_keys(self) -> None:
        self._shows_armed = self._guard.is_armed
        if self._shown is None:
            return
        covered, is_inside = self.look_ahead.covered_by_session(self._shown), self._is_inside
        ways = (ways_inside if is_inside else ways_outside)(covered, self._columns)
        row = answers_row(ways, self._columns, is_inside=is_inside, is_lit=self._shows_armed)
        self.query_one("#dock-keys", Static).update(row)

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
