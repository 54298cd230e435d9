"""Read neutral messages (docs/messages.md) on their way into a provider's own form."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from harn_tui.json_types import JsonObject
from harn_tui.providers.content_parts import (
    CallPart,
    ImagePart,
    Part,
    ResultPart,
    ShownPart,
    call_in,
    joined_text,
    parts_of,
    shown_parts,
)
from harn_tui.providers.wire_json import objects_of, text_of

_LOW_EFFORT_BELOW = 4096
_HIGH_EFFORT_FROM = 16384


@dataclass(frozen=True, slots=True)
class ReadMessage:
    """A message, whatever form its content had.

    ``role`` is ``user``, ``assistant``, ``tool``, or another that the message named. ``call_id``
    is that of the call which a ``tool`` message answers; ``tool_name`` is empty when the message
    did not tell it.
    """

    role: str
    parts: tuple[ShownPart, ...] = ()
    calls: tuple[CallPart, ...] = ()
    thinking_blocks: tuple[JsonObject, ...] = ()
    call_id: str = ""
    tool_name: str = ""

    @property
    def text(self) -> str:
        """What it says; images are only named."""
        return joined_text(self.parts)

    @property
    def says_something(self) -> bool:
        """Whether it has text, images or calls; some servers refuse empty assistant turns."""
        return bool(self.text or self.calls)


def read_messages(messages: Iterable[JsonObject]) -> list[ReadMessage]:
    """Return ``messages`` in order, each result of a tool as a message of its own."""
    return [read for message in messages for read in _read(message)]


def with_images_behind_results(messages: Iterable[JsonObject]) -> Iterator[ReadMessage]:
    """Yield ``messages`` as ``read_messages`` does, for servers whose results are text only.

    The images of results follow as the user's when all calls are answered.
    """
    held: list[ShownPart] = []
    for message in read_messages(messages):
        if message.role == "tool":
            held += [part for part in message.parts if isinstance(part, ImagePart)]
        elif held:
            yield ReadMessage("user", tuple(held))
            held = []
        yield message
    if held:
        yield ReadMessage("user", tuple(held))


def calls_of(message: JsonObject) -> Iterable[tuple[str, str, JsonObject]]:
    """Yield (id, name, arguments) of each call of an assistant message."""
    for value in objects_of(message.get("tool_calls")):
        call = call_in(value)
        yield call.id, call.name, call.arguments


def effort_for(thinking_budget_tokens: int) -> str:
    """Return the reasoning effort nearest to a budget in tokens."""
    if thinking_budget_tokens < _LOW_EFFORT_BELOW:
        return "low"
    return "high" if thinking_budget_tokens >= _HIGH_EFFORT_FROM else "medium"


def _read(message: JsonObject) -> list[ReadMessage]:
    role = text_of(message.get("role")) or "user"
    parts = parts_of(message.get("content"))
    results = [
        ReadMessage("tool", part.parts, call_id=part.call_id)
        for part in parts
        if isinstance(part, ResultPart)
    ]
    if role == "tool" and not results:
        call_id = text_of(message.get("tool_call_id"))
        tool_name = text_of(message.get("tool_name"))
        return [ReadMessage(role, shown_parts(parts), call_id=call_id, tool_name=tool_name)]
    said = ReadMessage(
        "user" if role == "tool" else role,
        shown_parts(parts),
        _calls(message, parts),
        tuple(objects_of(message.get("thinking_blocks"))),
    )
    if results and not said.says_something:
        return results
    # Results stand directly behind the calls that they answer, before what else was said.
    return [*results, said]


def _calls(message: JsonObject, parts: Iterable[Part]) -> tuple[CallPart, ...]:
    """Return each call once, also when a message holds it both as a block and beside them."""
    blocks = [part for part in parts if isinstance(part, CallPart)]
    known = {call.id for call in blocks if call.id}
    beside = [call_in(value) for value in objects_of(message.get("tool_calls"))]
    return (*blocks, *(call for call in beside if call.id not in known))
