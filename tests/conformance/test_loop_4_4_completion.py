"""Section 4.4 in a running loop: what declares a request complete, and what is accepted."""

from typing import Any

import pytest

from harn_tui.config.loop_options import LoopOptions, TurnPolicy
from harn_tui.json_types import JsonObject
from harn_tui.kinds import LoopStatus
from tests.conformance.loop_driver import Reply, Run, Setup, make_tool, run_loop
from tests.conformance.observed import HookLog, hold_frames, shape, text_call, told

READ = make_tool("read")
NATIVE, TEXT, NO_TOOLS = "native", "text", "no tools"
SAID = "<assistant_prose>{}</assistant_prose>"
DONE = "<done>##DONE##</done>"


async def declare(mode: str, text: str, **options: Any) -> Run:
    """Run a persistent loop whose second reply is ``text``; the first has made a call."""
    call = Reply(text_call("read")) if mode == TEXT else Reply("", calls=(("read", {}),))
    first = Reply("working on it") if mode == NO_TOOLS else call
    chosen: dict[str, Any] = {"persistent": True, "max_iterations": 3, **options}
    chosen.setdefault("tool_format", "native" if mode == NATIVE else "text")
    third = Reply("still here") if mode != TEXT else Reply(SAID.format("still here"))
    run = await run_loop(
        first,
        Reply(text),
        third,
        tools=() if mode == NO_TOOLS else (READ,),
        options=LoopOptions(**chosen),
    )
    hold_frames(run.events)
    return run


def is_accepted(run: Run) -> bool:
    return (run.result.status, run.result.iterations) == (LoopStatus.DONE, 2)


@pytest.mark.parametrize(
    ("mode", "text"),
    [
        (NATIVE, "##DONE##"),
        (NATIVE, "all is well\n  ##DONE##  \nbye"),
        (NATIVE, DONE),
        (NATIVE, f"some prose {DONE}"),
        (NATIVE, "<user_response>all is well</user_response>"),
        (NO_TOOLS, "##DONE##"),
        (NO_TOOLS, "all is well\n##DONE##"),
        (NO_TOOLS, DONE),
        (NO_TOOLS, f"{SAID.format('all is well')}\n{DONE}"),
        (NO_TOOLS, SAID.format("\n##DONE##\n")),
        (NO_TOOLS, "<user_response>all is well</user_response>"),
        (TEXT, DONE),
        (TEXT, f"{SAID.format('all is well')}\n{DONE}"),
        (TEXT, "<done>\n  ##DONE##\n</done>"),
        (TEXT, f"<done>other</done>\n{DONE}"),
        (TEXT, "<user_response>all is well</user_response>"),
    ],
)
async def test_loop_4_4_what_completes(mode: str, text: str) -> None:
    assert is_accepted(await declare(mode, text))


@pytest.mark.parametrize(
    ("mode", "text"),
    [
        (NATIVE, "I will write ##DONE## when it is done."),
        (NATIVE, "```\n##DONE##\n```"),
        (NATIVE, "For example:\n```\n<done>##DONE##</done>\n```\nis how to say it."),
        (NATIVE, "~~~\n<user_response>like this</user_response>\n~~~"),
        (NATIVE, "DONE"),
        (NATIVE, "<done>other</done>"),
        (NO_TOOLS, "I will write ##DONE## when it is done."),
        (NO_TOOLS, f"{SAID.format('all is well')}\n##DONE##"),
        (NO_TOOLS, "For example:\n```\n<done>##DONE##</done>\n```\nis how to say it."),
        (NO_TOOLS, "<user_response> </user_response>"),
        (TEXT, "##DONE##"),
        (TEXT, SAID.format("##DONE##")),
        (TEXT, "<done>other</done>"),
        (TEXT, f"{DONE}\n<done>other</done>"),
        (TEXT, "<done></done>"),
        (TEXT, "<user_response></user_response>"),
    ],
)
async def test_loop_4_4_what_does_not_complete(mode: str, text: str) -> None:
    run = await declare(mode, text)
    assert run.result.status is LoopStatus.BUDGET_EXHAUSTED


