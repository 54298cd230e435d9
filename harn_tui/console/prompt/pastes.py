"""Big pastes stand in the prompt as a token; the real text is kept here and sent."""

import re
from collections.abc import Mapping

FOLD_CHARS = 1000
FOLD_LINES = 15

_TOKEN = re.compile(r"\[paste #(\d{1,9}), (\d+ lines?)\]")


def expanded(text: str, pastes: Mapping[int, str]) -> str:
    """Return ``text`` with every token that stands for one of ``pastes`` replaced by it."""
    if not pastes:
        return text
    return _TOKEN.sub(lambda match: pastes.get(int(match[1]), match[0]), text)


class PasteFolder:
    """Numbers big texts from 1 and swaps them with their tokens."""

    def __init__(self) -> None:
        self._texts: dict[int, str] = {}

    def fold(self, text: str) -> str:
        """Return a token for ``text`` when it is big, else ``text``."""
        lines = text.count("\n") + 1
        if len(text) <= FOLD_CHARS and lines <= FOLD_LINES:
            return text
        return _token(self._keep(text), f"{lines} {'line' if lines == 1 else 'lines'}")

    def expand(self, text: str) -> str:
        """Return ``text`` with every token that stands for a paste replaced by it."""
        return expanded(text, self._texts)

    def texts_in(self, text: str) -> dict[int, str]:
        """Return the pastes that the tokens in ``text`` stand for, by number."""
        numbers = [int(match[1]) for match in _TOKEN.finditer(text)]
        return {number: self._texts[number] for number in numbers if number in self._texts}

    def refold(self, text: str, before: str) -> str:
        """Return ``text`` with the tokens of ``before`` for the pastes that are still in it."""
        for match in _TOKEN.finditer(before):
            paste = self._texts.get(int(match[1]))
            if paste is not None:
                text = text.replace(paste, match[0], 1)
        return text

    def adopt(self, text: str, pastes: Mapping[int, str]) -> str:
        """Take in ``pastes`` of an older text; return it with the numbers that they have here."""

        def renumbered(match: re.Match[str]) -> str:
            number = int(match[1])
            if number not in pastes:
                return match[0]
            if self._texts.get(number) != pastes[number]:
                number = self._keep(pastes[number])
            return _token(number, match[2])

        return _TOKEN.sub(renumbered, text) if pastes else text

    def spans(self, line: str) -> list[tuple[int, int]]:
        """Return start and end column of each token in ``line`` that stands for a paste."""
        if not self._texts:
            return []
        return [m.span() for m in _TOKEN.finditer(line) if int(m[1]) in self._texts]

    def _keep(self, text: str) -> int:
        number = len(self._texts) + 1
        self._texts[number] = text
        return number


def _token(number: int, size: str) -> str:
    return f"[paste #{number}, {size}]"
