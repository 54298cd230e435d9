"""What a run makes of its replies: figures, calls in the text, the text format (loop 7.4 on)."""

from typing import Any

import pytest

from harn_tui.config.loop_options import LoopOptions
from harn_tui.json_types import JsonObject
from harn_tui.kinds import LoopStatus, ToolCallStatus, ToolErrorCategory
from harn_tui.providers.base import ModelFacts
from harn_tui.tagged_text.canonical import render_call_block
from tests.conformance.loop_driver import make_tool
from tests.conformance.loop_over_http import APIS, HttpRun, items_of, run_over_http
from tests.support.reply_script import Reply, ToolCall

LOOK = make_tool("look")
PRICES = ModelFacts(input_price=10, output_price=20, cache_read_price=1, cache_write_price=12.5)

on_every_api = pytest.mark.parametrize("api", APIS)


def transcript_events(run: HttpRun, kind: str) -> list[JsonObject]:
    events: Any = run.result.transcript["events"]
    return [event for event in events if event["kind"] == kind]


# Figures


@pytest.mark.parametrize("api", sorted({*APIS} - {"ollama"}))
async def test_loop_7_11_cached_tokens_have_prices_of_their_own(api: str) -> None:
    reply = Reply.text("hi").using(1000, 100).caching(600, 200)
    run = await run_over_http(api, [reply], model_facts=PRICES)
    cost = (200 * 10 + 600 * 1 + 200 * 12.5 + 100 * 20) / 1_000_000
    usage = {
        "input_tokens": 1000,
        "output_tokens": 100,
        "cache_read_tokens": 600,
        "cache_write_tokens": 200,
    }
    (call,) = run.of("llm_call_end")
    assert call.usage == usage
    assert call.cost_usd == pytest.approx(cost)
    (end,) = run.of("loop_end")
    assert end.usage == {**usage, "cost_usd": pytest.approx(cost)}
    llm: Any = run.result.as_json()["llm"]
    assert (llm["input_tokens"], llm["output_tokens"]) == (1000, 100)
    assert llm["cost_usd"] == pytest.approx(cost)


@on_every_api
async def test_loop_7_11_a_reply_without_usage_makes_no_figures_up(api: str) -> None:
    run = await run_over_http(api, [Reply.text("hi").without_usage()], model_facts=PRICES)
    (call,) = run.of("llm_call_end")
    assert (call.usage, call.cost_usd) == ({}, None)
    assert run.result.usage.input_tokens == 0


@on_every_api
async def test_loop_10_8_the_figures_of_a_run_are_the_sum_of_its_calls(api: str) -> None:
    replies = [
        Reply.tools(ToolCall("look", {"n": "1"})).using(100, 10),
        Reply.failure(503, "busy"),
        Reply.text("done").using(200, 20),
    ]
    run = await run_over_http(api, replies, tools=(LOOK,), model_facts=PRICES)
    assert (run.result.usage.input_tokens, run.result.usage.output_tokens) == (300, 30)
    assert run.result.cost_usd == pytest.approx((300 * 10 + 30 * 20) / 1_000_000)
    trace = run.result.trace
    assert (trace["total_input_tokens"], trace["total_output_tokens"]) == (300, 30)
    assert trace["llm_calls"] == 2


CUT = {
    "openai": "length",
    "openai-responses": "max_output_tokens",
    "anthropic": "max_tokens",
    "ollama": "length",
}


@on_every_api
async def test_a_reply_that_was_cut_by_its_limit_says_so_in_one_word_for_all_apis(api: str) -> None:
    run = await run_over_http(api, [Reply.text("and so").finishing(CUT[api])])
    assert run.of("llm_call_end")[0].stop_reason == "length"


# Calls that a native model writes as text


def _written(number: int) -> str:
    return f'I call it.\n<tool_call>\nlook({{"n": "{number}"}})\n</tool_call>'


async def _native(policy: str, *texts: str) -> HttpRun:
    options = LoopOptions(native_tool_fallback=policy, persistent=True, max_iterations=len(texts))
    replies = [Reply.text(text) for text in texts]
    return await run_over_http("openai", replies, tools=(LOOK,), options=options)


async def test_loop_7_5_allow_runs_calls_in_the_text_as_if_the_server_had_made_them() -> None:
    run = await _native("allow", _written(1), _written(2), "##DONE##")
    assert run.result.status is LoopStatus.DONE
    assert run.result.tool_calls == ("look", "look")
    called, answered = run.result.messages[1:3]
    assert called["content"] == "I call it."
    assert [call["name"] for call in called["tool_calls"]] == ["look"]  # type: ignore[union-attr,call-overload,index]
    assert answered["content"] == "look [('n', '1')]"
    assert run.result.trace["native_text_tool_fallbacks"] == 2
    assert run.result.trace["native_text_tool_fallback_rejections"] == 0


