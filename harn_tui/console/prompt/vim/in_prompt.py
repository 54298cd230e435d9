"""Vim mode on a prompt: hands keys to the machine, and makes on the prompt what came of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import events
from textual.widgets.text_area import Selection

from harn_tui.console.prompt.vim.atoms import Atoms
from harn_tui.console.prompt.vim.machine import Step, VimState, press, selected
from harn_tui.console.prompt.vim.places import on_character
from harn_tui.console.prompt.vim.undo_groups import UndoGroups
from harn_tui.console.prompt.vim.values import Change, Mode, Request

if TYPE_CHECKING:
    from harn_tui.console.prompt.prompt import Prompt

_MOST_ROWS = 1000


class VimInPrompt:
    """``say_mode`` shows a mode to the person; ``search_history`` opens the search."""

    def __init__(
        self,
        prompt: Prompt,
        *,
        say_mode: Callable[[str], object],
        search_history: Callable[[], object],
    ) -> None:
        self._prompt = prompt
        self._say_mode = say_mode
        self._search_history = search_history
        self._atoms = Atoms(prompt.tokens.spans)
        self._state = VimState()
        self._undo_groups = UndoGroups(prompt)
        self._undo_groups.begin()
        self._visual_cursor = 0
        self._visual_shown: Selection | None = None
        say_mode(self._state.mode)

    @property
    def is_inserting(self) -> bool:
        """Whether characters are typed."""
        return self._state.mode is Mode.INSERT

    def take(self, event: events.Key) -> bool:
        """Do what a key means; false when it means nothing here and goes on."""
        inner = self._atoms.inner(self._prompt.text)
        cursor = self._cursor(inner)
        step = press(self._state, _name(event), inner, cursor)
        if step.is_taken:
            self._show(step, inner)
        elif not self.is_inserting and self._state.keys:
            self._show(press(self._state, "escape", inner, cursor), inner)
        return step.is_taken

    def begin_anew(self) -> None:
        """Go to insert mode, for another text; what was deleted and changed last stays known."""
        self._undo_groups.begin()
        self._enter(VimState(register=self._state.register, last=self._state.last))

    def _cursor(self, inner: str) -> int:
        prompt = self._prompt
        if self._state.mode.is_visual and prompt.selection == self._visual_shown:
            return self._visual_cursor
        cursor = self._atoms.inner_place(prompt.text, prompt.cursor_index)
        return cursor if self._state.mode is Mode.INSERT else on_character(inner, cursor)

    def _show(self, step: Step, inner: str) -> None:
        was_inserting, inserts = self.is_inserting, step.state.mode is Mode.INSERT
        if inserts and not was_inserting:
            self._undo_groups.begin()
        elif was_inserting and not inserts:
            self._undo_groups.end()
        if step.change is not None:
            self._make(step.change, inner)
            inner = step.change.apply(inner)
        self._enter(step.state)
        if step.state.mode.is_visual:
            self._show_selection(step, inner)
        elif step.request is None:
            self._prompt.move_cursor(self._location(inner, step.cursor))
            self._prompt.scroll_cursor_visible()
        else:
            self._do(step.request, step.count)

    def _make(self, change: Change, inner: str) -> None:
        prompt = self._prompt
        prompt.history.checkpoint()  # each command is undone by itself
        start, end = (self._location(inner, place) for place in (change.start, change.end))
        outer = self._atoms.outer(change.text)
        prompt.replace(outer, start, end, maintain_selection_offset=False)

    def _do(self, request: Request, count: int) -> None:
        prompt = self._prompt
        match request:
            case Request.UNDO:
                for _ in range(min(count, _MOST_ROWS)):
                    self._undo_groups.undo(prompt.undo_edit)
            case Request.REDO:
                for _ in range(min(count, _MOST_ROWS)):
                    self._undo_groups.redo()
            case Request.SEARCH_HISTORY:
                self._search_history()
            case Request.ROW_UP | Request.ROW_DOWN:
                go = prompt.recall.back if request is Request.ROW_UP else prompt.recall.forward
                for _ in range(min(count, _MOST_ROWS)):
                    go()
        inner = self._atoms.inner(prompt.text)
        place = on_character(inner, self._atoms.inner_place(prompt.text, prompt.cursor_index))
        prompt.move_cursor(self._location(inner, place))

    def _show_selection(self, step: Step, inner: str) -> None:
        """Select what an operator would take; the cursor's own cell shows its last character."""
        span = selected(step.state, inner, step.cursor)
        is_back = step.cursor < step.state.anchor
        last = span.end if step.state.mode is Mode.VISUAL_LINE or is_back else step.cursor
        ends = (last, span.start) if is_back else (span.start, last)
        self._visual_cursor = step.cursor
        self._prompt.selection = Selection(*(self._location(inner, place) for place in ends))
        self._visual_shown = self._prompt.selection

    def _enter(self, state: VimState) -> None:
        has_changed = state.mode is not self._state.mode
        self._state = state
        if has_changed:
            self._say_mode(state.mode)

    def _location(self, inner: str, place: int) -> tuple[int, int]:
        before = self._atoms.outer(inner[:place])
        return before.count("\n"), len(before) - before.rfind("\n") - 1


def _name(event: events.Key) -> str:
    is_text = event.is_printable and event.character and "+" not in event.key
    return event.character if is_text and event.character else event.key
