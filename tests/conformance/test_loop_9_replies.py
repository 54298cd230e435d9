"""What the reference's own tests hold of replies, prompts and formats (loop 9.1 to 9.5, 9.10 on).

Lines about policies of capabilities (9.3), the provider's own tool search (9.12), skills and
workflows (9.17) speak of what is not built.
"""

import json
import threading
from typing import Any

import pytest

from harn_tui.config.loop_options import LoopOptions, TurnPolicy
from harn_tui.errors import LoopConfigError, ProviderError
from harn_tui.json_types import JsonObject
from harn_tui.kinds import LoopStatus, ProviderErrorCategory, ToolCallStatus, ToolErrorCategory
from harn_tui.loop.prompts import nudge, persistent_prompt
from harn_tui.providers.base import ModelFacts, Usage
from harn_tui.providers.model_facts import cost_usd
from tests.conformance.loop_driver import SESSION_ID, Reply, Run, Setup, make_tool, run_loop
from tests.conformance.loop_over_http import run_over_http
from tests.support.reply_script import Reply as ServerReply
from tests.support.reply_script import ToolCall

READ = make_tool("read")
CALLED_IN_TEXT = Reply('<tool_call>\nread({"path": "a"})\n</tool_call>')


def fallbacks(run: Run) -> list[bool]:
    events: Any = run.result.transcript["events"]
    return [e["metadata"]["accepted"] for e in events if e["kind"] == "native_tool_fallback"]


# 9.1 native_tool_fallback


async def test_loop_9_1_allow_once_accepts_the_first_text_call_and_rejects_the_second() -> None:
    run = await run_loop(
        CALLED_IN_TEXT,
        CALLED_IN_TEXT,
        tools=(READ,),
        options=LoopOptions(native_tool_fallback="allow_once", persistent=True, max_iterations=2),
    )
    trace = run.result.trace
    assert trace["native_text_tool_fallbacks"] == 2
    assert trace["native_text_tool_fallback_rejections"] == 1
    assert fallbacks(run) == [True, False]
    assert any("native tool mode" in str(message["content"]) for message in run.result.messages)


async def test_loop_9_1_reject_blocks_the_first_text_call() -> None:
    run = await run_loop(
        CALLED_IN_TEXT,
        tools=(READ,),
        options=LoopOptions(native_tool_fallback="reject", max_iterations=1),
    )
    trace = run.result.trace
    assert trace["native_text_tool_fallbacks"] == 1
    assert trace["native_text_tool_fallback_rejections"] == 1
    assert fallbacks(run) == [False]


async def test_loop_9_1_an_empty_completion_is_retried_and_counted() -> None:
    empty = ProviderError(
        "completion_tokens=7 but delivered no content",
        category=ProviderErrorCategory.EMPTY_COMPLETION,
    )
    run = await run_loop(Reply(error=empty), Reply("there"), options=LoopOptions(llm_retries=1))
    assert run.result.trace["empty_completion_retries"] == 1


@pytest.mark.parametrize("policy", ["sometimes", "", "ALLOW"])
def test_loop_9_1_another_policy_is_refused_with_the_three_that_there_are(policy: str) -> None:
    with pytest.raises(LoopConfigError, match='"allow", "allow_once", "reject"'):
        LoopOptions(native_tool_fallback=policy)


# 9.2 phase_history


TWO_FOOTERS = "Read it.\nnext_phase: ground\n\nWrote it.\nnext_phase: execute"


@pytest.mark.parametrize(("current", "is_change"), [("ground", True), ("execute", False)])
async def test_loop_9_2_the_last_footer_says_whether_the_phase_changes(
    current: str, is_change: bool
) -> None:
    run = await run_loop(
        Reply(TWO_FOOTERS),
        options=LoopOptions(persistent=True, max_nudges=0, break_unless_phase=current),
    )
    assert (run.result.status is LoopStatus.DONE) is is_change
    assert run.result.trace["phase_changes"] == int(is_change)


