"""Read what a message holds: text, images, calls and results, in any of the known forms.

Our own messages hold plain text. Sessions that were imported, and programs that embed the loop,
bring lists of blocks in the forms of Anthropic, OpenAI and MCP (docs/messages.md).
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.providers.wire_json import object_of, text_of

_TEXT_KEYS: Final = {
    "text": "text",
    "input_text": "text",
    "output_text": "text",
    "refusal": "refusal",
}
_CALL_TYPES: Final = frozenset({"tool_use", "tool_call", "function_call"})
_RESULT_TYPES: Final = frozenset({"tool_result", "function_call_output"})
_REASONING_TYPES: Final = frozenset({"thinking", "redacted_thinking", "reasoning"})
_IMAGE_TYPES: Final = frozenset({"image", "image_url", "input_image"})
_DATA_URL: Final = re.compile(r"data:([\w.+-]+/[\w.+-]+);base64,(.*)", re.DOTALL)
_MOST_CHARS_OF_UNKNOWN: Final = 2000


@dataclass(frozen=True, slots=True)
class TextPart:
    """Some text."""

    text: str


@dataclass(frozen=True, slots=True)
class ImagePart:
    """An image: ``data`` in base64 with its ``media_type``, or the ``url`` of one."""

    media_type: str = ""
    data: str = ""
    url: str = ""

    @property
    def address(self) -> str:
        """The URL, made of the data itself when the image came as data."""
        return self.url or f"data:{self.media_type};base64,{self.data}"

    @property
    def stand_in(self) -> str:
        """What to say where a server takes no image."""
        return f"[image: {self.media_type or 'from a URL'}]"


@dataclass(frozen=True, slots=True)
class CallPart:
    """A tool call. ``arguments`` is an empty object when they could not be read."""

    id: str
    name: str
    arguments: JsonObject


@dataclass(frozen=True, slots=True)
class ResultPart:
    """What a tool call gave."""

    call_id: str
    parts: "tuple[TextPart | ImagePart, ...]"


Part: TypeAlias = TextPart | ImagePart | CallPart | ResultPart
ShownPart: TypeAlias = TextPart | ImagePart


def parts_of(content: JsonValue) -> tuple[Part, ...]:
    """Return the parts of a message's ``content``; none for an empty one.

    A block of an unknown type becomes text that describes it. Reasoning alone is left out: it is
    private, and sealed for the model and the conversation that it was written in.
    """
    if content is None or content in ("", [], {}):
        return ()
    if isinstance(content, list):
        return tuple(part for item in content for part in _parts_of_item(item))
    return tuple(_parts_of_item(content))


def shown_parts(parts: Iterable[Part]) -> tuple[ShownPart, ...]:
    """Return the text and the images among ``parts``."""
    return tuple(part for part in parts if isinstance(part, TextPart | ImagePart))


def joined_text(parts: Iterable[ShownPart]) -> str:
    """Return ``parts`` as one text, a line break between two of them, images named only."""
    return "\n".join(part.text if isinstance(part, TextPart) else part.stand_in for part in parts)


def text_only(messages: Iterable[JsonObject]) -> tuple[JsonObject, ...]:
    """Return ``messages`` with plain text for the content of each."""
    return tuple(
        message
        if isinstance(message.get("content"), str)
        else {**message, "content": joined_text(shown_parts(parts_of(message.get("content"))))}
        for message in messages
    )


def call_in(value: JsonObject) -> CallPart:
    """Return the call that ``value`` describes: neutral, a block, or OpenAI's form."""
    function = object_of(value.get("function"))
    arguments = next(
        (
            holder[key]
            for holder, key in ((value, "arguments"), (value, "input"), (function, "arguments"))
            if key in holder
        ),
        None,
    )
    return CallPart(
        id=text_of(value.get("call_id")) or text_of(value.get("id")),
        name=text_of(value.get("name")) or text_of(function.get("name")),
        arguments=_arguments(arguments),
    )


def _parts_of_item(item: JsonValue) -> list[Part]:
    if isinstance(item, str):
        return [TextPart(item)] if item else []
    if not isinstance(item, dict):
        return [TextPart(json.dumps(item, ensure_ascii=False))]
    kind = text_of(item.get("type"))
    text = item.get(_TEXT_KEYS.get(kind, ""))
    if isinstance(text, str):
        return [TextPart(text)] if text else []
    if kind in _CALL_TYPES:
        return [call_in(item)]
    if kind in _RESULT_TYPES:
        return [_result(item)]
    if kind in _REASONING_TYPES:
        return []
    image = _image(item) if kind in _IMAGE_TYPES else None
    return [image or TextPart(_described(item))]


def _result(block: JsonObject) -> ResultPart:
    held = block.get("content", block.get("output"))
    call_id = text_of(block.get("tool_use_id")) or text_of(block.get("call_id"))
    return ResultPart(call_id, shown_parts(parts_of(held)))


def _image(block: JsonObject) -> ImagePart | None:
    """Return the image of a block, ``None`` when it holds none that could be sent."""
    source = object_of(block.get("source")) or block
    data = text_of(source.get("data"))
    media_type = text_of(source.get("media_type")) or text_of(source.get("mimeType"))
    if data and media_type:
        return ImagePart(media_type, data)
    address = block.get("image_url", source.get("url"))
    url = text_of(object_of(address).get("url")) or text_of(address)
    held = _DATA_URL.fullmatch(url)
    if held is not None:
        return ImagePart(held[1], held[2])
    return ImagePart(url=url) if url.startswith(("https://", "http://")) else None


def _arguments(value: JsonValue) -> JsonObject:
    if not isinstance(value, str):
        return object_of(value)
    try:
        return object_of(json.loads(value, strict=False))
    except (ValueError, RecursionError):
        return {}


def _described(block: JsonObject) -> str:
    text = json.dumps(block, ensure_ascii=False)
    if len(text) <= _MOST_CHARS_OF_UNKNOWN:
        return text
    return text[:_MOST_CHARS_OF_UNKNOWN] + f"… ({len(text)} characters in all)"
