"""What of a reply in the text format a person sees, whole or while it streams in."""

from collections.abc import Iterable

from harn_tui.tagged_text.hidden_lines import ResultLines, SentinelLines
from harn_tui.tagged_text.planner_objects import PlannerObjects
from harn_tui.tagged_text.visible_pieces import VisiblePiece, VisiblePieces
from harn_tui.tagged_text.whitespace import TidyWhitespace


class _Filters:
    """The filters behind each other; text that one holds back reaches the next one later."""

    def __init__(self, done_sentinel: str | None) -> None:
        self._planner = PlannerObjects()
        self._results = ResultLines()
        self._sentinel = SentinelLines(done_sentinel)
        self._whitespace = TidyWhitespace()

    def feed(self, text: str) -> str:
        text = self._results.feed(self._planner.feed(text))
        return self._whitespace.feed(self._sentinel.feed(text))

    def finish(self) -> str:
        text = self._results.feed(self._planner.finish()) + self._results.finish()
        text = self._sentinel.feed(text) + self._sentinel.finish()
        return self._whitespace.feed(text)


class VisibleStream:
    """A reply as it is drawn while it arrives; what was shown is never taken back.

    Prose and user responses appear in the order in which they were written. ``done_sentinel`` is
    the completion marker whose lines are hidden, ``None`` when there is none.
    """

    def __init__(self, done_sentinel: str | None) -> None:
        self._pieces = VisiblePieces()
        self._filters = _Filters(done_sentinel)

    def feed(self, delta: str) -> str:
        """Return the text to append; what may become a tag or a marker is held back."""
        return self._filters.feed(_joined(self._pieces.feed(delta)))

    def finish(self) -> str:
        """Return the rest."""
        return self._filters.feed(_joined(self._pieces.finish())) + self._filters.finish()


def shown_text(text: str, *, done_sentinel: str | None) -> str:
    """Return all that VisibleStream shows of ``text``."""
    stream = VisibleStream(done_sentinel)
    return stream.feed(text) + stream.finish()


def visible_text(text: str, *, done_sentinel: str | None) -> str:
    """Return the answer that ``text`` gives: its user responses, else all that is shown of it.

    Without user responses this is what VisibleStream shows. With them, a stream has shown what
    came before them as well: it could not know of them yet.
    """
    pieces = VisiblePieces()
    found = pieces.feed(text) + pieces.finish()
    responses = _filtered((piece for piece in found if piece.is_response), done_sentinel)
    return responses or _filtered(found, done_sentinel)


def prose_lines(text: str) -> list[str]:
    """Return the lines of ``text`` that are neither tags nor stand in calls or thoughts."""
    pieces = VisiblePieces()
    return _joined(pieces.feed(text) + pieces.finish()).split("\n")


def _filtered(pieces: Iterable[VisiblePiece], done_sentinel: str | None) -> str:
    filters = _Filters(done_sentinel)
    return filters.feed(_joined(pieces)) + filters.finish()


def _joined(pieces: Iterable[VisiblePiece]) -> str:
    return "".join(piece.text for piece in pieces)