async def test_loop_9_2_history_has_the_canonical_form_and_not_what_stood_before_it() -> None:
    code = "def f():\n    return 1\n"
    run = await run_loop(
        Reply(f"{code}{CALLED_IN_TEXT.text}"),
        Reply("<assistant_prose>Done.</assistant_prose>"),
        tools=(READ,),
        options=LoopOptions(tool_format="text"),
    )
    kept = str(run.result.messages[1]["content"])
    assert "read(" in kept
    assert "def f" not in kept


async def test_loop_9_2_history_without_a_canonical_form_is_the_reply_itself() -> None:
    run = await run_loop(Reply("no tags at all"), tools=(READ,), options=_text_format())
    assert run.result.messages[1]["content"] == "no tags at all"


async def test_loop_9_2_malformed_turns_are_elided() -> None:
    broken = "<tool_call>read({ path: </tool_call>\n<tool_call>read(((</tool_call>"
    run = await run_loop(
        Reply(broken), Reply("Sorry."), tools=(READ,), options=_text_format(max_iterations=2)
    )
    kept = str(run.result.messages[1]["content"])
    assert "malformed" in kept
    assert "read(" not in kept


def _text_format(**options: Any) -> LoopOptions:
    return LoopOptions(tool_format="text", **options)


# 9.4 prompts


def _action_nudge(
    *, has_tools: bool = True, is_prose_too_long: bool = False, **options: Any
) -> str:
    policy = TurnPolicy(require_action_or_yield=True, **options.pop("policy", {}))
    loop_options = LoopOptions(persistent=True, turn_policy=policy, **options)
    return nudge(loop_options, has_tools=has_tools, is_prose_too_long=is_prose_too_long)


async def test_loop_9_4_prose_over_the_limit_is_cut_with_a_note() -> None:
    policy = TurnPolicy(max_prose_chars=12)
    run = await run_loop(Reply("a much longer sentence"), options=LoopOptions(turn_policy=policy))
    shown = run.result.visible_text
    assert shown.startswith("a much longe")
    assert "sentence" not in shown
    assert "12" in shown
    assert run.result.messages[-1]["content"] == "a much longer sentence"


@pytest.mark.parametrize(("text", "is_cut"), [("twelve chars", False), ("thirteen char", True)])
async def test_loop_9_4_the_limit_itself_is_not_over_it(text: str, is_cut: bool) -> None:
    policy = TurnPolicy(max_prose_chars=12)
    run = await run_loop(Reply(f"  {text}\n"), options=LoopOptions(turn_policy=policy))
    assert (run.result.visible_text != text) is is_cut


def test_loop_9_4_the_action_nudge_of_the_text_format_names_every_way_on() -> None:
    said = _action_nudge(
        tool_format="text", policy={"max_prose_chars": 120}, is_prose_too_long=True
    )
    for part in ("<tool_call>", "phase", "<done>##DONE##</done>", "120", "TOO LONG"):
        assert part in said
    brief = _action_nudge(tool_format="text", policy={"max_prose_chars": 120})
    assert "TOO LONG" not in brief


def test_loop_9_4_the_native_action_nudge_names_the_bare_sentinel_once() -> None:
    said = _action_nudge()
    assert said.count("##DONE##") == 1
    assert "<done>" not in said


async def _refused_sentinel(**options: Any) -> str:
    tool_format = options.get("tool_format", "native")
    done = "##DONE##" if tool_format == "native" else "<done>##DONE##</done>"
    run = await run_loop(
        Reply(done), tools=(READ,), options=LoopOptions(persistent=True, max_nudges=0, **options)
    )
    (told,) = [m for m in run.result.messages if m.get("kind") == "sentinel_without_action"]
    return str(told["content"])


async def test_loop_9_4_a_sentinel_without_action_is_answered_without_naming_tools() -> None:
    told = await _refused_sentinel(tool_format="text", turn_policy=TurnPolicy(max_prose_chars=180))
    for part in ("no action was taken", "available tools", "180"):
        assert part in told
    assert "read" not in told.replace("already", "")


async def test_loop_9_4_the_native_answer_to_a_sentinel_names_the_bare_one() -> None:
    told = await _refused_sentinel()
    assert "##DONE##" in told
    assert "<done>" not in told