async def test_loop_7_5_each_fallback_is_noted_with_its_policy_and_place() -> None:
    run = await _native("allow_once", _written(1), _written(2))
    metadata = [event["metadata"] for event in transcript_events(run, "native_tool_fallback")]
    assert metadata == [
        {
            "accepted": accepted,
            "policy": "allow_once",
            "fallback_index": index,
            "tool_call_count": 1,
            "tool_parse_error_count": 0,
        }
        for index, accepted in ((1, True), (2, False))
    ]


async def test_loop_7_5_allow_once_runs_the_first_and_explains_why_not_the_second() -> None:
    run = await _native("allow_once", _written(1), _written(2), "##DONE##")
    assert run.result.tool_calls == ("look",)
    refused, told, nudged = items_of(run.bodies[2])[-3:]
    assert refused == {"role": "assistant", "content": _written(2)}
    assert 'kind="native_tool_contract"' in told["content"]
    assert "allow_once" in told["content"]
    assert 'kind="nudge"' in nudged["content"]


async def test_loop_7_5_reject_runs_none_and_the_turn_counts_as_talk() -> None:
    options = LoopOptions(native_tool_fallback="reject", persistent=True, max_nudges=1)
    replies = [Reply.text(_written(1)), Reply.text(_written(2))]
    run = await run_over_http("openai", replies, tools=(LOOK,), options=options)
    assert run.result.status is LoopStatus.STUCK
    assert run.result.tool_calls == ()
    assert run.result.trace["native_text_tool_fallback_rejections"] == 2
    assert run.of("tool_call") == []


async def test_loop_7_5_calls_of_the_server_are_no_fallback_whatever_the_text_says() -> None:
    reply = Reply.tools(ToolCall("look", {"n": "real"}), text=_written(1))
    run = await run_over_http("openai", [reply, Reply.text("done")], tools=(LOOK,))
    assert run.result.tool_calls == ("look",)
    assert run.result.trace["native_text_tool_fallbacks"] == 0
    assert run.result.messages[2]["content"] == "look [('n', 'real')]"


async def test_loop_10_19_calls_taken_from_the_text_have_ids_of_their_own() -> None:
    twice = Reply.text(f"{_written(1)}\n{_written(2)}")
    run = await run_over_http("openai", [twice, Reply.text("done")], tools=(LOOK,))
    results = [m["tool_call_id"] for m in run.result.messages if m["role"] == "tool"]
    assert len(set(results)) == 2
    assert len({event.tool_call_id for event in run.of("tool_call")}) == 2


# The text format


def _letters(text: str) -> Reply:
    """Return a reply that streams ``text`` letter by letter."""
    return Reply(tokens=tuple(text))


async def _text(*texts: str, **options: Any) -> HttpRun:
    replies = [_letters(text) for text in texts]
    return await run_over_http(
        "openai", replies, tools=(LOOK,), options=LoopOptions(tool_format="text", **options)
    )


TWO_CALLS = (
    "stray words\n"
    "<assistant_prose>\nI look at both.\n</assistant_prose>\n"
    '<tool_call>look({"n": "1"})</tool_call>\n'
    "<tool_call>\nlook({ n: '2' })\n</tool_call>\n"
)


async def test_loop_7_6_the_history_has_the_canonical_form_of_a_reply() -> None:
    run = await _text(TWO_CALLS, "<assistant_prose>Done.</assistant_prose>")
    kept = str(run.result.messages[1]["content"])
    assert "stray words" not in kept
    assert render_call_block("look", {"n": "1"}) in kept
    assert render_call_block("look", {"n": "2"}) in kept
    assert kept.index("I look at both.") < kept.index("look(")
    assert items_of(run.bodies[1])[1] == {"role": "assistant", "content": kept}
    assert not any("tool_calls" in message for message in run.result.messages)


async def test_loop_5_3_results_come_back_in_one_message_in_the_order_of_the_calls() -> None:
    run = await _text(TWO_CALLS, "<assistant_prose>Done.</assistant_prose>")
    reported = run.result.messages[2]
    assert reported["kind"] == "tool_results"
    content = str(reported["content"])
    assert content.count("[result of look]") == content.count("[end of look result]") == 2
    assert content.index("('n', '1')") < content.index("('n', '2')")


async def test_loop_7_6_a_turn_with_a_malformed_call_becomes_a_placeholder() -> None:
    broken = "<tool_call>look({ n: </tool_call>\n<tool_call>look({ n: '2' })</tool_call>"
    run = await _text(broken, "<assistant_prose>Done.</assistant_prose>")
    kept = str(run.result.messages[1]["content"])
    assert "look({" not in kept
    assert "1 tool call" in kept
    kinds = [message.get("kind") for message in run.result.messages[2:4]]
    assert kinds == ["tool_results", "parse_error"]


