"""What a model's turn says, whichever way it says it: prose, calls, signals, mistakes."""

from dataclasses import dataclass

from harn_tui.providers.base import ToolCallRequest
from harn_tui.tagged_text.reply import TaggedReply


@dataclass(frozen=True, slots=True)
class NativeFallback:
    """A native loop's reply that wrote its calls as text. ``index`` counts them from 1."""

    is_accepted: bool
    index: int
    call_count: int
    error_count: int


@dataclass(frozen=True, slots=True)
class Reply:
    """One assistant turn, read.

    ``text`` is what the model wrote, ``prose`` what of it is meant to be read (all of it when no
    part is marked). ``calls`` are to be dispatched; ``has_native_calls`` tells that the server
    made them, and of those in the text ``call_offsets`` says where each begins. ``tagged`` is
    the text as the text format reads it, its calls only as far as they are dispatched;
    ``parse_errors`` are calls that could not be read, ``violations`` breaches of its grammar.
    ``history_text`` is what the history keeps. ``interpreted_text`` is the answer to
    the user, else the prose within its limit; with the completion block when there was one.
    """

    text: str
    prose: str
    user_response: str | None
    done_body: str | None
    calls: tuple[ToolCallRequest, ...]
    call_offsets: tuple[int, ...]
    has_native_calls: bool
    tagged: TaggedReply
    parse_errors: tuple[str, ...]
    violations: tuple[str, ...]
    history_text: str
    interpreted_text: str
    is_prose_too_long: bool
    fallback: NativeFallback | None = None
