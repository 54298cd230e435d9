"""The status line: one row that says what happens, with which model, and what it has cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget

from harn_tui.console.actions import key_of
from harn_tui.console.amounts import format_cost, format_count
from harn_tui.console.click_target import clickable
from harn_tui.console.opening_words import OPENING, OPENING_GLYPH
from harn_tui.console.plain_text import one_line
from harn_tui.console.status.words import Activity, StateWords, elapsed_words, state_words
from harn_tui.view.model import SessionView

DEMO_PROVIDER = "demo"
DEMO_WORDS = "demo: a stand-in, no model"
SCRIPTED_PROVIDER = "scripted"

_LOOKS = {
    Activity.OPENING: (OPENING_GLYPH, "$muted"),
    Activity.IDLE: ("○", "$muted"),
    Activity.PAUSED: ("‖", "$warning"),
    Activity.FAILED: ("✗", "$error"),
    Activity.WORKING: ("●", "$primary"),
    Activity.WAITING_FOR_MODEL: ("◌", "$primary"),
    Activity.OVERDUE: ("◌", "$warning"),
    Activity.STREAMING: ("●", "$success"),
    Activity.RUNNING_TOOL: ("●", "$primary"),
    Activity.WAITING_FOR_PERSON: ("▲", "$warning"),
    Activity.RETRYING: ("↻", "$warning"),
}

_ACTIONS = {Activity.WAITING_FOR_PERSON: "focus_dock", Activity.PAUSED: "resume_queue"}
"""What a click on the state does; where nothing helps, nothing."""


@dataclass(frozen=True, slots=True)
class StatusFacts:
    """What the line shows beside the view, ``None`` where it is not known.

    ``next_model`` is the (provider, model) that the next call goes to, where that is another.
    ``context_window`` is in tokens. ``cpu_percent`` is what the running command uses.
    """

    provider: str = ""
    model: str = ""
    next_model: tuple[str, str] | None = None
    context_window: int | None = None
    is_paused: bool = False
    cpu_percent: int | None = None


class StatusLine(Widget):
    """Draws again only when its text reads differently, and never lays anything out."""

    SCOPED_CSS = False
    DEFAULT_CSS = """
    StatusLine { dock: bottom; height: 1; padding: 0 2; background: $background; color: $muted; }
    .-short StatusLine { padding: 0 1; }
    """

    def __init__(self) -> None:
        super().__init__(id="status")
        self._view: SessionView | None = None
        self._facts = StatusFacts()
        self._mode = ""
        self._now_ms = 0
        self._flash = ""
        self._flash_holds: Callable[[], bool] | None = None
        self._opening = OPENING
        self._is_closed = False
        self._flash_timer: Timer | None = None
        self._drawn: Content | None = None
        self.draw_count = 0
        """How often the line asked to be drawn, for the tests of idleness."""

    def show(self, view: SessionView, facts: StatusFacts, now_ms: int) -> None:
        """Draw ``view`` as of ``now_ms``."""
        self._view, self._facts, self._now_ms = view, facts, now_ms
        self.drop_passed_flash()
        self._redraw()

    def tick(self, now_ms: int) -> None:
        """Show the durations as of ``now_ms``."""
        self._now_ms = now_ms
        self.drop_passed_flash()
        self._redraw()

    def say_opening(self, words: str) -> None:
        """Say what the session waits for before it is open."""
        self._opening = words
        self._redraw()

    def say_mode(self, mode: str) -> None:
        """Say what keys mean in the prompt; empty for what they always do."""
        self._mode = mode
        self._redraw()

    def say_closed(self) -> None:
        """Say that there is no session and never will be."""
        self._is_closed = True
        self._redraw()

    def flash(self, text: str, seconds: float, holds: Callable[[], bool] | None = None) -> None:
        """Show ``text`` in place of the line for a while; empty text ends it.

        It ends before that when ``holds`` turns false, which is asked whenever something is drawn.
        """
        if self._flash_timer is not None:
            self._flash_timer.stop()
            self._flash_timer = None
        self._flash, self._flash_holds = text, holds
        if text:
            self._flash_timer = self.set_timer(seconds, lambda: self.flash("", 0))
        self._redraw()

    def drop_passed_flash(self) -> None:
        """End the flash when what it tells does not hold any more."""
        if self._flash_holds is not None and not self._flash_holds():
            self.flash("", 0)

    def on_resize(self) -> None:
        """Fit the line to the new width."""
        self._redraw()

    def render(self) -> Content:
        """Return the line."""
        return self._content(self.content_size.width)

    def _redraw(self) -> None:
        content = self._content(self.content_size.width)
        if self._drawn is not None and content.is_same(self._drawn):
            return
        self._drawn = content
        self.draw_count += 1
        self.refresh(layout=False)

    def _content(self, width: int) -> Content:
        if self._flash:
            return Content.styled(self._flash, "bold $warning").truncate(
                max(1, width), ellipsis=True
            )
        state = self._state()
        glyph, style = _LOOKS[state.activity]
        left = Content.styled(f"{glyph} {state.words}", style)
        if state.activity in _ACTIONS:
            left = clickable(left, _ACTIONS[state.activity])
        if self._mode:
            left = Content.styled(f"{self._mode}  ", "bold $accent") + left
        elapsed = elapsed_words(self._view, self._now_ms) if self._view else ""
        if elapsed:
            left += Content.styled(f" · {elapsed}", "$muted")
        left = left.truncate(max(1, width), ellipsis=True)
        right = _fitting(self._segments(), width - left.cell_length - 3)
        gap = max(0, width - left.cell_length - right.cell_length)
        return left + Content(" " * gap) + right

    def _state(self) -> StateWords:
        if self._is_closed:
            return StateWords(Activity.FAILED, f"no session · {key_of('quit')} leaves")
        if self._view is None:
            return StateWords(Activity.OPENING, self._opening)
        facts = self._facts
        return state_words(
            self._view, self._now_ms, is_paused=facts.is_paused, cpu_percent=facts.cpu_percent
        )

    def _segments(self) -> list[tuple[int, Content]]:
        """Return (rank, text) from left to right; the highest rank is dropped first."""
        view, facts = self._view, self._facts
        if view is None:
            return []
        totals = view.totals
        segments = [(0, _model_words(facts))]
        if view.turn:
            segments.append((4, _cell(f"turn {view.turn}", "show_tools")))
        tokens = f"↑{format_count(totals.input_tokens)} ↓{format_count(totals.output_tokens)}"
        segments.append((2, _cell(tokens, "show_cost")))
        if facts.context_window:
            share = 100 * view.last_input_tokens / facts.context_window
            style = "$warning" if share >= 80 else "$muted"
            segments.append((1, _cell(f"context {share:.0f}%", "show_context", style)))
        if totals.billed_usd is not None:
            segments.append((3, _cell(format_cost(totals.billed_usd), "show_cost")))
        return segments


def _cell(text: str, action_id: str, style: str = "$muted") -> Content:
    return clickable(Content.styled(text, style), action_id)


def _model_words(facts: StatusFacts) -> Content:
    now = _name_words(facts.provider, facts.model)
    if facts.next_model is None:
        return now
    return Content.styled(" → ", "$warning").join([now, _name_words(*facts.next_model)])


def _name_words(provider: str, model: str) -> Content:
    if provider == DEMO_PROVIDER:
        return Content.styled(DEMO_WORDS, "$accent")
    name = one_line(model or provider)
    if provider and provider != name:
        name = f"{name} ({one_line(provider)})"
    return Content.styled(name, "$accent" if provider == SCRIPTED_PROVIDER else "$muted")


def _fitting(segments: list[tuple[int, Content]], width: int) -> Content:
    """Join what fits into ``width``, leaving out the highest ranks first."""
    shown = list(segments)
    while shown:
        line = Content.styled(" · ", "$faint").join([text for _, text in shown if text])
        if line.cell_length <= width:
            return line
        shown.remove(max(shown, key=lambda segment: segment[0]))
    return Content("")
