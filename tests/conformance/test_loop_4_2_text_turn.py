"""Section 4.2 in a running loop: every row of the table for a turn of text alone."""

from functools import partial
from typing import Any

import pytest

from harn_tui.config.loop_options import LoopOptions, TurnPolicy
from harn_tui.kinds import HostMessageMode, LoopStatus
from tests.conformance.loop_driver import Reply, Run, Setup, make_tool, run_loop
from tests.conformance.observed import (
    HookLog,
    broken_call,
    hold_frames,
    shape,
    text_call,
    told,
)

READ = make_tool("read")
CALL = Reply("", calls=(("read", {}),))
MUST_ACT = TurnPolicy(require_action_or_yield=True)
SAID = "<assistant_prose>{}</assistant_prose>"


async def with_hooks(setup: Setup) -> tuple[Run, list[Any]]:
    """Run ``setup``; return the run and the ``turn`` that its hooks were told after each turn."""
    log = HookLog(setup)
    run = await setup.run()
    hold_frames(run.events)
    return run, log.after_turns()


# Row 1: the completion is accepted


async def test_loop_4_2_row_1_the_turn_is_kept_and_the_hook_is_told() -> None:
    setup = Setup([Reply("all set\n##DONE##")], options=LoopOptions(persistent=True))
    run, turns = await with_hooks(setup)
    assert turns == [
        {"iteration": 0, "failed": False, "text": "all set\n##DONE##", "sentinel_hit": True}
    ]
    assert run.result.status is LoopStatus.DONE
    assert shape(run.result.messages) == ["user", "assistant"]


async def test_loop_4_2_row_1_parse_errors_do_not_hold_it_back_and_leave_a_placeholder() -> None:
    setup = Setup(
        [Reply(text_call("read")), Reply(f"{broken_call('read')}\n<done>##DONE##</done>")],
        tools=(READ,),
        options=LoopOptions(persistent=True, tool_format="text"),
    )
    run, turns = await with_hooks(setup)
    assert turns[-1]["sentinel_hit"] is True
    assert shape(run.result.messages)[-1] == "assistant"
    assert "read(" not in str(run.result.messages[-1]["content"])
    assert told(run.result.messages, "parse_error") == []


# Row 2: calls that cannot be read


@pytest.mark.parametrize("persistent", [False, True])
async def test_loop_4_2_row_2_unreadable_calls_are_told_and_the_loop_goes_on_in_every_mode(
    persistent: bool,
) -> None:
    setup = Setup(
        [
            Reply(broken_call("read")),
            Reply(text_call("read")),
            Reply("<done>##DONE##</done>"),
        ],
        tools=(READ,),
        options=LoopOptions(persistent=persistent, tool_format="text"),
    )
    run, turns = await with_hooks(setup)
    assert turns[0] == {
        "iteration": 0,
        "failed": True,
        "text": broken_call("read"),
        "parse_error": True,
    }
    assert shape(run.provider.requests[1].messages) == ["user", "assistant", "parse_error"]
    assert run.result.status is LoopStatus.DONE


async def test_loop_10_4_unreadable_calls_are_told_once_and_their_turn_is_kept() -> None:
    run = await run_loop(
        Reply(f"{SAID.format('let me look')}\n{broken_call('read')}"),
        Reply(SAID.format("done")),
        tools=(READ,),
        options=LoopOptions(tool_format="text"),
    )
    messages = run.provider.requests[1].messages
    assert shape(messages) == ["user", "assistant", "parse_error"]
    assert "read(" not in str(messages[1]["content"])
    assert len(told(run.result.messages, "parse_error")) == 1


async def test_loop_10_4_calls_that_ran_beside_an_unreadable_one_are_told_of_once() -> None:
    run = await run_loop(
        Reply(f"{text_call('read', path='a')}\n{broken_call('read')}"),
        Reply(SAID.format("done")),
        tools=(READ,),
        options=LoopOptions(tool_format="text"),
    )
    (error,) = told(run.result.messages, "parse_error")
    assert "1 tool call could not be parsed" in error
    assert "did run (read)" in error


@pytest.mark.parametrize("limit", [0, 1, 3])
async def test_loop_10_46_too_many_unreadable_turns_in_a_row_are_stuck(limit: int) -> None:
    setup = Setup(
        [Reply(broken_call("read")) for _ in range(limit + 1)],
        tools=(READ,),
        options=LoopOptions(tool_format="text", max_parse_failures=limit),
    )
    run, turns = await with_hooks(setup)
    assert run.result.status is LoopStatus.STUCK
    assert "could not be read" in run.result.reason
    assert [turn.get("parse_error") for turn in turns] == [*[True] * limit, None]
    assert turns[-1]["status"] == "stuck"
    (stuck,) = run.of("loop_stuck")
    assert (stuck.max_nudges, stuck.last_iteration) == (limit, limit)