def test_loop_9_4_a_nudge_offers_no_completion_where_none_is_allowed() -> None:
    said = _action_nudge(tool_format="text", policy={"allow_done_sentinel": False})
    assert "<done>" not in said
    assert "##DONE##" not in said
    assert "<tool_call>" in said
    assert "phase" in said


async def test_loop_10_2_a_sentinel_is_refused_where_none_is_allowed() -> None:
    run = await run_loop(
        Reply("", calls=(("read", {}),)),
        Reply("##DONE##"),
        Reply("<user_response>Done.</user_response>"),
        tools=(READ,),
        options=LoopOptions(
            persistent=True, max_nudges=1, turn_policy=TurnPolicy(allow_done_sentinel=False)
        ),
    )
    assert run.result.status is LoopStatus.STUCK


def test_loop_9_4_the_native_nudge_says_that_only_the_providers_channel_counts() -> None:
    said = _action_nudge(policy={"allow_done_sentinel": False})
    assert "provider's own tool channel" in said
    assert "by hand" in said


def test_loop_9_4_without_tools_the_nudge_speaks_of_the_reply() -> None:
    said = _action_nudge(has_tools=False)
    assert "reply" in said
    assert "<tool_call>" not in said
    assert "tool" not in said


def test_loop_9_4_the_persistent_prompt_without_tools_speaks_of_no_calls() -> None:
    said = persistent_prompt(LoopOptions(persistent=True), has_tools=False)
    assert said is not None
    assert "directly" in said
    assert "##DONE##" in said
    for part in ("<done>", "<tool_call>", "tool"):
        assert part not in said


def test_loop_9_4_the_persistent_prompt_names_no_sentinel_where_none_is_allowed() -> None:
    options = LoopOptions(persistent=True, turn_policy=TurnPolicy(allow_done_sentinel=False))
    said = persistent_prompt(options, has_tools=False)
    assert said is not None
    assert "directly" in said
    assert "##DONE##" not in said


async def test_loop_9_4_a_native_loop_gets_the_native_contract_and_nothing_of_the_text_one() -> (
    None
):
    run = await run_loop(
        Reply("", calls=(("read", {}),)),
        Reply("##DONE##"),
        tools=(READ,),
        options=LoopOptions(persistent=True),
    )
    system = str(run.provider.requests[0].system)
    for part in ("<tool_call>", "declare function", "ledger"):
        assert part not in system
    assert [tool.name for tool in run.provider.requests[0].tools] == ["read"]


async def test_loop_9_4_the_ledger_is_explained_only_while_there_is_one() -> None:
    run = await run_loop(
        Reply("hm"),
        tools=(READ,),
        options=LoopOptions(persistent=True, max_nudges=0, deliverables=("a",)),
    )
    assert "ledger" in str(run.provider.requests[0].system)
    assert [tool.name for tool in run.provider.requests[0].tools] == ["read", "ledger"]


# 9.5 result_build


ANYTHING: JsonObject = {"type": "object"}


async def test_loop_9_5_balanced_json_in_prose_is_the_data() -> None:
    run = await run_loop(
        Reply('Sure: {"a": {"b": [1, 2]}} is it.'), options=LoopOptions(response_format="json")
    )
    assert run.result.data == {"a": {"b": [1, 2]}}


async def test_loop_9_5_a_schema_alone_asks_for_data() -> None:
    run = await run_loop(Reply('{"a": 1}'), options=LoopOptions(output_schema=ANYTHING))
    assert run.result.data == {"a": 1}


async def test_loop_9_5_json_in_tagged_prose_is_the_data() -> None:
    run = await run_loop(
        Reply('<assistant_prose>{"a": 1}</assistant_prose>'),
        options=LoopOptions(output_schema=ANYTHING),
    )
    assert run.result.data == {"a": 1}


async def test_loop_9_5_plain_text_without_tools_is_no_violation() -> None:
    run = await run_loop(Reply("plain"), options=_text_format())
    assert run.result.visible_text == "plain"
    assert len(run.result.messages) == 2


