"""What a whole run sends to each of the APIs (loop 7.7 to 7.9)."""

import json
from typing import Any

import pytest

from harn_tui.config.loop_options import LoopOptions, TurnPolicy
from harn_tui.json_types import JsonObject
from harn_tui.kinds import LoopStatus
from tests.conformance.loop_driver import make_tool
from tests.conformance.loop_over_http import (
    APIS,
    APIS_WITH_CALL_IDS,
    HttpRun,
    items_of,
    run_over_http,
)
from tests.support.reply_script import Reply, ToolCall

LOOK = make_tool("look")
LOOKED = Reply.tools(ToolCall("look", {"path": "a"}), text="Looking.")
ANSWERED = Reply.text("It is there.")

on_every_api = pytest.mark.parametrize("api", APIS)
on_apis_with_call_ids = pytest.mark.parametrize("api", APIS_WITH_CALL_IDS)

FORCED = {
    "openai": "required",
    "openai-responses": "required",
    "anthropic": {"type": "any"},
    "ollama": None,
}


def call_ids(body: dict[str, Any]) -> list[str]:
    """Return the ids of the calls in a body, in order."""
    ids = []
    for item in items_of(body):
        ids += [call["id"] for call in item.get("tool_calls") or ()]
        ids += [item["call_id"]] if item.get("type") == "function_call" else []
        blocks = item.get("content") if isinstance(item.get("content"), list) else []
        ids += [block["id"] for block in blocks or () if block.get("type") == "tool_use"]
    return ids


def results(body: dict[str, Any]) -> list[tuple[str, str]]:
    """Return (call id, text) of the results in a body, in order."""
    found = []
    for item in items_of(body):
        if item.get("role") == "tool":
            found.append((item["tool_call_id"], item["content"]))
        if item.get("type") == "function_call_output":
            found.append((item["call_id"], item["output"]))
        blocks = item.get("content") if isinstance(item.get("content"), list) else []
        found += [
            (block["tool_use_id"], block["content"])
            for block in blocks or ()
            if block.get("type") == "tool_result"
        ]
    return found


def offered(body: dict[str, Any]) -> list[str]:
    tools = body.get("tools", [])
    return [tool.get("name") or tool["function"]["name"] for tool in tools]


@on_apis_with_call_ids
async def test_loop_7_8_a_run_of_two_tool_turns_answers_every_call_on_every_api(api: str) -> None:
    twice = Reply.tools(ToolCall("look", {"path": "b"}, "x1"), ToolCall("look", {"n": "2"}, "x2"))
    run = await run_over_http(api, [LOOKED, twice, ANSWERED], tools=(LOOK,))
    assert run.result.status is LoopStatus.DONE
    assert run.result.text == "Looking.\n\nIt is there."
    assert call_ids(run.bodies[2])[1:] == ["x1", "x2"]
    assert [call_id for call_id, _ in results(run.bodies[2])] == call_ids(run.bodies[2])
    texts = [text for _, text in results(run.bodies[2])]
    assert texts == ["look [('path', 'a')]", "look [('path', 'b')]", "look [('n', '2')]"]
    assert offered(run.bodies[0]) == offered(run.bodies[2]) == ["look"]
    assert {event.tool_call_id for event in run.of("tool_call")} == {
        f"tool-{call_id}" for call_id in call_ids(run.bodies[2])
    }


@on_every_api
async def test_loop_7_8_what_was_sent_once_is_sent_again_unchanged(api: str) -> None:
    """A server's cache holds a prefix: no later request may change what an earlier one said."""
    run = await run_over_http(api, [LOOKED, LOOKED, ANSWERED], tools=(LOOK,))
    bodies = [_without_cache_marks(items_of(body)) for body in run.bodies]
    for earlier, later in zip(bodies, bodies[1:], strict=False):
        assert later[: len(earlier)] == earlier
        assert len(later) > len(earlier)
    systems = {json.dumps(body.get("system", body.get("instructions"))) for body in run.bodies}
    assert len(systems) == 1


def _without_cache_marks(items: list[dict[str, Any]]) -> list[Any]:
    cleaned: list[Any] = json.loads(json.dumps(items))
    for item in cleaned:
        content = item.get("content")
        for block in content if isinstance(content, list) else ():
            block.pop("cache_control", None)
    return cleaned


