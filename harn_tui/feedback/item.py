"""One line of feedback and its states."""

from dataclasses import dataclass

from harn_tui.json_types import JsonObject
from harn_tui.kinds import Boundary, FeedbackState

USER_KIND = "user"
"""Feedback kind of a person's own words; other kinds are the runtime's."""

PREFILL_KIND = "prefill_assistant"
"""Feedback kind that sets the assistant's prefill for one call and adds no message."""


@dataclass(frozen=True, slots=True)
class AttachedImage:
    """An image that goes with a line. ``blob`` is the SHA-256 by which the session keeps it.

    ``name`` is the file's, for people. ``width`` and ``height`` are in pixels, ``size_bytes`` is
    the file's; 0 where they are not known.
    """

    blob: str
    media_type: str
    name: str
    width: int = 0
    height: int = 0
    size_bytes: int = 0

    def as_json(self) -> JsonObject:
        """Return what a message says of it (docs/messages.md)."""
        numbers = {"width": self.width, "height": self.height, "bytes": self.size_bytes}
        return {
            "blob": self.blob,
            "media_type": self.media_type,
            "name": self.name,
            **{key: number for key, number in numbers.items() if number},
        }


@dataclass(frozen=True, slots=True)
class FeedbackItem:
    """A line on its way to the model; replaced, never changed, when its state changes.

    ``content`` is raw: it is escaped where it is wrapped. ``queued_at_ms`` is Unix-epoch
    milliseconds.
    """

    feedback_id: str
    session_id: str
    kind: str
    content: str
    boundary: Boundary
    state: FeedbackState
    queued_at_ms: int
    images: tuple[AttachedImage, ...] = ()