async def test_loop_4_4_without_tools_the_native_format_looks_at_the_whole_text() -> None:
    text = f"{SAID.format('all is well')}\n##DONE##"
    assert is_accepted(await declare(NO_TOOLS, text, tool_format="native"))


@pytest.mark.parametrize("mode", [NATIVE, TEXT, NO_TOOLS])
async def test_loop_4_4_a_loop_that_is_not_persistent_accepts_nothing(mode: str) -> None:
    setup = Setup(
        [Reply(DONE)],
        tools=() if mode == NO_TOOLS else (READ,),
        options=LoopOptions(tool_format="text" if mode == TEXT else "native"),
    )
    log = HookLog(setup)
    run = await setup.run()
    assert (run.result.status, run.result.iterations) == (LoopStatus.DONE, 1)
    assert "sentinel_hit" not in log.after_turns()[0]
    assert run.result.trace["phase_changes"] == 0


async def test_loop_4_4_a_bare_sentinel_in_the_text_format_is_told_as_stray_text() -> None:
    run = await declare(TEXT, "##DONE##")
    assert "##DONE##" in told(run.result.messages, "protocol_violation")[0]


async def test_loop_4_4_an_empty_block_is_a_violation_and_another_body_is_none() -> None:
    assert told((await declare(TEXT, "<done></done>")).result.messages, "protocol_violation")
    run = await declare(TEXT, "<done>other</done>")
    assert shape(run.result.messages)[4:] == ["nudge", "assistant", "nudge"]


async def test_loop_4_4_calls_beside_a_sentinel_run_before_the_end() -> None:
    run = await run_loop(
        Reply("##DONE##", calls=(("read", {}), ("read", {"n": "2"}))),
        tools=(READ,),
        options=LoopOptions(persistent=True),
    )
    assert run.result.status is LoopStatus.DONE
    assert run.result.tool_calls == ("read", "read")


async def test_loop_4_4_before_any_action_a_completion_is_refused_where_there_are_tools() -> None:
    run = await run_loop(
        Reply("##DONE##"),
        Reply("", calls=(("read", {}),)),
        Reply("##DONE##"),
        tools=(READ,),
        options=LoopOptions(persistent=True),
    )
    assert shape(run.provider.requests[1].messages)[-1] == "sentinel_without_action"
    assert (run.result.status, run.result.iterations) == (LoopStatus.DONE, 3)


async def test_loop_10_48_a_call_refused_in_the_turn_of_the_completion_is_no_action() -> None:
    run = await run_loop(
        Reply("##DONE##", calls=(("nowhere", {}),)),
        Reply("##DONE##", calls=(("read", {}),)),
        tools=(READ,),
        options=LoopOptions(persistent=True),
    )
    assert shape(run.provider.requests[1].messages) == [
        "user",
        "assistant",
        "tool",
        "sentinel_without_action",
    ]
    assert run.result.status is LoopStatus.DONE


@pytest.mark.parametrize("mode", [NATIVE, TEXT, NO_TOOLS])
@pytest.mark.parametrize("text", ["##DONE##", DONE, "<user_response>well</user_response>"])
async def test_loop_10_2_a_policy_without_sentinels_refuses_every_one(mode: str, text: str) -> None:
    policy = TurnPolicy(allow_done_sentinel=False)
    run = await declare(mode, text, turn_policy=policy)
    assert run.result.status is LoopStatus.BUDGET_EXHAUSTED


# The change of phase

FOOTER = "<assistant_prose>\nphase work\nnext_phase: {}\n</assistant_prose>"


def in_phase(**options: Any) -> LoopOptions:
    return LoopOptions(persistent=True, max_iterations=2, break_unless_phase="ground", **options)


