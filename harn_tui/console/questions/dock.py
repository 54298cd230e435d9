"""The question dock: shows what the model asks the person, above the prompt.

Like the approval dock it never takes the focus by itself, and reads no plain keys unless a person
moved into it. Every way to answer what it shows passes ``AnswerGuard``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import events
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from harn_tui.console.action import Scope
from harn_tui.console.actions import bindings_of, key_map_in_force, key_of
from harn_tui.console.approval.guard import ARMING_MS, AnswerGuard
from harn_tui.console.breakpoints import MIDDLE_COLUMNS, SHORT_ROWS
from harn_tui.console.click_target import clickable, clicked_action
from harn_tui.console.plain_text import revealed
from harn_tui.console.ports import Clock
from harn_tui.console.questions.choice import Choice
from harn_tui.console.questions.option_rows import clicked_option, option_rows, rows_above

if TYPE_CHECKING:
    from harn_tui.view.pending import PendingQuestion

_ROWS_AROUND = 4
"""Rows of the dock beside question and options: border and keys, and one to spare."""
_ROWS_AROUND_SHORT = 7
"""Rows of a short screen beside them: transcript, title, keys, prompt, status."""

_OUTSIDE = (("focus_dock", "go in to choose"), ("answer_question", "answer in words"))
_OUTSIDE_NARROW = (("focus_dock", "choose"), ("answer_question", "words"))


class QuestionDetail(VerticalScroll, can_focus=False):
    """Question and options; can be focused only while a person is in the dock."""

    BINDINGS = bindings_of(Scope.QUESTION)

    pressed: str = ""
    """The key whose action is performed now."""

    async def _on_key(self, event: events.Key) -> None:
        # Here each key meets the choice as it stands; a binding would run only after the key
        # has climbed to the app.
        action_id = key_map_in_force().id_in(Scope.QUESTION, event.key)
        if action_id is not None:
            event.prevent_default()
            event.stop()
            self.pressed = event.key
            await self.run_action(f"screen.perform({action_id!r})")

    def on_blur(self) -> None:
        """Leave the dock: it cannot be reached by Tab."""
        self.can_focus = False


class QuestionDock(Vertical):
    """Shows one question, and takes a person's choice among its options."""

    SCOPED_CSS = False
    DEFAULT_CSS = """
    QuestionDock {
        display: none; height: auto; margin: 0 1; padding: 0 1; background: $surface;
        border: round $accent; border-title-color: $accent; border-title-style: bold;
        border-subtitle-color: $muted;
    }
    QuestionDock.-pending { display: block; }
    QuestionDock:focus-within { border: heavy $accent; }
    QuestionDock QuestionDetail {
        height: auto; scrollbar-gutter: stable; scrollbar-size: 0 1;
    }
    QuestionDock Static { height: auto; }
    QuestionDock #question-title { display: none; color: $accent; text-style: bold; height: 1; }
    .-short QuestionDock, .-short QuestionDock:focus-within {
        border: none; border-left: wide $accent; margin: 0; padding: 0 0 0 1;
    }
    .-short QuestionDock #question-title { display: block; }
    """

    def __init__(self, now_ms: Clock) -> None:
        super().__init__(id="question")
        self._guard = AnswerGuard(now_ms)
        self._title = Static(id="question-title", markup=False)
        self._body = Static(id="question-body", markup=False)
        self._options = Static(id="question-options", markup=False)
        self._keys = Static(id="question-keys", markup=False)
        self._detail = QuestionDetail(self._body, self._options)
        self._choice: Choice | None = None
        self._left: dict[str, Choice] = {}
        self._count = ""
        self._most_rows = 1
        self._is_narrow = False
        self._arming: Timer | None = None
        self._shows_armed = False

    @property
    def shown(self) -> PendingQuestion | None:
        """The question that is shown, ``None`` when there is none."""
        return None if self._choice is None else self._choice.question

    @property
    def given(self) -> list[str]:
        """The labels that are marked."""
        return [] if self._choice is None else self._choice.given

    @property
    def pressed_number(self) -> int:
        """The number of the option that the key stands for which is performed now."""
        return int(self._detail.pressed or 0) or 10

    def show(self, questions: Sequence[PendingQuestion]) -> None:
        """Show the first of the open ``questions``, or nothing when there is none."""
        if not questions:
            self._hide()
            return
        first = questions[0]
        self._set_title(first, len(questions))
        if self.shown == first:
            return
        if not self._detail.is_attached:
            self.mount(self._title, self._detail, self._keys)
            self._detail.styles.max_height = self._most_rows
        open_ids = {question.question_id for question in questions}
        self._left = {known: c for known, c in self._left.items() if known in open_ids}
        self._choice = self._left.setdefault(first.question_id, Choice(first))
        self._body.update(Content(revealed(first.question)))
        self._options.display = bool(first.options)
        self._draw_options()
        self.set_class(True, "-pending")
        self._detail.scroll_home(animate=False)
        self._rearm()

    def fit(self, columns: int, rows: int) -> None:
        """Take no more than the screen can spare: prompt, status and keys stay in sight."""
        is_short = rows < SHORT_ROWS
        spare = rows - _ROWS_AROUND_SHORT if is_short else rows * 45 // 100 - _ROWS_AROUND
        self._most_rows = max(1, spare)
        self._detail.styles.max_height = self._most_rows
        self._is_narrow = columns < MIDDLE_COLUMNS
        if self._choice is not None:
            self._show_keys()
            self.call_after_refresh(self._set_subtitle)

    def accepts(self, key: str) -> bool:
        """Return whether an answer counts that was given with ``key``. Call it for every press."""
        return self._choice is not None and self._guard.accepts(key)

    def enter(self) -> bool:
        """Move the focus into the dock; false when nothing is asked."""
        if self._choice is None:
            return False
        self._detail.can_focus = True
        self._detail.focus()
        self._draw_options()
        self._rearm()
        self._set_subtitle()
        return True

    def on_click(self, event: events.Click) -> None:
        """Move into the dock, and choose the option under the pointer; to answer is a key more."""
        if self._choice is None or clicked_action(event) is not None:
            return
        event.stop()
        option = clicked_option(event)
        if not self._is_inside:
            self.enter()
        if option is not None:
            self.mark(option)

    def move(self, rows: int) -> None:
        """Go up or down among the options; without options, scroll."""
        if self._choice is None:
            return
        if not self._choice.question.options:
            self._detail.scroll_relative(y=rows, animate=False)
            return
        self._choice.move(rows)
        self._show_row()

    def mark(self, number: int | None = None) -> None:
        """Mark the option with this number, or that of the row."""
        if self._choice is not None and number is None:
            self._choice.mark_row()
        elif self._choice is not None:
            self._choice.mark_number(number or 0)
        self._show_row()

    def tick(self) -> None:
        """Light the keys up once they count."""
        if self._choice is not None and self._guard.is_armed != self._shows_armed:
            self._show_keys()

    def on_descendant_blur(self) -> None:
        """Show the chords again once the focus has left."""
        if self._choice is not None:
            self._draw_options()
            self._show_keys()
            self._set_subtitle()

    def _hide(self) -> None:
        if self._choice is None:
            return
        self._choice = None
        if self._arming is not None:
            self._arming.stop()
        self.set_class(False, "-pending")
        self._detail.can_focus = False

    def _set_title(self, question: PendingQuestion, count: int) -> None:
        who = f"The agent {revealed(question.source)} asks" if question.source else "A question"
        several = " · several answers" if question.allows_several else ""
        self.border_title = Content(f"{who}{several}")
        self._count = f"1 of {count}" if count > 1 else ""
        self.call_after_refresh(self._set_subtitle)
        self._title.update(Content(f"{who}{several}  {self._count}".rstrip()))

    def _set_subtitle(self) -> None:
        """Say how many wait, and that something is out of sight."""
        is_cut = self._detail.max_scroll_y > 0
        way = "↑ ↓" if self._is_inside else f"{key_of('focus_dock')} and scroll"
        scroll = f"more below: {way}" if is_cut else ""
        self.border_subtitle = Content(" · ".join(part for part in (scroll, self._count) if part))

    def _draw_options(self) -> None:
        if self._choice is not None:
            rows = option_rows(self._choice, is_inside=self._is_inside)
            self._options.update(Content("\n").join(rows))

    def _show_row(self) -> None:
        """Draw the choice, and scroll to the row that the keys act on."""
        self._draw_options()
        choice, width = self._choice, self._options.size.width
        if choice is None or choice.row is None:
            return
        rows = option_rows(choice, is_inside=True)
        top = self._body.size.height + rows_above(rows, choice.row, width)
        height = len(rows[choice.row].wrap(max(1, width)))
        first, seen = self._detail.scroll_offset.y, self._detail.size.height
        if top < first:
            self._detail.scroll_to(y=top, animate=False)
        elif top + height > first + seen:
            self._detail.scroll_to(y=top + height - seen, animate=False)

    def _rearm(self) -> None:
        self._guard.rearm()
        self._show_keys()
        if self._arming is not None:
            self._arming.stop()
        self._arming = self.set_timer(ARMING_MS / 1000 + 0.02, self._show_keys)

    def _show_keys(self) -> None:
        is_armed = self._shows_armed = self._guard.is_armed
        key_style, word_style = ("bold $accent", "$foreground") if is_armed else ("$faint",) * 2
        answers = [
            _way(Content.assemble((key, key_style), (f" {words}", word_style)), action_id)
            for action_id, key, words in self._ways()
        ]
        self._keys.update(Content(" " if self._is_narrow else "  ").join(answers))

    def _ways(self) -> list[tuple[str | None, str, str]]:
        """Return the actions that count where the person is: id, key, what it is for."""
        if not self._is_inside:
            ways = _OUTSIDE_NARROW if self._is_narrow else _OUTSIDE
            return [_named(action_id, words) for action_id, words in ways]
        question = self.shown
        assert question is not None
        count = len(question.options)
        numbers = f"1-{count}" if count < 10 else "1-9 0"
        return [
            *([(None, numbers, "choose")] if count else []),
            *([_named("question_mark", "mark")] if question.allows_several else []),
            _named("question_answer", "answer"),
            *([_named("question_words", "in words")] if question.takes_text else []),
            _named("question_decline", "decline"),
            _named("escape", "back"),
        ]

    @property
    def _is_inside(self) -> bool:
        return self._detail.can_focus


def _named(action_id: str, words: str) -> tuple[str | None, str, str]:
    return action_id, key_of(action_id), words


def _way(shown: Content, action_id: str | None) -> Content:
    return shown if action_id is None else clickable(shown, action_id)
