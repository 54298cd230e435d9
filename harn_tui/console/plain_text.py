"""Text from outside as blocks, single rows, and in full honesty where a person decides on it.

Nothing here, and nothing in the console, interprets markup in such text.
"""

import re
import unicodedata

from harn_tui.console.transcript.clean import clean_line

LONGEST_ROW = 2_000
"""Characters of a text on one row: more than any screen has columns."""

LONGEST_REVEALED = 20_000
"""Characters of a text that a person decides on: more than anybody reads, and still quick."""

_LAST_REVEALED = 4_000
_SPACES = re.compile(r"\s+")
_UNSEEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp"})

_BLANK_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0")
"""Characters of other categories that are drawn as nothing, beside the variation selectors."""


def plain(text: str) -> str:
    """Return ``text`` line by line with nothing in it that acts on a terminal."""
    return "\n".join(clean_line(line) for line in text.replace("\r\n", "\n").split("\n"))


def one_line(text: str) -> str:
    """Return ``text`` as a single line: every run of white space becomes one space.

    What is too long for any row ends in ``…``.
    """
    if len(text) > LONGEST_ROW:
        text = f"{text[: LONGEST_ROW - 1]}…"
    return clean_line(_SPACES.sub(" ", text)).strip()


def revealed(text: str) -> str:
    """Return ``text`` with every character that a reader cannot see written as its code.

    For the places where a person decides on the text: control characters as pictures, invisible
    and bidirectional ones and every space but the common one as ``⟨202E⟩``. Line feeds stay.
    Of more than ``LONGEST_REVEALED`` characters the middle is left out, and said to be.
    """
    left_out = len(text) - LONGEST_REVEALED
    if left_out > 0:
        first, last = text[: LONGEST_REVEALED - _LAST_REVEALED], text[-_LAST_REVEALED:]
        notice = f"\n⟨ {left_out:,} characters are not shown here ⟩\n"
        return f"{revealed(first)}{notice}{revealed(last)}"
    return "\n".join(_revealed_line(line) for line in text.split("\n"))


def _revealed_line(line: str) -> str:
    clean = clean_line(line, reveal=True)
    return clean if clean.isascii() else "".join(_reveal(character) for character in clean)


def _reveal(character: str) -> str:
    if character == " " or not _is_unseen(character):
        return character
    return f"\u27e8{ord(character):X}\u27e9"


def _is_unseen(character: str) -> bool:
    return (
        unicodedata.category(character) in _UNSEEN_CATEGORIES
        or character in _BLANK_LETTERS
        or "\ufe00" <= character <= "\ufe0f"
        or "\U000e0100" <= character <= "\U000e01ef"
    )
