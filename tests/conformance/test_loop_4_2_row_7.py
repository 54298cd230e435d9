"""Statements of docs/loop.md on somebody's words that wait after a turn of text alone."""

from functools import partial

from harn_tui.config.loop_options import LoopOptions
from harn_tui.kinds import Boundary, LoopStatus
from tests.conformance.loop_driver import SESSION_ID, Reply, Setup

PERSISTENT = LoopOptions(persistent=True, max_nudges=0)


async def test_loop_4_2_row_7_a_persons_line_stands_for_the_nudge() -> None:
    setup = Setup([], options=PERSISTENT)
    setup.provider._replies = [
        Reply("hm", before=partial(setup.push, "use tabs")),
        Reply("##DONE##"),
    ]
    run = await setup.run()
    assert run.result.status is LoopStatus.DONE
    assert "use tabs" in run.contents(1)[-1]
    assert not any('kind="nudge"' in content for content in run.contents(1))


async def test_loop_4_2_row_7_words_make_the_count_of_nudges_begin_anew() -> None:
    setup = Setup([], options=LoopOptions(persistent=True, max_nudges=1))
    setup.provider._replies = [
        Reply("hm"),
        Reply("hm", before=partial(setup.push, "use tabs")),
        Reply("hm"),
        Reply("##DONE##"),
    ]
    assert (await setup.run()).result.status is LoopStatus.DONE


async def test_loop_4_2_row_7_what_the_runtime_queued_does_not() -> None:
    setup = Setup([], options=PERSISTENT)
    setup.provider._replies = [Reply("hm", before=partial(setup.push, "exit 0", "tool_result"))]
    assert (await setup.run()).result.status is LoopStatus.STUCK


async def test_loop_4_2_row_7_a_line_for_after_the_run_does_not() -> None:
    setup = Setup([], options=PERSISTENT)
    push = partial(setup.feedback.push, SESSION_ID, "user", "later", Boundary.AFTER_RUN)
    setup.provider._replies = [Reply("hm", before=push)]
    assert (await setup.run()).result.status is LoopStatus.STUCK


async def test_loop_4_2_row_7_a_line_that_gets_no_turn_goes_back_to_the_queue() -> None:
    setup = Setup([], options=LoopOptions(persistent=True, max_iterations=1))
    setup.provider._replies = [Reply("hm", before=partial(setup.push, "use tabs"))]
    run = await setup.run()
    assert run.result.status is LoopStatus.BUDGET_EXHAUSTED
    assert [item.content for item in setup.feedback.pending(SESSION_ID)] == ["use tabs"]
