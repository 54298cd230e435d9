"""Big pastes stand in the prompt as a token; the real text is kept here and sent."""

import re

FOLD_CHARS = 1000
FOLD_LINES = 15

_TOKEN = re.compile(r"\[paste #(\d+), \d+ lines?\]")


class PasteFolder:
    """Numbers big texts from 1 and swaps them with their tokens."""

    def __init__(self) -> None:
        self._texts: dict[int, str] = {}

    def fold(self, text: str) -> str:
        """Return a token for ``text`` when it is big, else ``text``."""
        lines = text.count("\n") + 1
        if len(text) <= FOLD_CHARS and lines <= FOLD_LINES:
            return text
        number = len(self._texts) + 1
        self._texts[number] = text
        return f"[paste #{number}, {lines} {'line' if lines == 1 else 'lines'}]"

    def expand(self, text: str) -> str:
        """Return ``text`` with every token that stands for a paste replaced by it."""
        return _TOKEN.sub(lambda match: self._texts.get(int(match[1]), match[0]), text)

    def token_before(self, line: str, column: int) -> tuple[int, int] | None:
        """Return start and end column of a token that ends at ``column``, else ``None``."""
        return next((span for span in self._spans(line) if span[1] == column), None)

    def token_after(self, line: str, column: int) -> tuple[int, int] | None:
        """Return start and end column of a token that starts at ``column``, else ``None``."""
        return next((span for span in self._spans(line) if span[0] == column), None)

    def _spans(self, line: str) -> list[tuple[int, int]]:
        return [m.span() for m in _TOKEN.finditer(line) if int(m[1]) in self._texts]
