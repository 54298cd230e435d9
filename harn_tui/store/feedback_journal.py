"""The journal of a session's feedback: what a crash must not lose and must not send twice.

Each change of an item's state is one line holding the whole item; a change of the order of the
waiting lines is one line ``{"order": [id, …]}``. The latest line about an item counts, unless the
item has ended before. Another process may add a line for an item of its own while the journal is
open: it is read when the session is opened the next time.
"""

import json
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from harn_tui.errors import StoreError
from harn_tui.feedback.item import AttachedImage, FeedbackItem
from harn_tui.kinds import Boundary, FeedbackState
from harn_tui.sinks.line_writer import LineWriter

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_ON_ITS_WAY = frozenset({FeedbackState.QUEUED, FeedbackState.HELD, FeedbackState.CLAIMED})


class FeedbackJournal:
    """Appends to the journal at ``path``; fits ``FeedbackQueue``'s callbacks.

    A line is in the file when ``append`` returns, and on its way to the disk when it says that
    something is queued. While the file cannot be written, lines wait in memory and
    ``on_failure`` and ``on_recovery`` are told once each, from any thread. Raises StoreError
    when it cannot be opened.
    """

    def __init__(
        self,
        path: Path,
        *,
        on_failure: Callable[[str], None] | None = None,
        on_recovery: Callable[[], None] | None = None,
    ) -> None:
        self._writer = LineWriter(path, rotate_bytes=None)
        if on_failure is not None and on_recovery is not None:
            self._writer.watch(on_failure, on_recovery)

    def append(self, item: FeedbackItem) -> None:
        """Record the item's present state. Raises StoreError after ``close``."""
        self._writer.append(journal_line(item))
        if item.state is FeedbackState.QUEUED:
            self._writer.request_sync()

    def append_order(self, session_id: str, feedback_ids: Collection[str]) -> None:
        """Record the order of the session's waiting lines."""
        self._writer.append(_encode({"session_id": session_id, "order": list(feedback_ids)}))

    def close(self) -> None:
        """Flush to disk and close; blocks. Raises StoreError when the end was not written."""
        self._writer.close()


def journal_line(item: FeedbackItem) -> str:
    """Return the line, without its end, that says what the item is now."""
    members = asdict(item)
    if not item.images:
        del members["images"]
    return _encode(members)


@dataclass(frozen=True, slots=True)
class PendingFeedback:
    """What a journal leaves to be done; ``unreadable_lines`` could not be made sense of."""

    items: tuple[FeedbackItem, ...]
    unreadable_lines: int


def load_pending_feedback(
    path: Path, delivered_ids: Collection[str] = frozenset()
) -> PendingFeedback:
    """Return the items that have not reached the model, in the order of claiming.

    ``delivered_ids`` are those that the event log shows as delivered: they are not pending,
    whatever the journal says. Claimed items are queued again. Held ones stay held, since they
    were being edited and nobody has released them. A torn last line is ignored; a journal that
    is not there is empty. Raises StoreError when the file cannot be read.
    """
    items: dict[str, FeedbackItem] = {}
    unreadable = 0
    for line in _complete_lines(path):
        try:
            members = json.loads(line)
            if "order" in members:
                items = _in_order(items, members["order"])
            else:
                item = _item_from(members)
                # What has ended stays so, though somebody else kept it late as a new line.
                if item.feedback_id not in items or _is_on_its_way(items[item.feedback_id]):
                    items[item.feedback_id] = item
        except (ValueError, TypeError, KeyError, RecursionError):
            unreadable += 1
    pending = (item for item in items.values() if _is_on_its_way(item))
    return PendingFeedback(
        tuple(_requeued(item) for item in pending if item.feedback_id not in delivered_ids),
        unreadable,
    )


def _is_on_its_way(item: FeedbackItem) -> bool:
    return item.state in _ON_ITS_WAY


def _complete_lines(path: Path) -> list[bytes]:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StoreError(
            f"The feedback journal {path} cannot be read: {error.strerror}.",
            hint="Check that you may read it.",
        ) from error
    *complete, last = data.split(b"\n")
    if _is_json(last):
        complete.append(last)
    return [line for line in complete if line.strip()]


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _item_from(members: Any) -> FeedbackItem:
    """Raises ValueError, TypeError or KeyError for what is not an item."""
    texts = {name: members[name] for name in ("feedback_id", "session_id", "kind", "content")}
    queued_at_ms = members["queued_at_ms"]
    if not all(isinstance(text, str) for text in texts.values()) or type(queued_at_ms) is not int:
        raise TypeError("a field of the item has a value of the wrong type")
    return FeedbackItem(
        **texts,
        boundary=Boundary(members["boundary"]),
        state=FeedbackState(members["state"]),
        queued_at_ms=queued_at_ms,
        images=tuple(_image_from(image) for image in members.get("images", ())),
    )


def _image_from(members: Any) -> AttachedImage:
    image = AttachedImage(**members)
    texts = (image.blob, image.media_type, image.name)
    numbers = (image.width, image.height, image.size_bytes)
    if not all(isinstance(text, str) for text in texts) or not all(
        type(number) is int for number in numbers
    ):
        raise TypeError("a field of the image has a value of the wrong type")
    return image


def _in_order(items: dict[str, FeedbackItem], order: Any) -> dict[str, FeedbackItem]:
    """Put the items that ``order`` names into the places they hold together, in that order."""
    named = [feedback_id for feedback_id in dict.fromkeys(order) if feedback_id in items]
    following = iter(named)
    places = [next(following) if key in set(named) else key for key in items]
    return {key: items[key] for key in places}


def _requeued(item: FeedbackItem) -> FeedbackItem:
    if item.state is FeedbackState.CLAIMED:
        return replace(item, state=FeedbackState.QUEUED)
    return item
