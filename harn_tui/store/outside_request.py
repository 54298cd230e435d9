"""What one process asks of another that has a session open: a line of JSON each way.

A line of text carries the id that it will have in the queue. Whoever sends it twice, or also
keeps it in the journal, says the same thing twice and not two things.
"""

import json
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from harn_tui.kinds import Boundary

LONGEST_REQUEST = 1_000_000
"""Bytes of a request; a longer one is refused at both ends."""

_FEEDBACK_ID = re.compile(r"feedback_[0-9a-f-]{36}")
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Place(StrEnum):
    """Where a line went that the owner of the session took."""

    NEXT_CALL = "next_call"
    AFTER_RUN = "after_run"
    NOW = "now"
    NEW_RUN = "new_run"
    PAUSED = "paused"
    AGENT = "agent"
    KNOWN = "known"
    """It had come before."""


@dataclass(frozen=True, slots=True)
class OutsideLine:
    """A person's line for the queue, or for the nested loop ``agent`` alone unless ``None``."""

    feedback_id: str
    content: str
    boundary: Boundary = Boundary.NEXT_PREFLIGHT
    agent: str | None = None


@dataclass(frozen=True, slots=True)
class OutsideTitle:
    """Another title for the session."""

    title: str


OutsideRequest: TypeAlias = OutsideLine | OutsideTitle


@dataclass(frozen=True, slots=True)
class OutsideReply:
    """What the owner says. ``problem`` is a sentence, ``None`` when it did what was asked.

    ``place`` is where a line went. With ``may_keep`` the line was not taken for a reason that
    will pass, such as that the session is just being closed.
    """

    place: Place | None = None
    problem: str | None = None
    may_keep: bool = False


class OutsideRequestError(ValueError):
    """A request or reply that cannot be read; the message is a clause that says why."""


def encode_request(request: OutsideRequest) -> bytes:
    """Return the line. Raises OutsideRequestError when it is too long."""
    members: dict[str, object]
    if isinstance(request, OutsideTitle):
        members = {"type": "title", "title": request.title}
    else:
        members = {
            "type": "feedback",
            "feedback_id": request.feedback_id,
            "boundary": request.boundary,
            "content": request.content,
        }
        if request.agent is not None:
            members["agent"] = request.agent
    line = _encode(members).encode("utf-8", "replace") + b"\n"
    if len(line) > LONGEST_REQUEST:
        raise OutsideRequestError(f"is longer than {LONGEST_REQUEST:,} bytes")
    return line


def decode_request(line: bytes) -> OutsideRequest:
    """Return what a line asks for. Raises OutsideRequestError."""
    members = _members(line)
    match members.get("type"):
        case "feedback":
            return _line(members)
        case "title":
            return OutsideTitle(_text(members, "title"))
        case other:
            raise OutsideRequestError(f"has the unknown type {str(other)[:80]!r}")


def encode_reply(reply: OutsideReply) -> bytes:
    """Return the line."""
    members = {"place": reply.place, "problem": reply.problem, "may_keep": reply.may_keep}
    return _encode(members).encode("utf-8", "replace") + b"\n"


def decode_reply(line: bytes) -> OutsideReply:
    """Return what the owner says. Raises OutsideRequestError."""
    members = _members(line)
    place, problem = members.get("place"), members.get("problem")
    try:
        known = None if place is None else Place(str(place))
    except ValueError as error:
        raise OutsideRequestError(f"names the unknown place {str(place)[:80]!r}") from error
    return OutsideReply(
        known, None if problem is None else str(problem), members.get("may_keep") is True
    )


def _line(members: dict[str, object]) -> OutsideLine:
    feedback_id = _text(members, "feedback_id")
    if not _FEEDBACK_ID.fullmatch(feedback_id):
        raise OutsideRequestError("has a `feedback_id` that is none")
    try:
        boundary = Boundary(_text(members, "boundary"))
    except ValueError as error:
        raise OutsideRequestError("has an unknown `boundary`") from error
    agent = _text(members, "agent") if "agent" in members else None
    return OutsideLine(feedback_id, _text(members, "content"), boundary, agent)


def _members(line: bytes) -> dict[str, object]:
    try:
        members = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise OutsideRequestError("is no JSON") from error
    if not isinstance(members, dict):
        raise OutsideRequestError("is no JSON object")
    return members


def _text(members: dict[str, object], key: str) -> str:
    value = members.get(key)
    if not isinstance(value, str) or not value.strip():
        raise OutsideRequestError(f"has no text as `{key}`")
    return value
