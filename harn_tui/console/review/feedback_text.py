"""Compiles the verdicts on hunks into one text for the model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harn_tui.console.review.changes import HunkKey, ReviewHunk
from harn_tui.console.review.verdicts import HunkDecision, Verdict, Verdicts

MAX_QUOTED_LINES = 8
"""Changed lines of a hunk that are quoted, so that the model finds it after later edits."""

_MAX_QUOTED_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Feedback:
    """The text for the model, and the hunks that it is about."""

    text: str
    keys: tuple[HunkKey, ...]


def compile_feedback(hunks: Sequence[ReviewHunk], verdicts: Verdicts) -> Feedback | None:
    """Return what the model has to be told and was not told yet; ``None`` for nothing.

    Accepted hunks are only counted, with the first text that goes out after they were accepted.
    """
    fresh = [(hunk, verdicts.of(hunk.key)) for hunk in hunks]
    fresh = [(hunk, verdict) for hunk, verdict in fresh if not verdict.is_sent]
    told = [(hunk, verdict) for hunk, verdict in fresh if verdict.asks_for_something]
    if not told:
        return None
    items = [_item(number, *one) for number, one in enumerate(told, start=1)]
    keys = tuple(hunk.key for hunk, verdict in fresh if not verdict.is_none)
    accepted = sum(verdict.decision is HunkDecision.ACCEPTED for _, verdict in fresh)
    return Feedback(
        "\n\n".join([_heading([verdict for _, verdict in told], accepted), *items]), keys
    )


def _heading(told: Sequence[Verdict], accepted: int) -> str:
    rejected = sum(verdict.decision is HunkDecision.REJECTED for verdict in told)
    commented = sum(bool(verdict.comment) for verdict in told)
    counts = [
        f"{count} {words}"
        for count, words in (
            (rejected, "rejected"),
            (commented, "commented"),
            (accepted, "accepted"),
        )
        if count
    ]
    return (
        f"I reviewed your changes hunk by hunk: {', '.join(counts)}. The review itself changed"
        " nothing on disk. Line numbers are those right after each edit; later edits may have"
        " moved them."
    )


def _item(number: int, hunk: ReviewHunk, verdict: Verdict) -> str:
    edit = f", edit {hunk.edit} of {hunk.edits}" if hunk.edits > 1 else ""
    path = hunk.path.replace("\n", "\\n")
    lines = [f"{number}. {path}, {hunk.range}{edit}: {_request(verdict)}"]
    if verdict.comment:
        lines += [f"   > {line}".rstrip() for line in verdict.comment.split("\n")]
    return "\n".join([*lines, *_quoted(hunk)])


def _request(verdict: Verdict) -> str:
    if verdict.decision is HunkDecision.REJECTED:
        why = "" if not verdict.comment else ", because:"
        return f"REJECTED. Undo this change or do it another way{why}"
    if verdict.decision is HunkDecision.ACCEPTED:
        return "ACCEPTED, with a comment:"
    return "COMMENT:"


def _quoted(hunk: ReviewHunk) -> list[str]:
    changed = [line for line in hunk.hunk.lines if line.sign != " "]
    shown = changed[:MAX_QUOTED_LINES]
    hidden = len(changed) - len(shown) + hunk.hunk.hidden
    lines = [f"       {line.sign}{_cut(line.text)}" for line in shown]
    return [*lines, f"       … {hidden:,} more lines"] if hidden else lines


def _cut(text: str) -> str:
    text = text.rstrip("\r")
    if len(text) <= _MAX_QUOTED_CHARACTERS:
        return text
    return f"{text[:_MAX_QUOTED_CHARACTERS]}…"
