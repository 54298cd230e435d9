"""What a line brings with it when it goes to the model: what the person mentioned in it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from harn_tui.feedback.item import AttachedImage


@dataclass(frozen=True, slots=True)
class Attachments:
    """What was found for the mentions of one line.

    ``text`` follows the line in its message, empty for nothing, and ``images`` go with it.
    ``names`` are what both hold and
    ``problems`` whole sentences on what could not be attached, both for people.
    """

    text: str = ""
    names: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    images: tuple[AttachedImage, ...] = ()


FindAttachments: TypeAlias = Callable[[str], Awaitable[Attachments]]
"""Takes the words of a person's line; what cannot be had is a problem, never an exception."""
