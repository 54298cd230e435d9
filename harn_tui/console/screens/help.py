"""The help screen: every key of the screen below it, from the table of actions."""

from collections.abc import Sequence
from textwrap import wrap
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from harn_tui.console.action import Scope
from harn_tui.console.actions import actions_of, bindings_for
from harn_tui.console.key_names import show_key
from harn_tui.console.screens.popup import Popup

KEYS_WIDTH = 22
MIN_TEXT_WIDTH = 24
BELOW_KEYS = 2
"""Where less than ``MIN_TEXT_WIDTH`` is left, a sentence stands below its keys, so far in."""
PAGE_WIDTH = 86
PAGE_FRAME = 8
"""Cells of the page beside the text: border, padding, scroll bar."""


class HelpScreen(Popup[str | None]):
    """A scrolling page over the screen; gives the action whose key closed it, if one did."""

    CLOSE_ACTION = "dismiss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,ctrl+c", "dismiss", "Close", show=False, priority=True),
        *bindings_for("help", "quick_help", "read_help", "replay_help"),
    ]

    DEFAULT_CSS = """
    HelpScreen { align: center middle; background: $background 70%; }
    HelpScreen VerticalScroll {
        width: 86; max-width: 100%; height: auto; max-height: 100%;
        background: $surface; border: round $primary; border-title-color: $primary;
        border-subtitle-color: $muted; padding: 1 2; scrollbar-size-vertical: 1;
    }
    HelpScreen Static { height: auto; }
    """

    def __init__(self, scopes: Sequence[Scope]) -> None:
        super().__init__()
        self._scopes = scopes

    def compose(self) -> ComposeResult:
        """Compose the page."""
        with VerticalScroll() as page:
            page.border_title = Content(" Keys ")
            page.border_subtitle = Content(" ↑ ↓ PgUp PgDn scroll · Esc closes ")
            yield Static(id="help-text", markup=False)

    def action_perform(self, action_id: str) -> None:
        """Close on the keys that open it; the one that types a character then types it."""
        self.dismiss(action_id)

    def on_resize(self, event: events.Resize) -> None:
        """Wrap the sentences to the page."""
        width = min(event.size.width, PAGE_WIDTH) - PAGE_FRAME
        self.query_one("#help-text", Static).update(help_content(self._scopes, width))


def help_content(scopes: Sequence[Scope], width: int) -> Content:
    """Return a section a scope and a line an action: its keys, then its sentence.

    A sentence that is too long for ``width`` cells goes on below its own beginning; on a narrow
    page it begins below its keys.
    """
    sections: list[Content] = []
    for scope in scopes:
        lines = [Content.styled(scope.value, "bold $primary")]
        for action in actions_of(scope):
            keys = "  ".join(show_key(key) for key in _told(action.keys)) or "in the palette"
            if width - KEYS_WIDTH < MIN_TEXT_WIDTH:
                rows = wrap(action.help, max(MIN_TEXT_WIDTH, width - BELOW_KEYS))
                start, margin = f"{keys}\n{' ' * BELOW_KEYS}", BELOW_KEYS
            else:
                rows = wrap(action.help, width - KEYS_WIDTH)
                start, margin = keys.ljust(KEYS_WIDTH), KEYS_WIDTH
            text = ("\n" + " " * margin).join(rows)
            lines.append(Content.assemble((start, "$accent"), (text, "")))
        sections.append(Content("\n").join(lines))
    return Content("\n\n").join(sections)


def _told(keys: Sequence[str]) -> list[str]:
    """Return at most two keys; not the other name under which some terminals send a capital."""
    capitals = {f"shift+{key.lower()}" for key in keys if len(key) == 1 and key.isupper()}
    return [key for key in keys if key not in capitals][:2]
