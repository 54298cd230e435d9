"""What a recorded session is made of: a folder, the model's side, and what a person does."""

from collections.abc import Callable
from dataclasses import dataclass, field

from harn_tui.events.record import Event
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.session.handle import SessionHandle


@dataclass(frozen=True, slots=True)
class Act:
    """What a person does when ``when`` holds for an event, once, after the acts before it."""

    when: Callable[[Event], bool]
    do: Callable[[SessionHandle, Event], object]


@dataclass(frozen=True, slots=True)
class Scene:
    """One session to record.

    ``replies`` are entries of a script (docs/scripted_provider.md); ``requests`` start a run
    each, when the one before has ended. ``files`` are made in the folder first, by path.
    """

    name: str
    requests: tuple[str, ...]
    replies: tuple[JsonObject, ...]
    files: dict[str, str] = field(default_factory=dict)
    acts: tuple[Act, ...] = ()
    settings: tuple[str, ...] = ()


def says(text: str, *calls: JsonObject, thinking: str = "") -> JsonObject:
    """Return a reply of the model."""
    entry: JsonObject = {"text": text, "tool_calls": [*calls]}
    return entry | ({"thinking": thinking} if thinking else {})


def calls(tool: str, /, **arguments: JsonValue) -> JsonObject:
    """Return a tool call of a reply."""
    return {"name": tool, "arguments": dict(arguments)}
