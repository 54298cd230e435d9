"""What the demo knows: everything is read from the conversation, nothing is remembered."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

from harn_tui.json_types import JsonObject
from harn_tui.providers.base import CompletionRequest, ToolSchema
from harn_tui.providers.neutral_messages import calls_of
from harn_tui.providers.wire_json import text_of

_FEEDBACK = re.compile(
    r'<runtime_feedback kind="([^"]*)">\n?(.*?)\n?</runtime_feedback>', re.DOTALL
)
_RUNTIME_TAGS = ("<runtime_feedback", "<runtime_injection", "<tool_result>")
_DENIAL = re.compile(r"denied|declined|rejected|refused|not allowed|not permitted", re.I)
_DENIAL_WITHIN_CHARS = 300
# What these return may itself speak of denials.
_RETURN_FILE_TEXT = frozenset({"read_file", "search_files"})
_ENTRY_NAME = re.compile(r"[\w.+@-][\w.+@ -]*/?")
_COLUMN_GAP = re.compile(r"\t|\s{2,}")


@dataclass(frozen=True, slots=True)
class DemoCall:
    """A tool call that was made. ``result`` is ``None`` while nothing came back."""

    id: str
    name: str
    arguments: JsonObject
    result: str | None

    @property
    def was_denied(self) -> bool:
        """Whether the result reads like a refusal by a person or a policy."""
        start = (self.result or "")[:_DENIAL_WITHIN_CHARS]
        if self.name in _RETURN_FILE_TEXT:
            return start.startswith("{") and "permission_denied" in start
        return _DENIAL.search(start) is not None


@dataclass(frozen=True, slots=True)
class DemoScene:
    """The conversation as the demo sees it.

    ``request`` is the person's last request and ``request_number`` counts them from 1 (0 when there
    is none). ``calls``, ``steering`` and ``said`` (the demo's own texts) are those since the
    request; ``new_steering`` came since the demo last spoke. ``entries`` are the names in the
    folder, as the newest listing gave them. ``calls_before`` counts all calls ever made.
    """

    tools: dict[str, ToolSchema]
    request: str
    request_number: int
    calls: tuple[DemoCall, ...]
    steering: tuple[str, ...]
    new_steering: tuple[str, ...]
    said: tuple[str, ...]
    entries: tuple[str, ...]
    calls_before: int
    was_interrupted: bool

    def has_called(self, name: str) -> bool:
        """Whether the tool was called since the request."""
        return any(call.name == name for call in self.calls)

    def can_still_call(self, name: str) -> bool:
        """Whether the tool is offered and was not called since the request."""
        return name in self.tools and not self.has_called(name)

    def last_call(self, name: str) -> DemoCall | None:
        """Return the newest call of the tool since the request."""
        return next((call for call in reversed(self.calls) if call.name == name), None)


def read_scene(request: CompletionRequest) -> DemoScene:
    """Return the scene that the request's messages describe."""
    messages = request.messages
    start = _index_of_last_request(messages)
    since = messages[start + 1 :] if start is not None else messages
    before = messages[:start] if start is not None else ()
    after_last_word = since[_index_after_last_assistant(since) :]
    return DemoScene(
        tools={tool.name: tool for tool in request.tools},
        request="" if start is None else text_of(messages[start].get("content")).strip(),
        request_number=sum(_is_request(message) for message in messages),
        calls=_calls(since),
        steering=_steering(since),
        new_steering=_steering(after_last_word),
        said=tuple(text_of(message.get("content")) for message in since if _is_assistant(message)),
        entries=_entries(_calls(messages)),
        calls_before=len(_calls(messages)),
        was_interrupted=any(message.get("interrupted") is True for message in before[-3:]),
    )


def _is_assistant(message: JsonObject) -> bool:
    return message.get("role") == "assistant"


def _is_request(message: JsonObject) -> bool:
    """Whether a message is a person's own request rather than something of the runtime's."""
    if message.get("role") != "user":
        return False
    content = text_of(message.get("content")).lstrip()
    return bool(content) and not content.startswith(_RUNTIME_TAGS)


def _index_of_last_request(messages: Sequence[JsonObject]) -> int | None:
    for index in range(len(messages) - 1, -1, -1):
        if _is_request(messages[index]):
            return index
    return None


def _index_after_last_assistant(messages: Sequence[JsonObject]) -> int:
    for index in range(len(messages) - 1, -1, -1):
        if _is_assistant(messages[index]):
            return index + 1
    return 0


def _calls(messages: Sequence[JsonObject]) -> tuple[DemoCall, ...]:
    results = {
        text_of(message.get("tool_call_id")): text_of(message.get("content"))
        for message in messages
        if message.get("role") == "tool"
    }
    return tuple(
        DemoCall(call_id, name, arguments, results.get(call_id))
        for message in messages
        if _is_assistant(message)
        for call_id, name, arguments in calls_of(message)
    )


def _steering(messages: Sequence[JsonObject]) -> tuple[str, ...]:
    """Return the person's steered lines, unwrapped."""
    return tuple(
        html.unescape(content).strip()
        for message in messages
        if message.get("role") == "user"
        for kind, content in _FEEDBACK.findall(text_of(message.get("content")))
        if kind == "user"
    )


def _entries(calls: Sequence[DemoCall]) -> tuple[str, ...]:
    for call in reversed(calls):
        if call.name == "list_directory" and call.result and not call.was_denied:
            return tuple(_entry_names(call.result))
    return ()


def _entry_names(listing: str) -> list[str]:
    """Return the names in a listing that has one entry a line, maybe with columns after it."""
    names: list[str] = []
    for line in listing.split("\n"):
        name = _COLUMN_GAP.split(line.strip(), maxsplit=1)[0]
        if _ENTRY_NAME.fullmatch(name):
            names.append(name)
    return names