@pytest.mark.parametrize("between", [text_call("read"), SAID.format("hm")])
async def test_loop_10_46_a_readable_turn_in_between_starts_the_count_anew(between: str) -> None:
    broken = Reply(broken_call("read"))
    run = await run_loop(
        broken,
        broken,
        Reply(between),
        broken,
        broken,
        Reply(text_call("read", n="2")),
        Reply("<done>##DONE##</done>"),
        tools=(READ,),
        options=LoopOptions(persistent=True, tool_format="text", max_parse_failures=2),
    )
    assert run.result.status is LoopStatus.DONE


async def test_loop_10_46_unreadable_turns_do_not_let_talk_go_on_for_ever() -> None:
    """The reference forgets the nudges at each unreadable turn; here the two are counted apart."""
    replies = [Reply(SAID.format("hm")), Reply(broken_call("read"))] * 20
    run = await run_loop(
        *replies,
        tools=(READ,),
        options=LoopOptions(persistent=True, tool_format="text", max_nudges=3),
    )
    assert run.result.status is LoopStatus.STUCK
    assert run.result.iterations == 7


# Rows 3 and 4: an action is demanded


async def test_loop_4_2_row_4_plain_talk_is_refused_before_the_first_call() -> None:
    setup = Setup(
        [Reply("I will look"), CALL, Reply("looked")],
        tools=(READ,),
        options=LoopOptions(turn_policy=MUST_ACT),
    )
    run, turns = await with_hooks(setup)
    assert turns[0] == {
        "iteration": 0,
        "failed": True,
        "text": "I will look",
        "action_required": True,
    }
    assert shape(run.provider.requests[1].messages) == ["user", "assistant", "action_required"]
    assert (run.result.status, run.result.iterations) == (LoopStatus.DONE, 3)


async def test_loop_4_2_row_3_talk_beyond_the_nudges_is_stuck() -> None:
    setup = Setup(
        [Reply(f"talk {n}") for n in range(3)],
        tools=(READ,),
        options=LoopOptions(turn_policy=MUST_ACT, max_nudges=2),
    )
    run, turns = await with_hooks(setup)
    assert run.result.status is LoopStatus.STUCK
    assert [turn.get("action_required") for turn in turns] == [True, True, None]
    assert turns[-1] == {"iteration": 2, "failed": False, "text": "talk 2", "status": "stuck"}
    (stuck,) = run.of("loop_stuck")
    assert (stuck.max_nudges, stuck.last_iteration, stuck.tail_excerpt) == (2, 2, "talk 2")


async def test_loop_4_2_row_4_a_refused_call_is_not_the_action_that_was_demanded() -> None:
    run = await run_loop(
        Reply("", calls=(("nowhere", {}),)),
        Reply("I could not"),
        CALL,
        Reply("now I have"),
        tools=(READ,),
        options=LoopOptions(turn_policy=MUST_ACT),
    )
    assert len(told(run.result.messages, "action_required")) == 1
    assert run.result.iterations == 4


@pytest.mark.parametrize("setup", [{"tool_format": "text"}, {}], ids=["text format", "no tools"])
async def test_loop_4_2_row_4_holds_for_native_loops_with_tools_alone(
    setup: dict[str, Any],
) -> None:
    run = await run_loop(
        Reply(SAID.format("a plain answer")),
        tools=(READ,) if setup else (),
        options=LoopOptions(turn_policy=MUST_ACT, **setup),
    )
    assert (run.result.status, run.result.iterations) == (LoopStatus.DONE, 1)


# Row 5: the answer


async def test_loop_4_2_row_5_the_hook_gets_the_text_and_no_flag() -> None:
    _, turns = await with_hooks(Setup([Reply("an answer")]))
    assert turns == [{"iteration": 0, "failed": False, "text": "an answer"}]


async def test_loop_10_54_a_loop_that_is_not_persistent_runs_to_its_first_answer() -> None:
    """It does not return after one reply, as the reference's documentation says."""
    run = await run_loop(CALL, CALL, Reply("an answer"), tools=(READ,))
    assert (run.result.status, run.result.iterations) == (LoopStatus.DONE, 3)


# Row 7: a host's message


async def test_loop_4_2_row_7_a_message_that_waits_takes_the_place_of_the_nudge() -> None:
    setup = Setup([], options=LoopOptions(persistent=True))
    say = partial(setup.host_messages.push, "also this", HostMessageMode.FINISH_STEP)
    setup.provider._replies = [Reply("hm", before=say), Reply("##DONE##")]
    run, turns = await with_hooks(setup)
    assert turns[0] == {"iteration": 0, "failed": False, "text": "hm", "status": "host_input"}
    assert run.contents(1) == ["do it", "hm", "also this"]


