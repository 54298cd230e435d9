"""What servers answer, as text for a model and details for people."""

import base64
import json

import pytest
from mcp_types import CallToolResult, GetPromptResult, ReadResourceResult

from harn_tui.json_types import JsonObject
from harn_tui.tools.mcp.host.content import call_answer, prompt_answer, resource_answer
from harn_tui.tools.mcp.host.hidden_values import HiddenValues
from harn_tui.tools.mcp.settings import McpServerSettings

NOTHING_HIDDEN = HiddenValues(McpServerSettings("x", ("x",)))
HIDDEN = HiddenValues(
    McpServerSettings(
        "x",
        url="http://me:url-secret-3@host/?key=url-secret-4",
        env={"X_TOKEN": "abc-secret-1", "MODE": "a-long-value"},
        headers={"X-Key": "Key def-secret-2"},
    )
)
PNG = base64.b64encode(b"x" * 3000).decode()


def answer(
    *blocks: JsonObject, hidden: HiddenValues = NOTHING_HIDDEN, **others: object
) -> JsonObject:
    result = CallToolResult.model_validate({"content": list(blocks), **others})
    return call_answer(result, hidden)


@pytest.mark.parametrize(
    ("block", "text"),
    [
        ({"type": "text", "text": "plain\ntext"}, "plain\ntext"),
        ({"type": "text", "text": "nul \x00 here"}, "nul \N{SYMBOL FOR NULL} here"),
        (
            {"type": "image", "data": PNG, "mimeType": "image/png"},
            "[image: image/png, 3,000 bytes, not shown]",
        ),
        (
            {"type": "audio", "data": "no base64!", "mimeType": "audio/wav"},
            "[audio: audio/wav, 7 bytes, not shown]",
        ),
        (
            {"type": "resource", "resource": {"uri": "file:///a", "text": "of a"}},
            "[resource file:///a]\nof a",
        ),
        (
            {"type": "resource", "resource": {"uri": "file:///b", "blob": PNG}},
            "[resource file:///b: binary, 3,000 bytes, not shown]",
        ),
        (
            {"type": "resource_link", "uri": "file:///c", "name": "c", "description": "of c"},
            "[resource file:///c (c): of c]",
        ),
    ],
)
def test_each_kind_of_content_becomes_text(block: JsonObject, text: str) -> None:
    assert answer(block) == {"text": text, "is_error": False, "details": {}}


def test_several_blocks_stand_below_each_other() -> None:
    blocks: list[JsonObject] = [{"type": "text", "text": text} for text in ("a", "b")]
    assert answer(*blocks, isError=True)["text"] == "a\nb"
    assert answer(*blocks, isError=True)["is_error"] is True


def test_an_empty_answer_says_that_there_was_none() -> None:
    assert answer()["text"] == "(no output)"


def test_structured_content_goes_into_the_details_and_stands_in_for_missing_text() -> None:
    structured = {"degrees": 21, "sky": "blue"}
    text: JsonObject = {"type": "text", "text": "21 degrees"}
    assert answer(text, structuredContent=structured) == {
        "text": "21 degrees",
        "is_error": False,
        "details": {"structured_content": structured},
    }
    assert json.loads(str(answer(structuredContent=structured)["text"])) == structured


def test_structured_content_that_is_too_large_is_only_measured() -> None:
    found = answer(structuredContent={"rows": ["x" * 100] * 1000})
    assert found["details"] == {"structured_content_bytes": 104_010}
    assert json.loads(str(found["text"])) == {"rows": ["x" * 100] * 1000}


def test_of_an_answer_beyond_what_is_passed_on_the_middle_is_cut() -> None:
    found = answer({"type": "text", "text": "x" * 5_000_000})
    text = str(found["text"])
    assert "bytes cut from the middle" in text
    assert 2_000_000 < len(text) < 2_100_000


def test_secrets_are_hidden_in_every_part() -> None:
    block: JsonObject = {
        "type": "text",
        "text": "abc-secret-1, def-secret-2, a-long-value, url-secret-3, url-secret-4",
    }
    structured = {"abc-secret-1": ["def-secret-2", 1], "deep": {"x": "Key def-secret-2"}}
    found = answer(block, hidden=HIDDEN, structuredContent=structured)
    assert found["text"] == "[redacted], [redacted], a-long-value, [redacted], [redacted]"
    assert found["details"] == {
        "structured_content": {"[redacted]": ["[redacted]", 1], "deep": {"x": "[redacted]"}}
    }


def test_a_resource_is_the_text_of_its_parts() -> None:
    contents = [{"uri": "a:b", "text": "abc-secret-1"}, {"uri": "a:c", "blob": PNG}]
    result = ReadResourceResult.model_validate({"contents": contents})
    assert resource_answer(result, HIDDEN) == {
        "text": "[redacted]\n[resource a:c: binary, 3,000 bytes, not shown]"
    }
    long = ReadResourceResult.model_validate({"contents": [{"uri": "a:b", "text": "é" * 500_000}]})
    assert len(str(resource_answer(long, HIDDEN)["text"])) < 40_000


def test_a_prompt_of_one_message_is_its_text_and_of_several_names_who_speaks() -> None:
    def prompt(*messages: tuple[str, str]) -> GetPromptResult:
        listed = [
            {"role": role, "content": {"type": "text", "text": text}} for role, text in messages
        ]
        return GetPromptResult.model_validate({"messages": listed})

    assert prompt_answer(prompt(("user", "Hi.")), NOTHING_HIDDEN) == {"text": "Hi."}
    both = prompt(("user", "Hi."), ("assistant", "Hello."))
    assert prompt_answer(both, NOTHING_HIDDEN) == {"text": "user: Hi.\nassistant: Hello."}