def _must_act(**options: Any) -> LoopOptions:
    return LoopOptions(turn_policy=TurnPolicy(require_action_or_yield=True), **options)


@on_every_api
async def test_loop_10_23_a_tool_is_demanded_only_until_the_first_one_has_run(api: str) -> None:
    run = await run_over_http(
        api, [Reply.text("Well."), LOOKED, ANSWERED], tools=(LOOK,), options=_must_act()
    )
    assert [body.get("tool_choice") for body in run.bodies] == [FORCED[api], FORCED[api], None]
    assert run.result.status is LoopStatus.DONE
    assert 'kind=\\"action_required\\"' in json.dumps(run.bodies[1])


@on_every_api
async def test_loop_10_23_a_call_that_was_refused_has_not_run(api: str) -> None:
    unknown = Reply.tools(ToolCall("nowhere", {}))
    run = await run_over_http(api, [unknown, LOOKED, ANSWERED], tools=(LOOK,), options=_must_act())
    assert [body.get("tool_choice") for body in run.bodies] == [FORCED[api], FORCED[api], None]


@on_every_api
async def test_loop_7_7_a_chosen_tool_choice_holds_for_the_whole_run(api: str) -> None:
    run = await run_over_http(
        api, [LOOKED, ANSWERED], tools=(LOOK,), options=_must_act(tool_choice="auto")
    )
    choices = [body.get("tool_choice") for body in run.bodies]
    assert choices == [{"anthropic": {"type": "auto"}, "ollama": None}.get(api, "auto")] * 2


@on_every_api
async def test_loop_7_7_the_text_format_sends_neither_tools_nor_a_choice(api: str) -> None:
    options = _must_act(tool_format="text", tool_choice="required")
    run = await run_over_http(api, [Reply.text("Fine.")], tools=(LOOK,), options=options)
    assert not {"tools", "tool_choice"} & set(run.bodies[0])
    assert "look" in json.dumps(run.bodies[0])


@pytest.mark.parametrize(
    ("api", "model", "is_sent"),
    [
        ("openai", "m", True),
        ("openai-responses", "m", False),
        ("anthropic", "claude-3-5-haiku", True),
        ("anthropic", "claude-opus-4-7", False),
        ("ollama", "m", True),
    ],
)
async def test_loop_7_9_a_prefill_goes_out_with_the_first_request_alone(
    api: str, model: str, is_sent: bool
) -> None:
    run = await run_over_http(
        api,
        [LOOKED, ANSWERED],
        model=model,
        tools=(LOOK,),
        options=LoopOptions(prefill="Sure:"),
    )
    prefilled = [
        items_of(body)[-1] == {"role": "assistant", "content": "Sure:"} for body in run.bodies
    ]
    assert prefilled == [is_sent, False]
    expected = "Sure:Looking." if is_sent else "Looking."
    assert run.result.messages[1]["content"] == expected
    assert [event.level for event in run.of("notice")] == ([] if is_sent else ["warning"])


SCHEMA: JsonObject = {
    "type": "object",
    "properties": {"count": {"type": "integer"}},
    "required": ["count"],
}


def _json_form(api: str, body: dict[str, Any]) -> Any:
    if api == "ollama":
        return {"json": "json_object"}.get(str(body["format"]), "json_schema")
    if api == "openai":
        return body.get("response_format", {}).get("type")
    return body.get("text", {}).get("format", {}).get("type")


@on_every_api
@pytest.mark.parametrize(
    ("wanted", "form"),
    [({"response_format": "json"}, "json_object"), ({"output_schema": SCHEMA}, "json_schema")],
)
async def test_loop_7_structured_replies_are_asked_for_and_read(
    api: str, wanted: dict[str, Any], form: str
) -> None:
    reply = Reply.text('Here it is: {"count": 3}.')
    run = await run_over_http(api, [reply], options=LoopOptions(**wanted))
    assert _json_form(api, run.bodies[0]) == (None if api == "anthropic" else form)
    assert run.result.data == {"count": 3}
    assert run.result.as_json()["data"] == {"count": 3}