async def test_loop_4_2_row_7_a_message_starts_the_count_of_nudges_anew() -> None:
    setup = Setup([], options=LoopOptions(persistent=True, max_nudges=1))
    say = partial(setup.host_messages.push, "also this", HostMessageMode.FINISH_STEP)
    setup.provider._replies = [
        Reply("1"),
        Reply("2", before=say),
        Reply("3"),
        Reply("4"),
    ]
    run, turns = await with_hooks(setup)
    assert run.result.status is LoopStatus.STUCK
    assert [turn["status"] for turn in turns] == ["continue", "host_input", "continue", "stuck"]


# Rows 8 and 9: nudged, then stuck


@pytest.mark.parametrize("max_nudges", [0, 1, 2, 5])
async def test_loop_4_2_row_8_so_many_nudges_and_the_next_text_turn_is_stuck(
    max_nudges: int,
) -> None:
    setup = Setup(
        [Reply(f"talk {n}") for n in range(max_nudges + 1)],
        options=LoopOptions(persistent=True, max_nudges=max_nudges),
    )
    run, turns = await with_hooks(setup)
    assert run.result.status is LoopStatus.STUCK
    assert len(told(run.result.messages, "nudge")) == max_nudges
    assert [turn["status"] for turn in turns] == [*["continue"] * max_nudges, "stuck"]
    assert shape(run.result.messages)[-1] == "assistant"
    (stuck,) = run.of("loop_stuck")
    assert (stuck.session_id, stuck.max_nudges) == ("test_session", max_nudges)
    assert (stuck.last_iteration, stuck.tail_excerpt) == (max_nudges, f"talk {max_nudges}")


async def test_loop_3_1_the_excerpt_of_a_stuck_loop_is_trimmed_and_cut_between_characters() -> None:
    run = await run_loop(
        Reply("  " + "é" * 241 + "  "), options=LoopOptions(persistent=True, max_nudges=0)
    )
    assert run.of("loop_stuck")[0].tail_excerpt == "é" * 240 + "…"
    run = await run_loop(Reply("é" * 240), options=LoopOptions(persistent=True, max_nudges=0))
    assert run.of("loop_stuck")[0].tail_excerpt == "é" * 240


async def test_loop_4_2_row_9_the_turn_is_kept_and_the_hook_is_told_of_the_nudge() -> None:
    setup = Setup([Reply("hm"), Reply("##DONE##")], options=LoopOptions(persistent=True))
    run, turns = await with_hooks(setup)
    assert turns[0] == {"iteration": 0, "failed": False, "text": "hm", "status": "continue"}
    assert shape(run.provider.requests[1].messages) == ["user", "assistant", "nudge"]


@pytest.mark.parametrize("mode", [HostMessageMode.INTERRUPT_IMMEDIATE, HostMessageMode.FINISH_STEP])
async def test_loop_1_4_an_interrupting_message_starts_the_count_of_nudges_anew(
    mode: HostMessageMode,
) -> None:
    setup = Setup([], options=LoopOptions(persistent=True, max_nudges=2))
    say = partial(setup.host_messages.push, "go on", mode)
    setup.provider._replies = [Reply("1"), Reply("2", before=say), *[Reply("x")] * 4]
    run = await setup.run()
    assert run.result.status is LoopStatus.STUCK
    assert run.result.iterations >= 4


@pytest.mark.parametrize(
    ("action", "iterations"),
    [({"action": "note", "text": "seen"}, 4), ({"action": "mark", "id": "none"}, 2)],
    ids=["accepted", "mistaken"],
)
async def test_loop_10_5_an_accepted_ledger_call_is_progress_and_a_mistaken_one_is_not(
    action: dict[str, Any], iterations: int
) -> None:
    run = await run_loop(
        Reply("talk"),
        Reply("", calls=(("ledger", action),)),
        Reply("talk"),
        Reply("talk"),
        options=LoopOptions(persistent=True, deliverables=("a",), max_nudges=1),
    )
    assert run.result.status is LoopStatus.STUCK
    assert run.result.iterations == iterations
    hold_frames(run.events)


async def test_loop_10_5_a_ledger_call_does_not_end_a_loop_that_is_not_persistent() -> None:
    run = await run_loop(
        Reply("", calls=(("ledger", {"action": "note", "text": "seen"}),)),
        Reply("an answer"),
        options=LoopOptions(deliverables=("a",)),
    )
    assert (run.result.status, run.result.iterations) == (LoopStatus.DONE, 2)
