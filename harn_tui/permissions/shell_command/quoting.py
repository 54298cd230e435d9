"""The escapes of ``$'…'`` strings, and a word while its parts are being put together."""

import re

from harn_tui.permissions.shell_command.model import Word

_ESCAPE = re.compile(
    r"\\(?:x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})|([0-7]{1,3})|c(.)|(.))",
    re.DOTALL,
)
_LETTERS = {
    "a": "\a",
    "b": "\b",
    "e": "\x1b",
    "E": "\x1b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
}
_CONTROL_MASK = 0x1F


def decode_ansi_c(text: str) -> str:
    """Return what ``text`` between ``$'`` and ``'`` stands for; a NUL ends it, as in bash."""
    return _ESCAPE.sub(_decoded, text).partition("\x00")[0]


def hides_code(text: str) -> bool:
    """Whether quoted ``text`` would run something if it were evaluated once more."""
    return "$(" in text or "`" in text or text.endswith("$")


class WordDraft:
    """A word while it is read."""

    __slots__ = ("_has_brace", "_has_bracket", "_parts", "has_glob", "hides_code", "is_open")

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._has_brace = False
        self._has_bracket = False
        self.has_glob = False
        self.is_open = False
        self.hides_code = False

    def add(self, text: str) -> None:
        """Add text that stands for itself."""
        self._parts.append(text)

    def add_quoted(self, text: str) -> None:
        """Add text that was kept from being expanded."""
        self._parts.append(text)
        self.hides_code = self.hides_code or hides_code(text)

    def add_open(self, source: str) -> None:
        """Add an expansion as written."""
        self._parts.append(source)
        self.is_open = True

    def add_special(self, character: str) -> None:
        """Add an unquoted character of globs or braces."""
        self._parts.append(character)
        self.has_glob = self.has_glob or character in "*?"
        self._has_bracket = self._has_bracket or character == "["
        self._has_brace = self._has_brace or character == "{"

    @property
    def text(self) -> str:
        """What has been read so far."""
        return "".join(self._parts)

    def finished(self, raw: str) -> Word:
        """Return the word; ``raw`` is its source."""
        text = self.text
        return Word(
            raw,
            text,
            has_glob=self.has_glob or (self._has_bracket and "]" in text),
            is_open=self.is_open or (self._has_brace and _may_be_expanded(raw)),
        )


def _may_be_expanded(raw: str) -> bool:
    """Whether braces of a word may make several words of it."""
    inner = raw.partition("{")[2].rpartition("}")[0]
    return "," in inner or ".." in inner


def _decoded(found: re.Match[str]) -> str:
    two, four, eight, octal, control, letter = found.groups()
    if octal is not None:
        return chr(int(octal, 8) & 0xFF)
    if control is not None:
        return chr(ord(control) & _CONTROL_MASK)
    if letter is not None:
        return _LETTERS.get(letter, letter if letter in "\\'\"?" else f"\\{letter}")
    code = int(two or four or eight, 16)
    is_character = code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF
    return chr(code) if is_character else found.group()
