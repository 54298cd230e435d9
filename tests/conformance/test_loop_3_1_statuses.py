"""Statements of docs/loop.md on the statuses: when each comes, and what is heard of it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from harn_tui.config.loop_options import LoopOptions, TurnPolicy
from harn_tui.errors import ProviderError
from harn_tui.json_types import JsonObject
from harn_tui.kinds import BudgetKind, LoopStatus, ProviderErrorCategory, ToolKind
from harn_tui.loop.callbacks import LoopCallbacks
from harn_tui.loop.cancellation import RunControl
from harn_tui.providers.base import ModelFacts, Usage
from harn_tui.tools.base import ToolContext, ToolResult
from tests.conformance.loop_driver import Reply, Run, Setup, make_tool, run_loop

READ = make_tool("read")
EDIT = make_tool("edit", kind=ToolKind.EDIT)
CALL = Reply("", calls=(("read", {}),))
HM, DONE = Reply("hm"), Reply("##DONE##")
REFUSED = ProviderError("refused", category=ProviderErrorCategory.AUTH)
PRICED = ModelFacts(input_price=1_000_000.0, output_price=1_000_000.0)
"""A model of which each token costs a dollar."""

REFERENCE_ENDS = {"loop_stuck", "budget_exhausted", "daemon_watchdog_tripped"}


@dataclass(frozen=True)
class Ending:
    """How a run comes to a status; ``heard`` is the event of the reference, if there is one."""

    status: LoopStatus
    replies: tuple[Reply, ...]
    options: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)
    heard: str | None = None
    tools: tuple[Any, ...] = (READ, EDIT)

    async def run(self, folder: Path) -> Run:
        options = dict(self.options)
        if "watch_paths" in options:
            options["watch_paths"] = (str(folder / "nothing here"),)
        setup = Setup(self.replies, tools=self.tools, options=LoopOptions(**options))
        setup.extra.update(self.extra)
        return await setup.run()


PERSISTENT = {"persistent": True}
DAEMON = {"daemon": True}
WATCHED = {**DAEMON, "watch_paths": (), "idle_watchdog_attempts": 0}

ENDINGS = {
    "an accepted completion": Ending(LoopStatus.DONE, (CALL, DONE), PERSISTENT),
    "a change of phase": Ending(
        LoopStatus.DONE,
        (Reply("next_phase: build"),),
        {**PERSISTENT, "break_unless_phase": "look"},
    ),
    "a stopping tool": Ending(
        LoopStatus.DONE, (CALL,), {**PERSISTENT, "stop_after_successful_tools": ("read",)}
    ),
    "a callback": Ending(
        LoopStatus.DONE,
        (CALL,),
        PERSISTENT,
        {"callbacks": LoopCallbacks(post_turn=lambda info: True)},
    ),
    "a plain answer": Ending(LoopStatus.DONE, (HM,)),
    "too much talk": Ending(
        LoopStatus.STUCK, (HM,), {**PERSISTENT, "max_nudges": 0}, heard="loop_stuck"
    ),
    "a demanded call that never came": Ending(
        LoopStatus.STUCK,
        (HM,),
        {"max_nudges": 0, "turn_policy": TurnPolicy(require_action_or_yield=True)},
        heard="loop_stuck",
    ),
    "all turns used": Ending(
        LoopStatus.BUDGET_EXHAUSTED, (CALL,), {"max_iterations": 1}, heard="budget_exhausted"
    ),
    "all tokens used": Ending(
        LoopStatus.BUDGET_EXHAUSTED, (CALL,), {"token_budget": 15}, heard="budget_exhausted"
    ),
    "all money spent": Ending(
        LoopStatus.BUDGET_EXHAUSTED,
        (Reply("", calls=(("read", {}),), usage=Usage(1000, 4000)),),
        {"total_budget_usd": 5000},
        {"model_facts": PRICED},
        heard="budget_exhausted",
    ),
    "a daemon that nothing can wake": Ending(LoopStatus.IDLE, (HM,), DAEMON),
    "a daemon that is done": Ending(
        LoopStatus.IDLE, (CALL,), {**WATCHED, "stop_after_successful_tools": ("read",)}
    ),
    "waits in vain": Ending(LoopStatus.WATCHDOG, (HM,), WATCHED, heard="daemon_watchdog_tripped"),
    "no required tool": Ending(
        LoopStatus.FAILED, (CALL, HM), {"require_successful_tools": ("edit",)}
    ),
    "a failed call": Ending(LoopStatus.ERROR, (Reply(error=REFUSED, accepts=False),)),
}


@pytest.mark.parametrize("name", ENDINGS)
async def test_loop_3_1_each_status_has_its_cause(name: str, tmp_path: Path) -> None:
    run = await ENDINGS[name].run(tmp_path)
    assert run.result.status is ENDINGS[name].status


@pytest.mark.parametrize("name", ENDINGS)
async def test_loop_3_1_each_status_has_the_event_of_the_table_and_no_other(
    name: str, tmp_path: Path
) -> None:
    run = await ENDINGS[name].run(tmp_path)
    heard = [event_type for event_type in run.types() if event_type in REFERENCE_ENDS]
    assert heard == ([ENDINGS[name].heard] if ENDINGS[name].heard else [])


@pytest.mark.parametrize("name", ENDINGS)
async def test_loop_10_38_each_status_is_told_once_in_the_last_event_with_a_reason(
    name: str, tmp_path: Path
) -> None:
    run = await ENDINGS[name].run(tmp_path)
    (end,) = run.of("loop_end")
    assert run.types()[-1] == "loop_end"
    assert end.status is run.result.status
    assert end.reason == run.result.reason
    assert end.reason.strip()
    assert run.result.trace["status"] == end.status


@pytest.mark.parametrize("name", ENDINGS)
async def test_loop_10_38_whatever_the_status_turns_and_calls_are_balanced(
    name: str, tmp_path: Path
) -> None:
    types = (await ENDINGS[name].run(tmp_path)).types()
    for start, end in (("turn_start", "turn_end"), ("llm_call_start", "llm_call_end")):
        assert types.count(start) == types.count(end)


async def test_loop_10_54_a_cancelled_run_has_a_status_of_its_own() -> None:
    control = RunControl()
    setup = Setup([], control=control)
    setup.provider._replies = [Reply("x", before=lambda: control.cancel("by the test"))]
    run = await setup.run()
    assert run.result.status is LoopStatus.CANCELLED
    assert run.of("loop_end")[0].reason == "by the test"


def test_loop_3_1_every_status_is_in_the_table() -> None:
    told = {ending.status for ending in ENDINGS.values()} | {LoopStatus.CANCELLED}
    assert told == set(LoopStatus)


@pytest.mark.parametrize(
    ("options", "extra", "kind"),
    [
        ({"max_iterations": 1}, {}, BudgetKind.ITERATIONS),
        ({"token_budget": 15}, {}, BudgetKind.TOKENS),
        ({"total_budget_usd": 0.5}, {"model_facts": PRICED}, BudgetKind.COST),
    ],
)
async def test_loop_10_9_a_budget_says_which_one_it_was(
    options: dict[str, Any], extra: dict[str, Any], kind: BudgetKind
) -> None:
    setup = Setup([CALL], tools=(READ,), options=LoopOptions(**options), extra=extra)
    run = await setup.run()
    (event,) = run.of("budget_exhausted")
    assert (event.reason, event.max_iterations) == (kind, setup.options.max_iterations)


async def test_loop_10_61_a_call_that_would_cost_too_much_is_not_made() -> None:
    async def long_answer(arguments: JsonObject, context: ToolContext) -> ToolResult:
        return ToolResult("x" * 8000)

    setup = Setup(
        [Reply("", calls=(("read", {}),), usage=Usage(1, 1)), HM],
        tools=(make_tool("read", run=long_answer),),
        options=LoopOptions(total_budget_usd=1500),
        extra={"model_facts": PRICED},
    )
    run = await setup.run()
    assert run.result.status is LoopStatus.BUDGET_EXHAUSTED
    assert len(run.provider.requests) == 1
    assert run.result.cost_usd == 2.0


async def test_loop_10_61_the_last_answer_is_kept_when_the_money_is_spent() -> None:
    setup = Setup(
        [Reply("all I know", usage=Usage(1000, 9000))],
        options=LoopOptions(total_budget_usd=5000),
        extra={"model_facts": PRICED},
    )
    run = await setup.run()
    assert (run.result.status, run.result.text) == (LoopStatus.DONE, "all I know")


async def test_loop_appendix_b_a_price_that_is_not_known_limits_nothing() -> None:
    options = LoopOptions(total_budget_usd=0.000001)
    run = await run_loop(CALL, HM, tools=(READ,), options=options)
    assert run.result.status is LoopStatus.DONE
    assert run.result.cost_usd is None


NEVER_OVERWRITTEN = (
    "an accepted completion",
    "a plain answer",
    "a stopping tool",
    "a callback",
    "too much talk",
    "waits in vain",
)


@pytest.mark.parametrize("name", NEVER_OVERWRITTEN)
@pytest.mark.parametrize("budget", [{"token_budget": 15}, {"max_iterations": 1}])
async def test_loop_10_9_no_budget_overwrites_how_a_run_ended(
    name: str, budget: dict[str, Any], tmp_path: Path
) -> None:
    ending = ENDINGS[name]
    turns = len(ending.replies)
    scaled = {key: value * turns for key, value in budget.items()}
    run = await Ending(
        ending.status, ending.replies, {**ending.options, **scaled}, ending.extra
    ).run(tmp_path)
    assert run.result.status is ending.status
    assert run.of("budget_exhausted") == []


async def test_loop_3_2_tokens_are_counted_after_each_turn_and_a_budget_is_met_when_reached() -> (
    None
):
    replies = [Reply("", calls=(("read", {"n": str(n)}),), usage=Usage(6, 4)) for n in range(5)]
    run = await run_loop(*replies, tools=(READ,), options=LoopOptions(token_budget=30))
    assert len(run.provider.requests) == 3
    assert run.result.reason == "30 of 30 tokens used"


async def test_loop_3_2_tokens_of_attempts_that_failed_are_not_counted() -> None:
    error = ProviderError("cut", category=ProviderErrorCategory.TRANSIENT_NETWORK)
    run = await run_loop(
        Reply("half", error=error, usage=Usage(500, 500)),
        Reply("", calls=(("read", {}),), usage=Usage(5, 5)),
        HM,
        tools=(READ,),
        options=LoopOptions(token_budget=500),
    )
    assert run.result.status is LoopStatus.DONE
    assert run.result.usage.input_tokens == 15


async def test_loop_3_2_a_call_that_reported_no_tokens_counts_none() -> None:
    run = await run_loop(
        Reply("", calls=(("read", {}),), usage=None),
        HM,
        tools=(READ,),
        options=LoopOptions(token_budget=10),
    )
    assert run.result.status is LoopStatus.DONE


async def test_loop_10_59_any_one_of_the_required_tools_is_enough() -> None:
    options = LoopOptions(require_successful_tools=("edit", "read"))
    run = await run_loop(CALL, HM, tools=(READ, EDIT), options=options)
    assert run.result.status is LoopStatus.DONE


async def test_loop_10_59_a_required_tool_that_ran_in_vain_is_not_enough() -> None:
    options = LoopOptions(require_successful_tools=("edit",))
    denied = Reply("", calls=(("edit", {}),))
    run = await run_loop(denied, HM, tools=(EDIT,), options=options)
    assert run.result.status is LoopStatus.FAILED
    assert run.result.reason == "none of edit succeeded"


@pytest.mark.parametrize("name", ["too much talk", "all turns used", "a failed call"])
async def test_loop_10_59_required_tools_only_make_a_finished_run_fail(
    name: str, tmp_path: Path
) -> None:
    ending = ENDINGS[name]
    options = {**ending.options, "require_successful_tools": ("edit",)}
    run = await Ending(ending.status, ending.replies, options).run(tmp_path)
    assert run.result.status is ending.status


async def test_loop_3_3_the_record_of_the_end_has_the_runs_figures() -> None:
    run = await run_loop(CALL, HM, tools=(READ,))
    (end,) = run.of("loop_end")
    assert end.iterations == 2
    assert end.loop_id == run.of("loop_start")[0].loop_id == run.result.loop_id
    assert end.usage == {
        "input_tokens": 20,
        "output_tokens": 10,
        "cache_read_tokens": 0,
        "cache_write_tokens": 0,
    }
    assert run.result.trace["tools_used"] == ["read"]
    assert run.result.tools_successful == ("read",)


async def test_loop_3_3_the_cost_is_told_when_every_call_had_a_price() -> None:
    run = await Setup([HM], extra={"model_facts": PRICED}).run()
    assert run.of("loop_end")[0].usage["cost_usd"] == 15.0
