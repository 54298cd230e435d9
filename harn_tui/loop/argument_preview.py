"""What can be shown of a call's arguments while they stream in.

A preview holds all that arrived so far, so how often there is one bounds what parsing, events and
the log cost: at most one in 50 ms, and ever rarer as the arguments grow. All previews of a
megabyte together take less than three times as long to parse as the whole.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.late_import import late_module

if TYPE_CHECKING:
    import pydantic_core
else:
    pydantic_core = late_module("pydantic_core")

PREVIEW_WINDOW_MS: Final = 50

_SMALL_CHARS: Final = 8_192
_MIDDLING_CHARS: Final = 131_072
_SMALL_GROWTH: Final = 17 / 16
_MIDDLING_GROWTH: Final = 3 / 2
_LARGE_GROWTH: Final = 4.0

_CONTROL: Final = re.compile(r"[\x00-\x1f]")
_STRING: Final = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)

Container: TypeAlias = JsonObject | list[JsonValue]


@dataclass(frozen=True, slots=True)
class Preview:
    """Arguments so far: ``value`` where they are the beginning of JSON, else ``raw`` text."""

    value: Container | None = None
    raw: str | None = None


class ArgumentPreview:
    """The arguments of one call as they arrive.

    Previews never take back what an earlier one said: a number that is being written is left as
    it was, and text that turned out to be no JSON stays text.
    """

    def __init__(self, read: "Callable[[str], Container | None] | None" = None) -> None:
        """Begin with nothing. ``read`` parses the beginning of a JSON value, ``None`` for none."""
        self._read = read_partial if read is None else read
        self._fragments: list[str] = []
        self._size = 0
        self._next_size = 1.0
        self._next_ms: int | None = None
        self._has_news = False
        self._is_raw = False
        self._shown: Container | None = None

    def add(self, fragment: str, now_ms: int) -> Preview | None:
        """Take more of the arguments; return a preview when one is due."""
        if not fragment:
            return None
        self._fragments.append(fragment)
        self._size += len(fragment)
        self._has_news = True
        is_early = self._next_ms is not None and now_ms < self._next_ms
        if is_early or self._size < self._next_size:
            return None
        self._next_ms = now_ms + PREVIEW_WINDOW_MS
        self._next_size = self._size * _growth(self._size)
        return self._preview()

    def finish(self) -> Preview | None:
        """Return what no preview has shown yet, ``None`` when there is nothing new."""
        return self._preview() if self._has_news else None

    def _preview(self) -> Preview | None:
        self._has_news = False
        text = "".join(self._fragments)
        self._fragments = [text]
        if not text.strip():
            return None
        value = None if self._is_raw else self._read(text)
        if value is None:
            self._is_raw = True
            return Preview(raw=text)
        if self._shown is not None and not _says_more(value, self._shown):
            return None
        self._shown = value
        return Preview(value=value)


def read_partial(text: str) -> Container | None:
    """Return what the beginning of a JSON object or list says so far, ``None`` for other text.

    An open string counts as far as it goes; a key without a value and half a number do not. Raw
    line ends within strings, which local models write, are taken for what they mean.
    """
    value = _parsed(text)
    if value is None and _CONTROL.search(text):
        value = _parsed(_STRING.sub(_with_escapes, text))
    return value


def _parsed(text: str) -> Container | None:
    try:
        value = pydantic_core.from_json(text, allow_partial="trailing-strings", allow_inf_nan=False)
    except ValueError:
        return None
    return value if isinstance(value, dict | list) else None


def _with_escapes(string: re.Match[str]) -> str:
    return _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", string[0])


def _growth(size: int) -> float:
    """Return how many times as long the arguments must be for the next preview.

    Above the small sizes the sizes of the previews are a geometric series.
    """
    if size < _SMALL_CHARS:
        return _SMALL_GROWTH
    return _MIDDLING_GROWTH if size < _MIDDLING_CHARS else _LARGE_GROWTH


def _says_more(value: JsonValue, shown: JsonValue) -> bool:
    """Whether ``value`` has all that ``shown`` has, and anything beyond it.

    Both are beginnings of one text, so they can only differ in what comes last.
    """
    while True:
        if isinstance(shown, dict) and isinstance(value, dict):
            if len(value) != len(shown) or not shown:
                return len(value) > len(shown)
            key = next(reversed(shown))
            value, shown = value.get(key), shown[key]
        elif isinstance(shown, list) and isinstance(value, list):
            if len(value) != len(shown) or not shown:
                return len(value) > len(shown)
            value, shown = value[-1], shown[-1]
        else:
            return value != shown
