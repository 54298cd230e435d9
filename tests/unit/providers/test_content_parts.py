"""Content that is a list of blocks, as imported sessions bring it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.providers.anthropic_request import anthropic_body
from harn_tui.providers.base import CompletionRequest, TextDelta
from harn_tui.providers.content_parts import (
    ImagePart,
    TextPart,
    joined_text,
    parts_of,
    shown_parts,
    text_only,
)
from harn_tui.providers.demo import DemoProvider
from harn_tui.providers.openai_chat_request import chat_body
from harn_tui.providers.openai_responses_request import responses_body
from tests.unit.providers.wire import request_of

PNG = "iVBORw0KGgo="
TEXT: JsonObject = {"type": "text", "text": "Look at this."}
IMAGE: JsonObject = {
    "type": "image",
    "source": {"type": "base64", "media_type": "image/png", "data": PNG},
}
BY_URL: JsonObject = {"type": "image_url", "image_url": {"url": "https://x.test/a.png"}}


def asked(*blocks: JsonValue, role: str = "user") -> CompletionRequest:
    return request_of({"role": role, "content": list(blocks)})


def bare(body: JsonObject) -> JsonValue:
    """The messages of an Anthropic body without its marks for the cache."""
    text = json.dumps(body["messages"])
    messages: JsonValue = json.loads(text.replace(', "cache_control": {"type": "ephemeral"}', ""))
    return messages


@pytest.mark.parametrize(
    ("block", "part"),
    [
        ({"type": "input_text", "text": "a"}, TextPart("a")),
        ({"type": "output_text", "text": "a", "visibility": "public"}, TextPart("a")),
        ({"type": "refusal", "refusal": "no"}, TextPart("no")),
        ("a", TextPart("a")),
        (IMAGE, ImagePart("image/png", PNG)),
        ({"type": "image", "media_type": "image/png", "data": PNG}, ImagePart("image/png", PNG)),
        ({"type": "image", "mimeType": "image/png", "data": PNG}, ImagePart("image/png", PNG)),
        (
            {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}},
            ImagePart("image/png", PNG),
        ),
        (
            {"type": "input_image", "image_url": "https://x.test/a.png"},
            ImagePart(url="https://x.test/a.png"),
        ),
        (
            {"type": "image", "source": {"type": "url", "url": "https://x.test/a.png"}},
            ImagePart(url="https://x.test/a.png"),
        ),
    ],
)
def test_a_block_is_read_in_every_known_form(block: JsonValue, part: TextPart | ImagePart) -> None:
    assert parts_of([block]) == (part,)


@pytest.mark.parametrize(
    "block",
    [
        {"type": "document", "title": "report"},
        {"type": "image", "source": {"type": "file", "file_id": "report"}},
        {"no": "type", "report": 1},
        ["report"],
    ],
)
def test_a_block_of_an_unknown_kind_becomes_text_rather_than_nothing(block: JsonValue) -> None:
    (part,) = parts_of([block])
    assert isinstance(part, TextPart)
    assert "report" in part.text


def test_an_unknown_block_of_any_size_takes_little_room() -> None:
    (part,) = parts_of([{"type": "document", "data": "x" * 100_000}])
    assert isinstance(part, TextPart)
    assert len(part.text) < 2100
    assert "100032 characters" in part.text


@pytest.mark.parametrize("kind", ["thinking", "redacted_thinking", "reasoning"])
def test_loop_10_22_foreign_reasoning_never_becomes_text(kind: str) -> None:
    assert parts_of([{"type": kind, "thinking": "secret", "text": "secret"}]) == ()


@pytest.mark.parametrize("content", [None, "", [], [""], [{"type": "text", "text": ""}]])
def test_content_that_says_nothing_has_no_parts(content: JsonValue) -> None:
    assert parts_of(content) == ()


def test_texts_are_joined_by_line_and_images_are_named() -> None:
    assert joined_text(shown_parts(parts_of([TEXT, IMAGE, BY_URL]))) == (
        "Look at this.\n[image: image/png]\n[image: from a URL]"
    )


# Requests -------------------------------------------------------------------------------------


def test_loop_10_12_a_list_of_text_and_images_reaches_chat_completions() -> None:
    assert chat_body(asked(TEXT, IMAGE, BY_URL), is_official=False)["messages"] == [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "Look at this."},
                {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}},
                {"type": "image_url", "image_url": {"url": "https://x.test/a.png"}},
            ],
        }
    ]


def test_loop_10_12_a_list_of_text_and_images_reaches_responses() -> None:
    assert responses_body(asked(TEXT, IMAGE))["input"] == [
        {
            "type": "message",
            "role": "user",
            "content": [
                {"type": "input_text", "text": "Look at this."},
                {"type": "input_image", "image_url": f"data:image/png;base64,{PNG}"},
            ],
        }
    ]


def test_loop_10_12_a_list_of_text_and_images_reaches_anthropic() -> None:
    assert bare(anthropic_body(asked(TEXT, IMAGE, BY_URL))) == [
        {
            "role": "user",
            "content": [
                TEXT,
                IMAGE,
                {"type": "image", "source": {"type": "url", "url": "https://x.test/a.png"}},
            ],
        }
    ]


def test_texts_alone_stay_a_plain_string_for_simple_servers() -> None:
    body = chat_body(asked("one", {"type": "text", "text": "two"}), is_official=False)
    assert body["messages"] == [{"role": "user", "content": "one\ntwo"}]


def conversation() -> CompletionRequest:
    """A turn as Anthropic writes it: calls and results are blocks within the content."""
    return request_of(
        {"role": "user", "content": "Hi"},
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "hm", "signature": "foreign"},
                {"type": "text", "text": "Looking."},
                {"type": "tool_use", "id": "t1", "name": "look", "input": {"path": "a"}},
                {"type": "tool_use", "id": "t2", "name": "look", "input": {"path": "b"}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "Be quick."},
                {"type": "tool_result", "tool_use_id": "t1", "content": [TEXT, IMAGE]},
                {"type": "tool_result", "tool_use_id": "t2", "content": "plain"},
            ],
        },
    )


def test_calls_and_results_within_the_content_take_the_form_of_chat_completions() -> None:
    messages = chat_body(conversation(), is_official=False)["messages"]
    assert isinstance(messages, list)
    assert messages[1:] == [
        {
            "role": "assistant",
            "content": "Looking.",
            "tool_calls": [
                {
                    "id": call_id,
                    "type": "function",
                    "function": {"name": "look", "arguments": json.dumps({"path": path})},
                }
                for call_id, path in (("t1", "a"), ("t2", "b"))
            ],
        },
        {"role": "tool", "tool_call_id": "t1", "content": "Look at this.\n[image: image/png]"},
        {"role": "tool", "tool_call_id": "t2", "content": "plain"},
        {
            "role": "user",
            "content": [
                {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}}
            ],
        },
        {"role": "user", "content": "Be quick."},
    ]


def test_calls_and_results_within_the_content_take_the_form_of_responses() -> None:
    items = responses_body(conversation())["input"]
    assert isinstance(items, list)
    kinds = [(item["type"], item.get("call_id")) for item in items if isinstance(item, dict)]
    assert kinds == [
        ("message", None),
        ("message", None),
        ("function_call", "t1"),
        ("function_call", "t2"),
        ("function_call_output", "t1"),
        ("function_call_output", "t2"),
        ("message", None),
        ("message", None),
    ]
    assert json.dumps(items).count(PNG) == 1


def test_calls_and_results_within_the_content_keep_the_form_of_anthropic() -> None:
    messages = bare(anthropic_body(conversation()))
    assert isinstance(messages, list)
    assert messages[1:] == [
        {
            "role": "assistant",
            "content": [
                {"type": "text", "text": "Looking."},
                {"type": "tool_use", "id": "t1", "name": "look", "input": {"path": "a"}},
                {"type": "tool_use", "id": "t2", "name": "look", "input": {"path": "b"}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "t1", "content": [TEXT, IMAGE]},
                {"type": "tool_result", "tool_use_id": "t2", "content": "plain"},
                {"type": "text", "text": "Be quick."},
            ],
        },
    ]


def test_calls_in_openais_own_form_are_read_and_none_goes_out_twice() -> None:
    function: JsonObject = {"name": "look", "arguments": '{"path": "a"}'}
    request = request_of(
        {
            "role": "assistant",
            "content": [{"type": "tool_use", "id": "t1", "name": "look", "input": {"path": "a"}}],
            "tool_calls": [
                {"id": "t1", "type": "function", "function": function},
                {"id": "t2", "type": "function", "function": {**function, "arguments": "{"}},
            ],
        }
    )
    (message,) = json.loads(json.dumps(anthropic_body(request)["messages"]))
    assert [(block["id"], block["input"]) for block in message["content"]] == [
        ("t1", {"path": "a"}),
        ("t2", {}),
    ]


def test_a_tool_message_may_hold_blocks_too() -> None:
    result: JsonObject = {"role": "tool", "tool_call_id": "t1", "content": [TEXT, TEXT]}
    messages = chat_body(request_of(result), is_official=False)["messages"]
    assert messages == [
        {"role": "tool", "tool_call_id": "t1", "content": "Look at this.\nLook at this."}
    ]


async def test_the_demo_reads_a_list_like_plain_text() -> None:
    texts = []
    listed: list[JsonValue] = [{"type": "text", "text": "Hello there"}]
    contents: tuple[JsonValue, ...] = ("Hello there", listed)
    for content in contents:
        said: list[str] = []
        request = request_of({"role": "user", "content": content})
        await DemoProvider(pace_s=0).complete(
            request,
            lambda delta, said=said: (
                said.append(delta.text)  # type: ignore[misc]
                if isinstance(delta, TextDelta)
                else None
            ),
        )
        texts.append("".join(said))
    assert texts[0] == texts[1] != ""


def test_text_only_leaves_plain_messages_as_they_are() -> None:
    plain: JsonObject = {"role": "user", "content": "x"}
    listed: JsonObject = {"role": "user", "content": [TEXT], "kind": "user"}
    first, second = text_only([plain, listed])
    assert first is plain
    assert second == {"role": "user", "content": "Look at this.", "kind": "user"}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "text", "source", "data", "content", "id", "name", "url"])
            | st.text(max_size=3),
            inner | st.sampled_from(["text", "image", "tool_use", "tool_result"]),
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.sampled_from(["user", "assistant", "tool", "system"]), json_values, json_values)
def test_no_content_whatever_breaks_a_request(
    role: str, content: JsonValue, calls: JsonValue
) -> None:
    request = request_of({"role": role, "content": content, "tool_calls": calls})
    before = json.dumps(request.messages)
    for body in (
        chat_body(request, is_official=False),
        responses_body(request),
        anthropic_body(request),
    ):
        json.dumps(body)
    assert json.dumps(request.messages) == before