async def test_loop_9_5_tagged_text_without_tools_is_unwrapped_and_no_violation() -> None:
    reply = Reply("<assistant_prose>Here.</assistant_prose>\n<done>##DONE##</done>")
    run = await run_loop(reply, options=_text_format(persistent=True))
    assert run.result.visible_text == "Here."
    assert run.result.status is LoopStatus.DONE
    assert len(run.result.messages) == 2


async def test_loop_9_5_reasoning_stays_out_of_what_the_transcript_shows() -> None:
    run = await run_loop(Reply("public", thinking="private"))
    events: Any = run.result.transcript["events"]
    shown = [event["text"] for event in events if event["visibility"] == "public"]
    assert "public" in shown
    assert "private" not in json.dumps(shown)
    (reasoning,) = [event for event in events if event["kind"] == "private_reasoning"]
    assert (reasoning["visibility"], reasoning["text"]) == ("private", "private")


# 9.10 tool_format


@pytest.mark.parametrize(("tool_format", "count"), [("native", 1), ("text", 0)])
async def test_loop_9_10_only_the_native_format_has_a_channel_of_its_own(
    tool_format: str, count: int
) -> None:
    run = await run_loop(
        Reply("<assistant_prose>Hi.</assistant_prose>"),
        tools=(READ,),
        options=LoopOptions(tool_format=tool_format),
    )
    assert len(run.provider.requests[0].tools) == count


@pytest.mark.parametrize(
    ("tool_format", "examples", "is_shown"),
    [
        ("text", "  EXAMPLE: read({ path: 'a' })  ", True),
        ("native", "EXAMPLE: read", False),
        ("text", None, False),
    ],
)
async def test_loop_9_10_examples_stand_in_the_text_format_alone(
    tool_format: str, examples: str | None, is_shown: bool
) -> None:
    run = await run_loop(
        Reply("<assistant_prose>Hi.</assistant_prose>"),
        tools=(READ,),
        options=LoopOptions(tool_format=tool_format, tool_examples=examples),
    )
    system = str(run.provider.requests[0].system)
    assert ("EXAMPLE" in system) is is_shown
    assert "  EXAMPLE" not in system


@pytest.mark.parametrize(("is_demanded", "choice"), [(True, "required"), (False, None)])
async def test_loop_9_10_a_native_stage_that_must_act_requires_a_tool(
    is_demanded: bool, choice: str | None
) -> None:
    policy = TurnPolicy(require_action_or_yield=is_demanded)
    run = await run_loop(
        Reply("", calls=(("read", {}),)),
        Reply("done"),
        tools=(READ,),
        options=LoopOptions(turn_policy=policy),
    )
    assert run.provider.requests[0].tool_choice == choice


# 9.13 agent_observe: the streamed call


async def _streamed(text: str) -> list[tuple[Any, ...]]:
    run = await run_over_http(
        "openai",
        [ServerReply(tokens=tuple(text)), ServerReply.text("<assistant_prose>.</assistant_prose>")],
        tools=(READ,),
        options=_text_format(),
    )
    steps: list[tuple[Any, ...]] = []
    events: list[Any] = run.events
    for event in events:
        if event.type == "llm_call_end":
            return steps
        if event.type == "tool_call":
            steps.append(("tool_call", event.tool_name, event.status, event.parsing, None))
        if event.type == "tool_call_update":
            steps.append(
                ("update", event.tool_name, event.status, event.parsing, event.error_category)
            )
    return steps


async def test_loop_9_13_a_bare_call_starts_and_is_promoted() -> None:
    pending = ToolCallStatus.PENDING
    assert await _streamed('read({ path: "a" })\n') == [
        ("tool_call", "read", pending, True, None),
        ("update", "read", pending, False, None),
    ]


async def test_loop_9_13_an_unclosed_block_ends_as_aborted() -> None:
    steps = await _streamed("<tool_call>\nread({ path: 'a' })")
    assert [step[0] for step in steps][:1] == ["tool_call"]
    assert steps[-1][2:] == (ToolCallStatus.FAILED, False, ToolErrorCategory.PARSE_ABORTED)


