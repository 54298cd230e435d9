"""The list above the prompt: one row an entry, the selected one marked."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from textual import events
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from harn_tui.console.breakpoints import MIDDLE_COLUMNS, SHORT_ROWS
from harn_tui.console.completion.candidate import Candidate, ListState
from harn_tui.console.completion.fuzzy import matched_places
from harn_tui.console.plain_text import one_line

MAX_ROWS = 8
SHORT_MAX_ROWS = 3
_HINT = "Tab completes · Esc closes"
_GAP = 2


class CompletionList(Widget, can_focus=False):
    """Draws a ``ListState``; the keys stay with the prompt. ``on_choose`` gets a clicked row."""

    SCOPED_CSS = False
    DEFAULT_CSS = """
    CompletionList {
        display: none; height: auto; margin: 0 1; padding: 0 1; background: $surface;
        color: $foreground;
    }
    CompletionList.-open { display: block; }
    .-short CompletionList { margin: 0; }
    """

    def __init__(self, on_choose: Callable[[int], None]) -> None:
        super().__init__(id="completion")
        self._on_choose = on_choose
        self._state: ListState | None = None
        self._first = 0

    def show(self, state: ListState | None) -> None:
        """Draw ``state``; ``None`` hides the list."""
        rows = self._row_count()
        self._state = state
        self._scroll_to_selected()
        self.set_class(state is not None, "-open")
        self.refresh(layout=rows != self._row_count())

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return the number of rows."""
        return self._row_count()

    def render(self) -> Content:
        """Return the rows."""
        state, width = self._state, self.content_size.width
        if state is None:
            return Content("")
        shown = state.offer.candidates[self._first : self._first + self._limit]
        columns = self._label_width(shown, width), _widest(one.aside for one in shown)
        rows = [
            self._row(candidate, columns, width, is_selected=candidate is state.chosen)
            for candidate in shown
        ]
        if self._has_footer(state):
            rows.append(self._footer(state, width))
        return Content("\n").join(rows)

    def on_resize(self) -> None:
        """Keep the selected row in view."""
        self._scroll_to_selected()
        self.refresh(layout=True)

    def on_click(self, event: events.Click) -> None:
        """Choose the row that was clicked."""
        event.stop()
        offset = event.get_content_offset(self)
        if offset is None or self._state is None:
            return
        index = self._first + offset.y
        if offset.y < self._limit and index < len(self._state.offer.candidates):
            self._on_choose(index)

    @property
    def _is_short(self) -> bool:
        return self.app.size.height < SHORT_ROWS

    @property
    def _limit(self) -> int:
        return SHORT_MAX_ROWS if self._is_short else MAX_ROWS

    def _has_footer(self, state: ListState) -> bool:
        return bool(state.offer.note and not state.offer.candidates) or not self._is_short

    def _row_count(self) -> int:
        if self._state is None:
            return 0
        shown = min(len(self._state.offer.candidates), self._limit)
        return shown + self._has_footer(self._state)

    def _scroll_to_selected(self) -> None:
        """Move the window by as little as shows the selected entry."""
        if self._state is None:
            self._first = 0
            return
        selected, count = self._state.selected, len(self._state.offer.candidates)
        first = min(max(self._first, selected - self._limit + 1), selected)
        self._first = max(0, min(first, count - self._limit))

    def _label_width(self, shown: tuple[Candidate, ...], width: int) -> int:
        """Return the cells of the first column: the widest label, where something stands beside."""
        widest = _widest(one.label for one in shown)
        is_alone = width < MIDDLE_COLUMNS or not any(one.detail for one in shown)
        return min(widest, max(8, width - 4 if is_alone else width // 2))

    def _row(
        self, candidate: Candidate, columns: tuple[int, int], width: int, *, is_selected: bool
    ) -> Content:
        assert self._state is not None
        label = one_line(candidate.label)
        matched = matched_places(self._state.offer.query, label)
        styled = Content.assemble(
            *((letter, "bold $accent" if n in matched else "") for n, letter in enumerate(label))
        )
        mark = Content.styled("› " if is_selected else "  ", "$primary")
        label_width, aside_width = columns
        row = mark + _fitted(styled, label_width)
        if aside_width:
            aside = Content.styled(one_line(candidate.aside), "$muted")
            row += Content(" " * _GAP) + _fitted(aside, aside_width)
        room = width - row.cell_length - _GAP
        if candidate.detail and width >= MIDDLE_COLUMNS and room > 8:
            detail = Content(one_line(candidate.detail[:500])).truncate(room, ellipsis=True)
            row += Content(" " * _GAP) + detail.stylize("$muted")
        row = _fitted(row, width)
        if is_selected:
            return row.stylize("$block-cursor-foreground on $block-cursor-background")
        return row

    def _footer(self, state: ListState, width: int) -> Content:
        count = len(state.offer.candidates)
        place = f"{state.selected + 1} of {count}" if count > self._limit else ""
        left = Content(one_line(" · ".join(part for part in (place, state.offer.note) if part)))
        hint = _HINT if count and width >= MIDDLE_COLUMNS else ""
        left = left.truncate(max(1, width - len(hint) - _GAP), ellipsis=True)
        space = " " * max(0, width - left.cell_length - len(hint) - 2)
        return Content.assemble("  ", (left.plain, "$muted"), space, (hint, "$faint"))


def _widest(texts: Iterable[str]) -> int:
    return max((Content(one_line(text)).cell_length for text in texts), default=0)


def _fitted(content: Content, width: int) -> Content:
    cut = content.truncate(max(1, width), ellipsis=True)
    return cut + Content(" " * max(0, width - cut.cell_length))
