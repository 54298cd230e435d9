"""Keep streamed text valid Unicode.

Some servers cut text between the two halves of a UTF-16 surrogate pair and send each half as a
JSON escape. A lone half cannot be encoded, so it must never leave this package.
"""

from harn_tui.json_types import JsonValue


def without_lone_surrogates(text: str) -> str:
    """Return ``text`` with surrogate pairs joined and lone halves replaced by U+FFFD."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def clean_json(value: JsonValue) -> JsonValue:
    """Return ``value`` with every string, keys included, passed through the function above."""
    if isinstance(value, str):
        return without_lone_surrogates(value)
    if isinstance(value, list):
        return [clean_json(item) for item in value]
    if isinstance(value, dict):
        return {without_lone_surrogates(key): clean_json(item) for key, item in value.items()}
    return value


class SurrogateJoiner:
    """Joins surrogate halves that arrive in consecutive pieces of one text."""

    def __init__(self) -> None:
        self._held = ""

    def push(self, text: str) -> str:
        """Return valid text; a high half at the end is held back until the next piece."""
        if self._held:
            text = self._held + text
            self._held = ""
        if text.isascii():
            return text
        if "\ud800" <= text[-1] <= "\udbff":
            self._held = text[-1]
            text = text[:-1]
        return without_lone_surrogates(text)

    def flush(self) -> str:
        """Return U+FFFD when the text ended within a pair, else an empty string."""
        held, self._held = self._held, ""
        return "\ufffd" if held else ""
