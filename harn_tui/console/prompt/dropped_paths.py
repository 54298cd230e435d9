"""Paths of images in what was dropped on the terminal, pasted, or typed behind a command.

Terminals write a dropped file as its path: bare, in quotes, with backslashes, or as a URL.
"""

import re
import shlex
from urllib.parse import unquote, urlsplit

_SUFFIX = re.compile(r"\.(?:png|jpe?g|gif|webp)\Z", re.IGNORECASE)
_MOST_PATHS = 20
_LONGEST = 8192


def is_image_path(path: str) -> bool:
    """Whether ``path`` is named like an image that can be sent."""
    return _SUFFIX.search(path) is not None


def dropped_images(text: str) -> list[str]:
    """Return the paths that ``text`` consists of; nothing unless all are named like images."""
    text = text.strip()
    if not text or len(text) > _LONGEST or "\0" in text:
        return []
    words = _words(text)
    if words and len(words) <= _MOST_PATHS and all(map(is_image_path, words)):
        return words
    return [text] if is_image_path(text) and "\n" not in text else []


def written_path(text: str) -> str:
    """Return the one path that ``text`` is, without quotes and escapes."""
    words = _words(text)
    return words[0] if len(words) == 1 else text.strip()


def _words(text: str) -> list[str]:
    try:
        words = shlex.split(text)
    except ValueError:
        return []
    return [_of_url(word) for word in words]


def _of_url(word: str) -> str:
    if not word.startswith("file://"):
        return word
    try:
        return unquote(urlsplit(word).path)
    except ValueError:
        return word
