"""Sections 4.3 and 9.4 in a running loop: what a model that does not act is told."""

from typing import Any

import pytest

from harn_tui.config.loop_options import LoopOptions, TurnPolicy
from harn_tui.loop.gate_texts import sentinel_without_action
from tests.conformance.loop_driver import Reply, Run, make_tool, run_loop
from tests.conformance.observed import broken_call, shape, text_call, told

READ = make_tool("read")
SAID = "<assistant_prose>{}</assistant_prose>"


def options(*, text_format: bool = False, **policy: Any) -> LoopOptions:
    return LoopOptions(
        persistent=True,
        max_iterations=3,
        tool_format="text" if text_format else "native",
        turn_policy=TurnPolicy(**policy),
    )


async def nudged(chosen: LoopOptions, *, has_tools: bool, prose: str = "hm") -> str:
    """Return the nudge that a text turn with ``prose`` gets, after a call when there are tools."""
    is_text = chosen.tool_format == "text"
    said = Reply(SAID.format(prose) if is_text else prose)
    call = Reply(text_call("read")) if is_text else Reply("", calls=(("read", {}),))
    first = [call] if has_tools else [Reply("first")]
    run = await run_loop(*first, said, said, tools=(READ,) if has_tools else (), options=chosen)
    return told(run.provider.requests[2].messages, "nudge")[-1]


async def refused(chosen: LoopOptions) -> str:
    """Return what a completion without any action gets."""
    is_text = chosen.tool_format == "text"
    done = Reply("<done>##DONE##</done>" if is_text else "##DONE##")
    call = Reply(text_call("read")) if is_text else Reply("", calls=(("read", {}),))
    run = await run_loop(done, call, call, tools=(READ,), options=chosen)
    return told(run.provider.requests[1].messages, "sentinel_without_action")[0]


# The choice between three nudges


async def test_loop_4_3_the_turn_policy_comes_before_a_nudge_of_ones_own() -> None:
    chosen = LoopOptions(
        persistent=True,
        max_iterations=3,
        nudge="My own words.",
        turn_policy=TurnPolicy(require_action_or_yield=True),
    )
    assert "My own words." not in await nudged(chosen, has_tools=True)


async def test_loop_4_3_a_nudge_of_ones_own_comes_before_the_built_in_one() -> None:
    chosen = LoopOptions(persistent=True, max_iterations=3, nudge="My own words.")
    wrapped = '<runtime_feedback kind="nudge">\nMy own words.\n</runtime_feedback>'
    assert await nudged(chosen, has_tools=True) == wrapped


async def test_loop_4_3_the_built_in_nudge_speaks_of_tools_or_of_the_reply() -> None:
    with_tools = await nudged(options(), has_tools=True)
    without = await nudged(options(), has_tools=False)
    assert "tool" in with_tools
    assert "tool" not in without
    assert "reply" in without


@pytest.mark.parametrize(
    ("text_format", "has_tools", "form", "not_form"),
    [
        (False, True, "##DONE##", "<done>"),
        (True, True, "<done>##DONE##</done>", None),
        (False, False, "##DONE##", "<done>"),
        (True, False, "##DONE##", "<done>"),
    ],
)
@pytest.mark.parametrize("strict", [False, True])
async def test_loop_4_3_each_mode_has_its_form_of_completion(
    text_format: bool, has_tools: bool, form: str, not_form: str | None, strict: bool
) -> None:
    chosen = options(text_format=text_format, require_action_or_yield=strict)
    told_to = await nudged(chosen, has_tools=has_tools)
    assert told_to.count(form) == 1
    assert not_form is None or not_form not in told_to


@pytest.mark.parametrize("text_format", [False, True])
async def test_loop_4_3_no_form_is_advertised_where_the_sentinel_is_not_allowed(
    text_format: bool,
) -> None:
    chosen = options(text_format=text_format, allow_done_sentinel=False)
    told_to = await nudged(chosen, has_tools=True)
    assert "##DONE##" not in told_to
    assert "<done>" not in told_to


# The wording of the strict nudge


