"""Make text from outside harmless to draw: no control character reaches the terminal.

Nothing here, and nothing in the console, interprets markup in such text.
"""

import re
import unicodedata

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_SPACES = re.compile(r"\s+")

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)


def plain(text: str) -> str:
    """Return ``text`` with control characters replaced by U+FFFD; line feeds and tabs stay."""
    return _CONTROLS.sub("\ufffd", text.replace("\r\n", "\n"))


def one_line(text: str) -> str:
    """Return ``text`` as a single line: every run of white space becomes one space."""
    return plain(_SPACES.sub(" ", text)).strip()


def revealed(text: str) -> str:
    r"""Return ``text`` with every character that a reader cannot see written as ``\u{…}``.

    For the places where a person decides on the text: control characters, invisible and
    bidirectional ones, and spaces that are not the common space. Line feeds stay.
    """
    return "".join(_reveal(character) for character in text)


def _reveal(character: str) -> str:
    if character == "\n" or (" " <= character <= "~"):
        return character
    if character == "\t":
        return "    "
    hidden = (
        _CONTROLS.match(character)
        or _INVISIBLE.match(character)
        or unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp"}
    )
    return f"\\u{{{ord(character):x}}}" if hidden else character
