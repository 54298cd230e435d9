"""Leaves out JSON objects in which a model states how it plans to work.

Such an object begins with ``{"mode": "fast_execute"`` or another of the modes, alone or in a
```` ```json ```` fence. It is for a program; other JSON is not touched.
"""

import re
from typing import Final

MODES: Final = ("fast_execute", "plan_then_execute", "ask_user")

_OPENINGS: Final = re.compile(r"[{`]")
_GAP: Final = re.compile(r"\s{0,64}")
_JSON_FENCE: Final = "```json"
_FENCE_END: Final = "\n```"
_OBJECT: Final = ("{", '"mode"', ":")
_MARKS: Final = re.compile(r'[{}"\\]')


class PlannerObjects:
    """Text that streams in, without planning objects. One that is not closed hides the rest."""

    def __init__(self) -> None:
        self._rest = ""
        self._closing: _FenceClosing | _ObjectClosing | None = None

    def feed(self, text: str) -> str:
        """Return what can be passed on."""
        return self._run(self._rest + text, is_final=False)

    def finish(self) -> str:
        """Return what is held back."""
        return self._run(self._rest, is_final=True)

    def _run(self, text: str, *, is_final: bool) -> str:
        parts: list[str] = []
        index = 0
        self._rest = ""
        while index < len(text):
            if self._closing is not None:
                index = self._closing.read(text, index)
                if self._closing.is_closed:
                    self._closing = None
                continue
            found = _OPENINGS.search(text, index)
            if found is None:
                parts.append(text[index:])
                break
            parts.append(text[index : found.start()])
            index = found.start()
            opened = _match_opening(text, index)
            if opened is None and not is_final:
                self._rest = text[index:]
                break
            if opened:
                self._closing = _FenceClosing() if text[index] == "`" else _ObjectClosing()
                parts.append(" ")
                index = opened
            else:
                parts.append(text[index])
                index += 1
        return "".join(parts)


class _FenceClosing:
    """Reads to the end of the fenced block."""

    def __init__(self) -> None:
        self.is_closed = False
        self._matched = 0

    def read(self, text: str, index: int) -> int:
        while index < len(text) and not self.is_closed:
            if text[index] == _FENCE_END[self._matched]:
                self._matched += 1
                self.is_closed = self._matched == len(_FENCE_END)
            elif self._matched:
                self._matched = int(text[index] == "\n")
            else:
                newline = text.find("\n", index)
                index = len(text) if newline < 0 else newline
                continue
            index += 1
        return index


class _ObjectClosing:
    """Reads to the brace that closes the object; braces within strings do not count."""

    def __init__(self) -> None:
        self.is_closed = False
        self._depth = 1
        self._is_in_string = False
        self._is_escaped = False

    def read(self, text: str, index: int) -> int:
        while index < len(text) and not self.is_closed:
            if self._is_escaped:
                self._is_escaped = False
                index += 1
                continue
            mark = _MARKS.search(text, index)
            if mark is None:
                return len(text)
            index = mark.end()
            self._take(mark[0])
        return index

    def _take(self, mark: str) -> None:
        if mark == "\\":
            self._is_escaped = self._is_in_string
        elif mark == '"':
            self._is_in_string = not self._is_in_string
        elif not self._is_in_string:
            self._depth += 1 if mark == "{" else -1
            self.is_closed = self._depth == 0


def _match_opening(text: str, index: int) -> int | None:
    """Return where the opening of a planning object at ``index`` ends.

    0 when there is none, ``None`` when more input is needed.
    """
    parts: tuple[tuple[str, ...], ...] = tuple((part,) for part in _OBJECT)
    if text[index] == "`":
        parts = ((_JSON_FENCE,), *parts)
    for choices in (*parts, tuple(f'"{mode}"' for mode in MODES)):
        gap = _GAP.match(text, index)
        index = index if gap is None else gap.end()
        rest = text[index : index + max(map(len, choices))]
        chosen = next((choice for choice in choices if rest.startswith(choice)), None)
        if chosen is None:
            is_open = index + len(rest) == len(text)
            return None if is_open and any(choice.startswith(rest) for choice in choices) else 0
        index += len(chosen)
    return index