@on_every_api
async def test_loop_appendix_b_a_reply_that_breaks_the_schema_is_asked_for_again(api: str) -> None:
    replies = [Reply.text('{"count": "three"}'), Reply.text("None."), Reply.text('{"count": 3}')]
    run = await run_over_http(
        api, replies, options=LoopOptions(output_schema=SCHEMA, schema_retries=2)
    )
    assert run.result.data == {"count": 3}
    assert run.result.iterations == 1
    assert run.result.trace["schema_retries"] == 2
    last = items_of(run.bodies[2])
    assert [item["role"] for item in last] == ["user", "assistant", "user", "assistant", "user"]
    assert 'kind=\\"schema_retry\\"' in json.dumps(last[2])
    assert "count" in json.dumps(last[2])


@on_every_api
async def test_loop_appendix_b_after_the_last_schema_retry_the_run_ends_with_what_there_is(
    api: str,
) -> None:
    replies = [Reply.text('{"count": "three"}'), Reply.text('{"count": "four"}')]
    run = await run_over_http(
        api, replies, options=LoopOptions(output_schema=SCHEMA, schema_retries=1)
    )
    assert run.result.status is LoopStatus.DONE
    assert run.result.data == {"count": "four"}
    assert len(run.bodies) == 2


@on_every_api
async def test_loop_7_a_turn_with_calls_is_not_held_to_the_schema(api: str) -> None:
    replies = [LOOKED, Reply.text('{"count": 3}')]
    run = await run_over_http(
        api, replies, tools=(LOOK,), options=LoopOptions(output_schema=SCHEMA, schema_retries=1)
    )
    assert run.result.trace["schema_retries"] == 0
    assert run.result.data == {"count": 3}


LIMIT = {
    "openai": "max_tokens",
    "openai-responses": "max_output_tokens",
    "anthropic": "max_tokens",
    "ollama": "num_predict",
}


@on_every_api
async def test_loop_2_2_limits_and_temperature_reach_the_server(api: str) -> None:
    options = LoopOptions(max_tokens=77, temperature=0.5)
    run = await run_over_http(api, [ANSWERED], options=options, model="claude-3-5-haiku")
    limits = run.bodies[0].get("options", run.bodies[0])
    assert (limits[LIMIT[api]], limits["temperature"]) == (77, 0.5)


@on_apis_with_call_ids
async def test_loop_10_20_arguments_that_cannot_be_read_reach_the_server_as_a_valid_call(
    api: str,
) -> None:
    run = await run_over_http(
        api, [Reply.tools(ToolCall("look", '{"path": ', "c1")), ANSWERED], tools=(LOOK,)
    )
    assert run.of("tool_call_update")[-1].error_category == "schema_validation"
    assert call_ids(run.bodies[1]) == ["c1"]
    ((call_id, text),) = results(run.bodies[1])
    assert call_id == "c1"
    assert text


@on_apis_with_call_ids
async def test_loop_10_19_equal_ids_of_a_server_reach_it_as_different_ones(api: str) -> None:
    same = Reply.tools(ToolCall("look", {"n": "1"}, "c"), ToolCall("look", {"n": "2"}, "c"))
    run: HttpRun = await run_over_http(api, [same, ANSWERED], tools=(LOOK,))
    assert call_ids(run.bodies[1]) == ["c", "c-2"]
    assert [call_id for call_id, _ in results(run.bodies[1])] == ["c", "c-2"]


@on_every_api
async def test_loop_10_58_nothing_of_our_own_reaches_a_server(api: str) -> None:
    run = await run_over_http(api, [LOOKED, ANSWERED], tools=(LOOK,), options=_must_act())
    body = json.dumps(run.bodies)
    own_keys = {"feedback_id", "raw_arguments", "metadata", "tool_name", "interrupted"}
    for key in own_keys - ({"tool_name"} if api == "ollama" else set()):
        assert f'"{key}"' not in body


async def test_loop_7_13_json_in_the_answer_to_the_user_comes_before_prose() -> None:
    said = 'I count {"count": 1}.'
    reply = f'<assistant_prose>{said}</assistant_prose><user_response>{{"count": 2}}'
    run = await run_over_http(
        "openai",
        [Reply.text(f"{reply}</user_response>")],
        options=LoopOptions(output_schema=SCHEMA),
    )
    assert run.result.data == {"count": 2}
