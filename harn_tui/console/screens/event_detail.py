"""One event in full, as indented JSON."""

from __future__ import annotations

import json

from harn_tui.console.plain_text import plain
from harn_tui.console.screens.text_popup import TextPopup

_MAX_CHARACTERS = 200_000


class EventDetail(TextPopup):
    """Shows a line of the log."""

    def __init__(self, title: str, line: str) -> None:
        """``line`` is the record as it stands in the log."""
        super().__init__(title, _indented(line))


def _indented(line: str) -> str:
    text = json.dumps(json.loads(line), indent=2, ensure_ascii=False)
    if len(text) > _MAX_CHARACTERS:
        hidden = len(text) - _MAX_CHARACTERS
        text = f"{text[:_MAX_CHARACTERS]}\n… {hidden:,} more characters are in the log"
    return plain(text)
