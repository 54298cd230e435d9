"""Messages sent back to the model after a turn with calls, as they go out (tools 4.12)."""

import json
from typing import Any

import pytest

from harn_tui.config.loop_options import LoopOptions
from harn_tui.permissions.rules import PermissionRules
from tests.conformance.loop_driver import make_tool
from tests.conformance.loop_over_http import APIS, items_of, run_over_http
from tests.support.reply_script import Reply, ToolCall

LOOK = make_tool("look")
CALLS = (ToolCall("look", {"path": "a"}, "c1"), ToolCall("look", {"n": "2"}, "c2"))
RESULTS = ("look [('path', 'a')]", "look [('n', '2')]")


async def after_calls(api: str, text: str = "", *calls: ToolCall, **others: Any) -> list[Any]:
    """Return what the request after a turn with calls holds of that turn and its results."""
    replies = [Reply.tools(*(calls or CALLS), text=text), Reply.text("Done.")]
    run = await run_over_http(api, replies, tools=(LOOK,), **others)
    return items_of(run.bodies[1])[1:]


async def test_tools_4_12_openai_style_content_is_empty_text_and_arguments_are_json_text() -> None:
    turn, *results = await after_calls("openai")
    assert turn == {
        "role": "assistant",
        "content": "",
        "tool_calls": [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": "look", "arguments": json.dumps(call.arguments)},
            }
            for call in CALLS
        ],
    }
    assert results == [
        {"role": "tool", "tool_call_id": call.id, "content": text}
        for call, text in zip(CALLS, RESULTS, strict=True)
    ]


async def test_tools_4_12_openai_style_keeps_the_text_beside_the_calls() -> None:
    turn, *_ = await after_calls("openai", "Looking.")
    assert turn["content"] == "Looking."
    assert [call["id"] for call in turn["tool_calls"]] == ["c1", "c2"]


async def test_tools_4_12_ollama_style_has_objects_no_ids_and_no_empty_content() -> None:
    turn, *results = await after_calls("ollama")
    assert turn == {
        "role": "assistant",
        "tool_calls": [
            {
                "type": "function",
                "function": {"index": index, "name": "look", "arguments": call.arguments},
            }
            for index, call in enumerate(CALLS)
        ],
    }
    assert results == [{"role": "tool", "tool_name": "look", "content": text} for text in RESULTS]


async def test_tools_4_12_ollama_style_keeps_the_text_beside_the_calls() -> None:
    turn, *_ = await after_calls("ollama", "Looking.")
    assert turn["content"] == "Looking."


async def test_tools_4_12_anthropic_style_has_blocks_and_results_in_the_users_name() -> None:
    turn, *results = await after_calls("anthropic", "Looking.")
    assert turn == {
        "role": "assistant",
        "content": [
            {"type": "text", "text": "Looking."},
            *(
                {"type": "tool_use", "id": call.id, "name": "look", "input": call.arguments}
                for call in CALLS
            ),
        ],
    }
    assert {message["role"] for message in results} == {"user"}
    blocks = [block for message in results for block in message["content"]]
    assert [(one["type"], one["tool_use_id"], one["content"]) for one in blocks] == [
        ("tool_result", call.id, text) for call, text in zip(CALLS, RESULTS, strict=True)
    ]


async def test_tools_4_12_anthropic_style_has_no_text_block_without_text() -> None:
    turn, *_ = await after_calls("anthropic")
    assert [block["type"] for block in turn["content"]] == ["tool_use", "tool_use"]


async def test_tools_4_12_responses_has_items_for_calls_and_for_their_outputs() -> None:
    said, *items = await after_calls("openai-responses", "Looking.")
    assert said["content"][0]["text"] == "Looking."
    assert items == [
        *(
            {
                "type": "function_call",
                "call_id": call.id,
                "name": "look",
                "arguments": json.dumps(call.arguments),
            }
            for call in CALLS
        ),
        *(
            {"type": "function_call_output", "call_id": call.id, "output": text}
            for call, text in zip(CALLS, RESULTS, strict=True)
        ),
    ]


@pytest.mark.parametrize("api", APIS)
async def test_tools_4_12_any_other_format_has_one_text_for_the_turn_and_one_for_results(
    api: str,
) -> None:
    written = ('look({ path: "a" })', 'look({ n: "2" })')
    called = "\n".join(f"<tool_call>\n{call}\n</tool_call>" for call in written)
    run = await run_over_http(
        api,
        [Reply.text(called), Reply.text("Done.")],
        tools=(LOOK,),
        options=LoopOptions(tool_format="text"),
    )
    turn, results = items_of(run.bodies[1])[1:]
    assert turn["role"] == "assistant"
    assert "tool_calls" not in turn
    shown = _text(turn)
    assert shown.count("<tool_call>") == 2
    assert results["role"] == "user"
    told = _text(results)
    assert told.startswith('<runtime_feedback kind="tool_results">')
    blocks = [f"[result of look]\n{text}\n[end of look result]" for text in RESULTS]
    assert told.index(blocks[0]) < told.index(blocks[1])


def _text(message: dict[str, Any]) -> str:
    content = message["content"]
    return content if isinstance(content, str) else "".join(part["text"] for part in content)


@pytest.mark.parametrize("api", APIS)
async def test_tools_4_12_calls_that_did_not_run_are_answered_too(api: str) -> None:
    calls = (
        ToolCall("look", '{"path": ', "malformed"),
        ToolCall("nowhere", {}, "unknown"),
        ToolCall("look", {"path": "b"}, "fine"),
    )
    items = await after_calls(api, "", *calls)
    assert _answers(items) == 3
    denied = await after_calls(api, permissions=PermissionRules.parse({"deny": ["look"]}))
    assert _answers(denied) == 2
    assert RESULTS[0] not in json.dumps(denied)


@pytest.mark.parametrize("api", APIS)
async def test_tools_4_12_a_call_that_the_loop_check_skips_is_answered_too(api: str) -> None:
    same = Reply.tools(ToolCall("look", {"path": "a"}))
    options = LoopOptions(loop_detect_warn=0, loop_detect_block=0, loop_detect_skip=2)
    run = await run_over_http(
        api, [*[same] * 4, Reply.text("Done.")], tools=(LOOK,), options=options
    )
    assert _answers(items_of(run.bodies[-1])) == 4


def _answers(items: list[Any]) -> int:
    """Return how many results there are."""
    text = json.dumps(items)
    forms = ('"role": "tool"', '"type": "function_call_output"', '"type": "tool_result"')
    return sum(text.count(form) for form in forms)