async def test_loop_10_4_unreadable_calls_are_told_in_one_message_behind_the_turn() -> None:
    run = await _text("<tool_call>look({ n: </tool_call>", "<assistant_prose>Oh.</assistant_prose>")
    roles = [(message["role"], message.get("kind")) for message in run.result.messages[1:]]
    assert roles == [("assistant", None), ("user", "parse_error"), ("assistant", None)]


async def test_loop_7_4_one_id_names_a_text_call_from_the_first_letters_to_its_result() -> None:
    run = await _text(TWO_CALLS, "<assistant_prose>Done.</assistant_prose>")
    begun = [call for call in run.of("tool_call") if call.parsing]
    assert {call.tool_call_id for call in run.of("tool_call")} == {c.tool_call_id for c in begun}
    for call, arguments in zip(begun, ({"n": "1"}, {"n": "2"}), strict=True):
        updates = [u for u in run.of("tool_call_update") if u.tool_call_id == call.tool_call_id]
        statuses = [update.status for update in updates]
        assert statuses[0] is ToolCallStatus.PENDING
        assert updates[0].parsing is False
        assert updates[0].raw_output == arguments
        assert statuses[-2:] == [ToolCallStatus.IN_PROGRESS, ToolCallStatus.COMPLETED]
    assert {u.tool_call_id for u in run.of("tool_call_update")} == {c.tool_call_id for c in begun}


async def test_loop_7_4_a_call_is_announced_before_the_reply_is_whole() -> None:
    run = await _text(TWO_CALLS, "<assistant_prose>Done.</assistant_prose>")
    types = [event.type for event in run.events]
    assert types.index("tool_call") < types.index("llm_call_end")


async def test_loop_7_4_a_person_sees_prose_without_tags_and_without_calls() -> None:
    answer = "<user_response>Both <b>are</b> there.</user_response>\n<done>##DONE##</done>"
    run = await _text(TWO_CALLS, answer, persistent=True)
    shown = run.text_shown()
    for hidden in ("tool_call>", "assistant_prose", "user_response", "done>", "##DONE##", "look("):
        assert hidden not in shown
    assert "I look at both." in shown
    assert "Both <b>are</b> there." in shown
    assert run.result.visible_text == "Both <b>are</b> there."


async def test_loop_7_4_a_call_that_is_never_closed_ends_as_aborted() -> None:
    run = await _text("<tool_call>\nlook({ n: '1'", "<assistant_prose>Oh.</assistant_prose>")
    (call,) = run.of("tool_call")
    (end,) = [u for u in run.of("tool_call_update") if u.status.is_terminal]
    assert end.tool_call_id == call.tool_call_id
    assert end.error_category is ToolErrorCategory.PARSE_ABORTED
    assert run.result.tool_calls == ()


async def test_loop_7_4_a_call_in_fenced_code_is_not_announced_before_it_is_known_to_run() -> None:
    fenced = "```\n<tool_call>look({ n: '1' })</tool_call>\n```\nThat is how."
    run = await _text(fenced, "<assistant_prose>Done.</assistant_prose>")
    (call,) = run.of("tool_call")
    assert call.parsing is None
    types = [event.type for event in run.events]
    assert types.index("llm_call_end") < types.index("tool_call")


async def test_loop_7_4_a_retry_ends_the_calls_that_the_failed_attempt_had_begun() -> None:
    cut = _letters("<tool_call>\nlook({ n: '1' })\n</tool_call>").cut_after(20)
    run = await run_over_http(
        "openai",
        [cut, _letters(TWO_CALLS), _letters("<assistant_prose>Done.</assistant_prose>")],
        tools=(LOOK,),
        options=LoopOptions(tool_format="text", llm_backoff_ms=0),
    )
    announced = {call.tool_call_id for call in run.of("tool_call")}
    ended = [u.tool_call_id for u in run.of("tool_call_update") if u.status.is_terminal]
    assert len(announced) == 3
    assert sorted(ended) == sorted(announced)
    assert run.result.tool_calls == ("look", "look")


async def test_loop_7_13_stray_text_is_told_and_the_call_beside_it_runs() -> None:
    run = await _text(TWO_CALLS, "<assistant_prose>Done.</assistant_prose>")
    kinds = [message.get("kind") for message in run.result.messages]
    assert kinds.count("protocol_violation") == 1
    assert kinds.index("tool_results") < kinds.index("protocol_violation")
    assert run.result.tool_calls == ("look", "look")


async def test_loop_10_22_thoughts_in_the_text_are_no_prose_and_make_no_calls() -> None:
    thought = "<think>\n<tool_call>look({ n: '1' })</tool_call>\n##DONE##\n</think>"
    run = await _text(f"{thought}<assistant_prose>Fine.</assistant_prose>")
    assert run.result.tool_calls == ()
    assert run.text_shown().strip() == "Fine."
    assert "##DONE##" not in str(run.result.messages)
