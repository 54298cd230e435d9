"""One line of the history: its text as it stood in the prompt, and what its tokens stand for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from harn_tui.console.prompt.pastes import expanded


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """``pastes`` has the whole text of each folded paste in ``text``, by its number.

    ``kept_text`` is the text for the next start, when its images have no tokens any more.
    """

    text: str
    pastes: Mapping[int, str] = field(default_factory=dict)
    kept_text: str | None = field(default=None, compare=False)

    @property
    def real_text(self) -> str:
        """The text with its pastes in full; entries with the same one are the same line."""
        return expanded(self.text, self.pastes)
