"""Boxes of text that a terminal never obeys, whoever wrote what is in them.

A prompt of a server, the name of a file, a line that another program queued: all of them can come
to stand where a person writes, and a text area draws what it holds as it is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rich.text import Text
from textual.widgets import TextArea

if TYPE_CHECKING:
    from textual.document._edit import Edit
    from textual.widgets.text_area import EditResult

_REPLACED = {
    **{code: 0x2400 + code for code in range(0x20) if chr(code) not in "\t\n"},
    0x7F: 0x2421,
    **dict.fromkeys(range(0x80, 0xA0), 0xFFFD),
    **dict.fromkeys((0x2028, 0x2029), 0x2424),
    **dict.fromkeys(range(0xD800, 0xE000), 0xFFFD),
}
_SILENCED = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)), 0x200B)
"""Changes of direction; drawn as a character that takes no room either, so that columns agree."""


def harmless(text: str) -> str:
    """Return ``text`` with a picture in the place of each control character but tab and line end.

    What nobody can type is not lost unseen, and every character stays one.
    """
    if text.isascii() and text.isprintable():
        return text
    return text.replace("\r\n", "\n").translate(_REPLACED)


class HarmlessBox(TextArea):
    """A text area without control characters. Changes of direction stay in the text, undrawn."""

    def edit(self, edit: Edit) -> EditResult:
        """Perform an edit."""
        text = harmless(edit.text)
        return super().edit(edit if text is edit.text else replace(edit, text=text))

    def load_text(self, text: str) -> None:
        """Replace the text without a way back."""
        super().load_text(harmless(text))

    def get_line(self, line_index: int) -> Text:
        """Return a line as it is drawn."""
        line = super().get_line(line_index)
        if not line.plain.isascii():
            line.plain = line.plain.translate(_SILENCED)
        return line