# 9.16 transport: arguments of native calls while they stream


@pytest.mark.parametrize("api", ["openai", "openai-responses", "anthropic"])
async def test_loop_9_16_a_call_is_announced_once_then_its_arguments_stream(api: str) -> None:
    call = ToolCall("read", {"path": "a long path to a file"}, "toolu_a1")
    run = await run_over_http(api, [ServerReply.tools(call), ServerReply.text("ok")], tools=(READ,))
    (announced,) = run.of("tool_call")
    assert announced.tool_call_id == "tool-toolu_a1"
    assert (announced.raw_input, announced.status) == ({}, ToolCallStatus.PENDING)
    updates = run.of("tool_call_update")
    assert {update.tool_call_id for update in updates} == {"tool-toolu_a1"}
    pending = [update for update in updates if update.status is ToolCallStatus.PENDING]
    assert pending[-1].raw_input == {"path": "a long path to a file"}


@pytest.mark.parametrize("api", ["openai", "anthropic"])
async def test_loop_9_16_arguments_that_cannot_be_read_yet_are_shown_as_they_are(api: str) -> None:
    call = ToolCall("read", "chunk0 chunk1", "c1")
    run = await run_over_http(api, [ServerReply.tools(call), ServerReply.text("ok")], tools=(READ,))
    partial = [u for u in run.of("tool_call_update") if u.raw_input_partial is not None]
    assert partial
    assert "chunk0 chunk1".startswith(partial[0].raw_input_partial)
    assert partial[0].raw_input is None


async def test_loop_9_16_a_burst_of_arguments_makes_few_events() -> None:
    class Burst(ServerReply):
        """Sends the arguments of its call one letter at a time."""

        def _deltas(self, number: int) -> Any:
            function = {"name": "read", "arguments": ""}
            yield {"tool_calls": [{"index": 0, "id": "c1", "function": function}]}
            for letter in '{"path": "' + "x" * 500 + '"}':
                yield {"tool_calls": [{"index": 0, "function": {"arguments": letter}}]}

    burst = Burst(finish_reason="tool_calls")
    run = await run_over_http("openai", [burst, ServerReply.text("ok")], tools=(READ,))
    pending = [u for u in run.of("tool_call_update") if u.status is ToolCallStatus.PENDING]
    assert len(pending) < 50
    assert pending[-1].raw_input == {"path": "x" * 500}
    assert run.result.messages[2]["content"] == f"read {[('path', 'x' * 500)]}"


# 9.14 cost, 9.17 turn_policy_tests and process_tools


def test_loop_9_14_a_call_costs_what_its_models_prices_say() -> None:
    facts = ModelFacts(input_price=10.0, output_price=20.0)
    assert cost_usd(Usage(1000, 1000), facts) == pytest.approx(0.03)


async def test_loop_9_17_what_a_background_tool_reports_reaches_the_next_call() -> None:
    setup = Setup([], tools=(READ,))
    report = json.dumps({"handle": "h1", "exit_code": 0})

    def report_from_a_thread() -> None:
        thread = threading.Thread(
            target=setup.feedback.push_threadsafe, args=(SESSION_ID, "tool_result", report)
        )
        thread.start()
        thread.join()

    setup.provider._replies = [
        Reply("", calls=(("read", {}),), before=report_from_a_thread),
        Reply("done"),
    ]
    run = await setup.run()
    assert run.contents(1)[-1] == (
        f'<runtime_feedback kind="tool_result">\n{report}\n</runtime_feedback>'
    )
    assert [event.kind for event in run.of("feedback_injected")] == ["tool_result"]


def test_loop_9_17_a_turn_policy_allows_the_sentinel_unless_it_says_no() -> None:
    assert LoopOptions().turn_policy.allow_done_sentinel is True
    partial: Any = {"require_action_or_yield": True}
    assert LoopOptions(turn_policy=partial).turn_policy.allow_done_sentinel is True
    explicit: Any = {"allow_done_sentinel": False}
    assert LoopOptions(turn_policy=explicit).turn_policy.allow_done_sentinel is False
