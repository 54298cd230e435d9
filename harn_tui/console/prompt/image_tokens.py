"""Attached images stand in the prompt as a token; the images go with the line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harn_tui.prompt_lines.mentions import mention_text

if TYPE_CHECKING:
    from harn_tui.feedback.item import AttachedImage

_TOKEN = re.compile(r"\[image #(\d{1,9}), [^\[\]\n]{1,40}\]")


class ImageTokens:
    """Numbers images through a session, so that each can be spoken of by its number."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[AttachedImage, str]] = {}
        """By number: the image, and the path that it was read from."""
        self._next = 1

    def begin_at(self, number: int) -> None:
        """Give the next image at least ``number``: a session has had others before."""
        self._next = max(self._next, number)

    def add(self, image: AttachedImage, path: str) -> str:
        """Take in an image that was read from ``path``; return its token."""
        number, self._next = self._next, self._next + 1
        self._kept[number] = (image, path)
        kind = image.media_type.rpartition("/")[2].upper()
        pixels = f"{image.width}×{image.height} " if image.width and image.height else ""
        return f"[image #{number}, {pixels}{kind}]"

    def images_in(self, text: str) -> tuple[AttachedImage, ...]:
        """Return the images whose tokens stand in ``text``, in their order, each once."""
        numbers = dict.fromkeys(int(match[1]) for match in _TOKEN.finditer(text))
        return tuple(self._kept[number][0] for number in numbers if number in self._kept)

    def as_mentions(self, text: str) -> str:
        """Return ``text`` with a mention of its file for each token, to be kept for later."""
        if not self._kept:
            return text
        return _TOKEN.sub(self._mention, text)

    def spans(self, line: str) -> list[tuple[int, int]]:
        """Return start and end column of each token in ``line`` that stands for an image."""
        if not self._kept:
            return []
        return [m.span() for m in _TOKEN.finditer(line) if int(m[1]) in self._kept]

    def _mention(self, match: re.Match[str]) -> str:
        _, path = self._kept.get(int(match[1]), (None, "\n"))
        return match[0] if "\n" in path else mention_text(path)
