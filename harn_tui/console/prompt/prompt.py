"""The prompt: a text area that grows, remembers and never loses what was typed.

It knows nothing of sessions. What its keys mean is in ``console.actions``; the screen performs it
and calls the methods here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.content import Content
from textual.widgets.text_area import Selection

from harn_tui.console.action import Scope
from harn_tui.console.actions import bindings_for, bindings_of, key_map_in_force
from harn_tui.console.harmless_box import HarmlessBox, harmless
from harn_tui.console.key_map import ON_EMPTY_PROMPT
from harn_tui.console.keys_in_order import run_own_binding
from harn_tui.console.prompt.history import PromptHistory
from harn_tui.console.prompt.recall import Recall
from harn_tui.console.prompt.tokens import TokenBook

if TYPE_CHECKING:
    from collections.abc import Callable

    from harn_tui.console.prompt.vim.in_prompt import VimInPrompt

_NOT_TYPED_PREFIXES = ("alt+", "ctrl+", "super+", "hyper+", "meta+")
_COMMAND_KEYS = frozenset({"enter", "shift+enter"})


class Prompt(HarmlessBox):
    """Multi-line input of at most a third of the screen."""

    BINDINGS: ClassVar = [*bindings_of(Scope.PROMPT), *bindings_for("page_up", "page_down")]

    SCOPED_CSS = False
    DEFAULT_CSS = """
    Prompt, Prompt:focus {
        height: auto; min-height: 3; max-height: 34vh; margin: 0 1; padding: 0 1;
        border: round $line; background: $background; scrollbar-size-vertical: 1;
        border-title-color: $accent; border-title-style: bold; border-subtitle-color: $muted;
    }
    Prompt:focus { border: round $primary; }
    Prompt.-editing, Prompt.-editing:focus { border: round $accent; }
    Prompt .text-area--placeholder { color: $faint; }
    .-short Prompt, .-short Prompt:focus {
        border: none; border-left: wide $primary; min-height: 1; max-height: 2; margin: 0;
        padding: 0 0 0 1;
    }
    """

    def __init__(self) -> None:
        self.tokens = TokenBook()
        super().__init__(
            id="prompt",
            soft_wrap=True,
            show_line_numbers=False,
            highlight_cursor_line=False,
            tab_behavior="focus",
        )
        self.cursor_blink = False
        self.past = PromptHistory(entry_of=self.tokens.entry_of)
        self.recall = Recall(self)
        self.is_completing = False
        """Whether a list above offers something; its keys then act there."""
        self.on_pasted: Callable[[str], object] = lambda _text: None
        """Called with each text that was pasted, once it is in place."""
        self.vim: VimInPrompt | None = None
        """Vim mode, ``None`` while it is off."""
        self._cleared = ""
        self._put = ""
        self._hint = ""
        self._purpose_hint = ""

    @property
    def is_as_put(self) -> bool:
        """Whether the text is not being typed: an older line, a draft, nothing."""
        return self.text == self._put or (self.vim is not None and not self.vim.is_inserting)

    @property
    def cursor_index(self) -> int:
        """How many characters of the text stand before the cursor."""
        row, column = self.cursor_location
        lines = (len(self.document.get_line(number)) for number in range(row))
        return sum(lines) + row * len(self.document.newline) + column

    @property
    def real_text(self) -> str:
        """What would be sent: the text with pastes in full."""
        return self.tokens.pastes.expand(self.text)

    @property
    def kept_text(self) -> str:
        """What is kept for another start: pastes in full, and mentions of attached images."""
        return self.tokens.images.as_mentions(self.real_text)

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing to send."""
        return not self.text.strip()

    def put(self, text: str) -> None:
        """Replace the text (big text becomes a token) and go to its end. Can be undone."""
        self.write_over(self.tokens.pastes.fold(text))

    def write_over(self, text: str) -> None:
        """Replace the text as it is, tokens included, and go to its end. Can be undone."""
        self._put = harmless(text)
        self.replace(text, self.document.start, self.document.end)
        self.move_cursor(self.document.end)

    def take(self) -> str:
        """Empty the prompt after its text was sent; return what was sent."""
        real = self.real_text
        self.past.add(self.text)
        self._cleared = ""
        self._begin_anew()
        return real

    def load_text(self, text: str) -> None:
        """Replace the text without a way back."""
        self._put = harmless(text)
        super().load_text(text)

    def complete(self, start: int, text: str) -> None:
        """Put ``text`` in the place of what stands between ``start`` and the cursor."""
        end = self.cursor_location
        row, column = end
        if text.endswith(" ") and self.document.get_line(row)[column : column + 1].isspace():
            text = text[:-1]
        self.replace(text, self._place(start), end, maintain_selection_offset=False)
        self.scroll_cursor_visible()

    def swap(self, written: str, text: str) -> None:
        """Put ``text`` in the place of what was ``written`` last before the cursor, if it is."""
        start = self.text.rfind(written, 0, self.cursor_index)
        start = self.text.find(written) if start < 0 else start
        if start >= 0:
            self.replace(text, self._place(start), self._place(start + len(written)))

    def clear_draft(self) -> Callable[[], bool]:
        """Empty the prompt; ``undo_edit`` and Up bring the text back.

        Return what tells whether ``undo_edit`` still does.
        """
        text = self.text
        self.past.add(text)
        self._cleared = text
        self._begin_anew()
        return self._has_cleared

    def undo_edit(self) -> None:
        """Bring a cleared draft back, else undo the last edit."""
        if self._has_cleared():
            text, self._cleared = self._cleared, ""
            self.write_over(text)
        else:
            self.undo()

    def type_in(self, text: str) -> None:
        """Put in what was typed elsewhere, as if it had been typed here."""
        if self.vim is not None:
            self.vim.begin_anew()
        self.insert(text)

    def break_line(self) -> None:
        """Start a new line at the cursor."""
        self.insert("\n")
        self.scroll_cursor_visible()

    def take_backslash(self) -> bool:
        """Turn a backslash before the cursor into a line break; false when there is none."""
        row, column = self.cursor_location
        if column == 0 or self.document.get_line(row)[column - 1] != "\\":
            return False
        self.replace("\n", (row, column - 1), (row, column))
        return True

    def action_delete_left(self) -> None:
        """Delete to the left; a token goes as a whole."""
        self._select_token(before=True)
        super().action_delete_left()

    def action_delete_right(self) -> None:
        """Delete to the right; a token goes as a whole."""
        self._select_token(before=False)
        super().action_delete_right()

    def set_hint(self, text: str) -> None:
        """Show ``text`` while the prompt is empty and for nothing but a new line."""
        self._hint = text
        self._show_hint()

    def say_purpose(self, title: str = "", keys: str = "", hint: str = "") -> None:
        """Say that the text is for something else than a new line; without a title, that it is not.

        ``title`` says what it becomes, ``keys`` what Enter and Escape do. ``hint`` stands where
        nothing is typed: a short screen shows nothing else.
        """
        self.set_class(bool(title), "-editing")
        self.border_title, self.border_subtitle = Content(title), Content(keys)
        self._purpose_hint = hint
        self._show_hint()

    def _show_hint(self) -> None:
        text = self._purpose_hint or self._hint
        if self.placeholder != text:
            self.placeholder = Content(text)

    def _has_cleared(self) -> bool:
        return bool(self._cleared) and not self.text

    def _begin_anew(self) -> None:
        self.load_text("")
        if self.vim is not None:
            self.vim.begin_anew()

    def _place(self, index: int) -> tuple[int, int]:
        """Return the row and column of the character at ``index``."""
        before = self.text[:index].split(self.document.newline)
        return len(before) - 1, len(before[-1])

    def _select_token(self, *, before: bool) -> None:
        if not self.selection.is_empty:
            return
        row, column = self.cursor_location
        find = self.tokens.ending_at if before else self.tokens.starting_at
        span = find(self.document.get_line(row), column)
        if span is not None:
            self.selection = Selection((row, span[0]), (row, span[1]))

    def _validate_selection(self, selection: Selection) -> Selection:
        # Nothing stands within a token: the cursor passes it in one step.
        start, end = super()._validate_selection(selection)
        row, column = end
        span = self.tokens.around(self.document.get_line(row), column)
        if span is None:
            return Selection(start, end)
        is_left = end < self.selection.end and self.selection.end != (row, span[0])
        snapped = (row, span[0] if is_left else span[1])
        return Selection(snapped if start == end else start, snapped)

    async def _on_key(self, event: events.Key) -> None:
        # A binding would run only after the key has climbed to the app, when the text may hold
        # what was typed after the key. Here every key meets the text as it stood.
        action_id = key_map_in_force().id_in_prompt(event.key, is_completing=self.is_completing)
        is_asked_for = action_id in ON_EMPTY_PROMPT and not self.text
        if self.vim is not None and not is_asked_for and self.vim.take(event):
            event.prevent_default()
            event.stop()
            return
        if action_id in ON_EMPTY_PROMPT and self.text:
            return
        if action_id is not None:
            event.prevent_default()
            event.stop()
            await self.run_action(f"screen.perform({action_id!r})")
            return
        if await run_own_binding(self, event):
            return
        # Terminals send Alt+Y as a printable "y": only keys without such a modifier are text.
        # The event goes on to the key bindings.
        if event.key in _COMMAND_KEYS or event.key.startswith(_NOT_TYPED_PREFIXES):
            event.prevent_default()

    async def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        text = event.text.replace("\r\n", "\n").replace("\r", "\n")
        start, end = sorted((self.selection.start, self.selection.end))
        self.replace(self.tokens.pastes.fold(text), start, end, maintain_selection_offset=False)
        self.scroll_cursor_visible()
        self.on_pasted(text)
