"""What the next model call will send, by where it came from.

Sizes are estimates, a token for four characters, as the loop itself counts; what the provider
counted of the last request is kept beside them.
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import SUMMARY_KIND

CHARACTERS_PER_TOKEN = 4


class ContextSource(StrEnum):
    """Where a part of the context came from; the value is its name on the screen."""

    PERSON = "you"
    FEEDBACK = "feedback"
    REPLY = "replies"
    CALLS = "tool calls"
    RESULTS = "tool results"
    SUMMARY = "summaries"


@dataclass(frozen=True, slots=True)
class ContextPart:
    """One message's share of one source. ``label`` names the tool of a result."""

    source: ContextSource
    label: str
    characters: int


@dataclass(slots=True)
class Context:
    """The messages that the next call sends, in their order, as parts with their sizes.

    ``instruction_tokens`` estimates the system prompt; ``counted_tokens`` is what the provider
    counted of the last request and ``estimated_tokens`` what had been estimated for it; the three
    are ``None`` until the first call.
    """

    messages: list[tuple[ContextPart, ...]] = field(default_factory=list)
    characters: dict[tuple[ContextSource, str], int] = field(default_factory=dict)
    instruction_tokens: int | None = None
    counted_tokens: int | None = None
    estimated_tokens: int | None = None

    @property
    def message_tokens(self) -> int:
        """Estimated tokens of all messages."""
        return sum(self.characters.values()) // CHARACTERS_PER_TOKEN

    @property
    def uncounted_tokens(self) -> int:
        """What the provider counted over the estimate: descriptions of tools, mostly."""
        if self.counted_tokens is None or self.estimated_tokens is None:
            return 0
        return max(0, self.counted_tokens - self.estimated_tokens)

    def rows(self) -> list[tuple[ContextSource, str, int]]:
        """Return (source, label, estimated tokens), the largest first."""
        found = [
            (source, label, characters // CHARACTERS_PER_TOKEN)
            for (source, label), characters in self.characters.items()
        ]
        return sorted(found, key=lambda row: -row[2])

    def add(self, message: JsonObject) -> None:
        """Take a message as it enters the history."""
        self._insert(len(self.messages), message_parts(message))

    def archive(self, first: int, count: int) -> None:
        """Drop ``count`` messages from place ``first`` on: a compaction took their place."""
        end = first + count
        for parts in self.messages[first:end]:
            self._count(parts, sign=-1)
        del self.messages[first:end]

    def put_summary(self, place: int, message: JsonObject) -> None:
        """Put a compaction's summary where the messages stood that it stands for."""
        self._insert(place, message_parts(message))

    def copy(self) -> "Context":
        """Return a context of its own; the parts, which never change, are shared."""
        return replace(self, messages=list(self.messages), characters=dict(self.characters))

    def _insert(self, place: int, parts: tuple[ContextPart, ...]) -> None:
        self.messages.insert(place, parts)
        self._count(parts, sign=1)

    def _count(self, parts: tuple[ContextPart, ...], *, sign: int) -> None:
        for part in parts:
            key = (part.source, part.label)
            size = self.characters.get(key, 0) + sign * part.characters
            if size > 0:
                self.characters[key] = size
            else:
                self.characters.pop(key, None)


def message_parts(message: JsonObject) -> tuple[ContextPart, ...]:
    """Return the parts of one neutral message (docs/messages.md)."""
    content = _characters(message.get("content"))
    role = message.get("role")
    if role == "tool":
        return (ContextPart(ContextSource.RESULTS, str(message.get("tool_name", "")), content),)
    if role == "assistant":
        said = content + _characters(message.get("thinking_blocks"))
        calls = _characters(message.get("tool_calls"))
        reply = (ContextPart(ContextSource.REPLY, "", said),)
        return (*reply, ContextPart(ContextSource.CALLS, "", calls)) if calls else reply
    kind = message.get("kind")
    if kind == SUMMARY_KIND:
        return (ContextPart(ContextSource.SUMMARY, "", content),)
    source = ContextSource.PERSON if kind in {None, "user"} else ContextSource.FEEDBACK
    return (ContextPart(source, "", content),)


def _characters(value: JsonValue) -> int:
    """Return the characters of all texts in ``value``, names of members included."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(len(key) + _characters(member) for key, member in value.items())
    if isinstance(value, list):
        return sum(map(_characters, value))
    return 0 if value is None else len(str(value))
