"""Which queued lines have just been delivered: the receipts that the queue strip shows."""

from harn_tui.console.queue_strip.strip import Receipt
from harn_tui.view.model import Changes, SessionView, UserBlock

KEEP_SECONDS = 6.0
MAX_RECEIPTS = 3


class Receipts:
    """Collects deliveries from changes of the view; each is reported once."""

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._fresh: list[Receipt] = []

    @property
    def fresh(self) -> list[Receipt]:
        """Deliveries since the last ``clear``, the newest last."""
        return self._fresh[-MAX_RECEIPTS:]

    def note(self, view: SessionView, changes: Changes) -> bool:
        """Look at the changed blocks; true when a line was delivered in one of them."""
        before = len(self._fresh)
        for index in sorted(changes.blocks):
            block = view.blocks[index]
            if (
                not isinstance(block, UserBlock)
                or block.feedback_id is None
                or block.delivered_before_call is None
                or block.feedback_id in self._seen
            ):
                continue
            self._seen.add(block.feedback_id)
            self._fresh.append(Receipt(block.feedback_id, block.text, block.delivered_before_call))
        return len(self._fresh) > before

    def clear(self) -> None:
        """Forget what was reported."""
        self._fresh.clear()
