"""Short ways to parse and to stream a reply in the text format."""

from collections.abc import Collection, Iterable

from harn_tui.json_types import JsonObject
from harn_tui.tagged_text.candidates import (
    CandidateAborted,
    CandidateChange,
    CandidateDetector,
    CandidateStarted,
)
from harn_tui.tagged_text.parse import parse_tagged_reply
from harn_tui.tagged_text.reply import TaggedReply

TOOLS = ("read", "edit", "run")


def parse(text: str, tools: Collection[str] = TOOLS) -> TaggedReply:
    return parse_tagged_reply(text, tools)


def tagged(call: str) -> str:
    return f"<tool_call>\n{call}\n</tool_call>"


def calls(reply: TaggedReply) -> list[tuple[str, JsonObject]]:
    return [(call.name, call.arguments) for call in reply.calls]


def only_arguments(text: str) -> JsonObject:
    """Return the arguments of the one call in ``text``, which has no errors."""
    reply = parse(text)
    assert not reply.errors, reply.errors
    [call] = reply.calls
    return call.arguments


def only_error(text: str) -> str:
    """Return the one error of ``text``, in which nothing can run."""
    reply = parse(text)
    assert not reply.calls, reply.calls
    [error] = reply.errors
    return error


def stream(pieces: Iterable[str], tools: Collection[str] = ("read",)) -> list[CandidateChange]:
    """Return the changes that a reply in ``pieces`` causes, its end included."""
    detector = CandidateDetector(tools)
    changes = [change for piece in pieces for change in detector.feed(piece)]
    return changes + detector.finish()


def outcomes(text: str, tools: Collection[str] = ("read",)) -> list[str]:
    """Return the changes in words; they are the same whole and character by character."""
    whole = stream([text], tools)
    assert stream(list(text), tools) == whole
    return [_outcome(change) for change in whole]


def _outcome(change: CandidateChange) -> str:
    match change:
        case CandidateStarted():
            return f"P({change.tool_name})"
        case CandidateAborted():
            return "failed"
        case _:
            return f"promoted({change.tool_name})"