async def test_loop_9_4_action_turn_nudge_mentions_action_or_yield() -> None:
    chosen = options(text_format=True, require_action_or_yield=True, max_prose_chars=120)
    within = await nudged(chosen, has_tools=True, prose="short")
    beyond = await nudged(chosen, has_tools=True, prose="long " * 40)
    for words in ("<tool_call>", "phase", "<done>##DONE##</done>", "120"):
        assert words in within
        assert words in beyond
    assert within != beyond
    assert "long" in beyond.lower()


async def test_loop_9_4_native_action_turn_nudge_mentions_bare_done_sentinel() -> None:
    told_to = await nudged(options(require_action_or_yield=True), has_tools=True)
    assert told_to.count("##DONE##") == 1
    assert "<done>" not in told_to


async def test_loop_9_4_action_turn_nudge_omits_done_sentinel_when_stage_disallows_it() -> None:
    chosen = options(text_format=True, require_action_or_yield=True, allow_done_sentinel=False)
    told_to = await nudged(chosen, has_tools=True)
    assert "<done>" not in told_to
    assert "<tool_call>" in told_to
    assert "phase" in told_to


async def test_loop_9_4_native_action_turn_nudge_mentions_native_channel() -> None:
    chosen = options(require_action_or_yield=True, allow_done_sentinel=False)
    told_to = await nudged(chosen, has_tools=True)
    assert "provider" in told_to
    assert "channel" in told_to
    assert "by hand" in told_to
    assert "<tool_call>" not in told_to


async def test_loop_9_4_action_turn_nudge_uses_reply_language_when_no_tools_exist() -> None:
    told_to = await nudged(options(require_action_or_yield=True), has_tools=False)
    assert "reply" in told_to
    assert "<tool_call>" not in told_to
    assert "tool" not in told_to


# A completion without action


@pytest.mark.parametrize("text_format", [False, True])
async def test_loop_9_4_sentinel_without_action_nudge_stays_stage_agnostic(
    text_format: bool,
) -> None:
    told_to = await refused(options(text_format=text_format, max_prose_chars=180))
    assert "no action was taken" in told_to
    assert "available tools" in told_to
    assert "read" not in told_to
    assert "180" in told_to


async def test_loop_9_4_native_sentinel_without_action_nudge_mentions_bare_sentinel() -> None:
    told_to = await refused(options())
    assert "##DONE##" in told_to
    assert "<done>" not in told_to


def test_loop_9_4_sentinel_without_action_nudge_explains_workflow_owned_stage_rule() -> None:
    told_to = sentinel_without_action(options(allow_done_sentinel=False))
    assert "workflow" in told_to
    assert "no completion marker" in told_to
    assert "##DONE##" not in told_to


# Unreadable calls


async def test_loop_10_56_advice_on_unreadable_calls_is_that_of_the_mode() -> None:
    async def advice(tool_format: str) -> str:
        run = await run_loop(
            Reply(broken_call("read")),
            Reply("done"),
            tools=(READ,),
            options=LoopOptions(tool_format=tool_format),
        )
        return told(run.result.messages, "parse_error")[0]

    native, text = await advice("native"), await advice("text")
    assert "heredoc" in text
    assert "<tool_call>" in text
    assert "heredoc" not in native
    assert "<tool_call>" not in native
    assert "provider" in native


async def test_loop_10_18_no_text_of_the_loop_speaks_of_the_default_sentinel() -> None:
    chosen = LoopOptions(
        persistent=True,
        done_sentinel="FERTIG",
        deliverables=("a",),
        exit_when_verified=True,
        turn_policy=TurnPolicy(require_action_or_yield=True, max_prose_chars=10),
        max_iterations=4,
    )
    run: Run = await run_loop(
        Reply("FERTIG"),
        Reply("", calls=(("read", {}),)),
        Reply("FERTIG"),
        Reply("hm"),
        tools=(READ,),
        options=chosen,
    )
    everything = " ".join(str(m["content"]) for m in run.result.messages)
    everything += run.provider.requests[0].system or ""
    assert "##DONE##" not in everything
    assert {"ledger_not_satisfied", "verification_gate", "sentinel_without_action"} <= set(
        shape(run.result.messages)
    )
