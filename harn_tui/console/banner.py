"""The banner above the prompt: an error that stays until a person dismisses it."""

from textual.content import Content
from textual.widgets import Static

from harn_tui.console.actions import key_of
from harn_tui.console.click_target import clickable
from harn_tui.console.plain_text import LONGEST_ROW, plain


class Banner(Static):
    """Shows one text; hidden while there is none."""

    SCOPED_CSS = False
    DEFAULT_CSS = """
    Banner {
        display: none; height: auto; max-height: 3; margin: 0 1; padding: 0 1;
        color: $error; background: $surface; border-left: thick $error;
    }
    Banner.-filled { display: block; }
    .-short Banner { max-height: 1; margin: 0; }
    """

    def __init__(self) -> None:
        super().__init__(id="banner", markup=False)
        self.text = ""

    def show(self, text: str) -> None:
        """Show ``text``; empty text hides the banner."""
        self.text = plain(text[:LONGEST_ROW])
        shown = Content(self.text)
        if text:
            hint = Content.styled(f"{key_of('dismiss_banner')} dismisses", "$faint")
            shown += Content("  ") + clickable(hint, "dismiss_banner")
        self.update(shown)
        self.set_class(bool(text), "-filled")