async def test_loop_4_4_another_phase_ends_the_run_and_is_counted() -> None:
    setup = Setup([Reply("next_phase: execute")], options=in_phase())
    log = HookLog(setup)
    run = await setup.run()
    assert (run.result.status, run.result.iterations) == (LoopStatus.DONE, 1)
    assert "execute" in run.result.reason
    assert run.result.trace["phase_changes"] == 1
    assert log.after_turns()[0]["sentinel_hit"] is True


@pytest.mark.parametrize(
    "text",
    [
        "next_phase: ground",
        "no footer at all",
        "next_phase: execute\n\nnext_phase: ground",
        "```\nnext_phase: execute\n```",
        "> next_phase: execute",
        "I would say next_phase: execute",
    ],
)
async def test_loop_4_4_the_same_phase_and_none_go_on_and_the_last_footer_counts(text: str) -> None:
    run = await run_loop(Reply(text), Reply("hm"), options=in_phase())
    assert run.result.status is LoopStatus.BUDGET_EXHAUSTED
    assert run.result.trace["phase_changes"] == 0


async def test_loop_4_4_only_a_persistent_loop_with_a_phase_listens_to_footers() -> None:
    run = await run_loop(
        Reply("next_phase: execute"),
        Reply("hm"),
        options=LoopOptions(persistent=True, max_iterations=2),
    )
    assert run.result.status is LoopStatus.BUDGET_EXHAUSTED
    run = await run_loop(Reply("next_phase: execute"), options=LoopOptions(break_unless_phase="g"))
    assert run.result.trace["phase_changes"] == 0


@pytest.mark.parametrize(
    ("closed", "kind"),
    [
        ({"deliverables": ("a",)}, "ledger_not_satisfied"),
        ({"exit_when_verified": True}, "verification_gate"),
    ],
)
async def test_loop_10_47_a_change_of_phase_passes_the_gates(
    closed: dict[str, Any], kind: str
) -> None:
    run = await run_loop(Reply("next_phase: execute"), Reply("hm"), options=in_phase(**closed))
    assert run.result.status is LoopStatus.BUDGET_EXHAUSTED
    assert kind in shape(run.provider.requests[1].messages)
    assert run.result.trace["phase_changes"] == 0


async def test_loop_10_47_a_change_of_phase_needs_no_action() -> None:
    run = await run_loop(Reply("next_phase: execute"), tools=(READ,), options=in_phase())
    assert run.result.status is LoopStatus.DONE


async def test_loop_10_47_the_phase_in_the_reason_is_the_one_that_decided() -> None:
    run = await run_loop(Reply("next_phase: execute\n\nnext_phase:\n"), options=in_phase())
    assert run.result.status is LoopStatus.DONE
    assert "execute" in run.result.reason


# Several gates at once


async def test_loop_1_5_every_closed_gate_is_told_in_order_and_once() -> None:
    run = await run_loop(
        Reply("##DONE##"),
        Reply("hm"),
        tools=(READ,),
        options=LoopOptions(
            persistent=True, max_iterations=2, deliverables=("a",), exit_when_verified=True
        ),
    )
    assert shape(run.provider.requests[1].messages) == [
        "user",
        "assistant",
        "ledger_not_satisfied",
        "verification_gate",
        "sentinel_without_action",
        "task_ledger",
    ]
    assert run.result.ledger_done_rejections == 1


async def test_loop_4_2_row_9_a_refused_completion_counts_towards_the_nudges() -> None:
    run = await run_loop(
        *(Reply("##DONE##") for _ in range(3)),
        options=LoopOptions(persistent=True, deliverables=("a",), max_nudges=2),
    )
    assert run.result.status is LoopStatus.STUCK
    assert run.result.ledger_done_rejections == 3
    ledger: JsonObject = run.result.task_ledger
    assert ledger["deliverables"] == [
        {"id": "deliverable-1", "text": "a", "status": "open", "note": None}
    ]
