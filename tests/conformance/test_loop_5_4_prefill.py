"""Section 5.4 in a running loop: a prefill from the queue, from the option, and what it becomes."""

from typing import Any

import pytest

from harn_tui.config.loop_options import LoopOptions
from harn_tui.errors import ProviderError
from harn_tui.kinds import ProviderErrorCategory
from tests.conformance.loop_driver import SESSION_ID, Reply, Setup, make_tool
from tests.conformance.observed import shape

READ = make_tool("read")
CALL = Reply("", calls=(("read", {}),))
PREFILL = "prefill_assistant"


def prefills(setup: Setup) -> list[str | None]:
    return [request.prefill for request in setup.provider.requests]


async def test_loop_5_4_a_prefill_holds_for_one_turn_and_is_announced_as_injected() -> None:
    setup = Setup([CALL, Reply("ok")], tools=(READ,))
    setup.push("Sure, ", kind=PREFILL)
    run = await setup.run()
    assert prefills(setup) == ["Sure, ", None]
    assert [(e.kind, e.content) for e in run.of("feedback_injected")] == [(PREFILL, "Sure, ")]
    assert shape(run.result.messages) == ["user", "assistant", "tool", "assistant"]


async def test_loop_5_4_the_last_of_both_queues_wins_and_all_are_announced() -> None:
    setup = Setup([Reply("ok")])
    setup.feedback.push_threadsafe(SESSION_ID, PREFILL, "from a thread")
    setup.push("first", kind=PREFILL)
    setup.push("second", kind=PREFILL)
    run = await setup.run()
    assert prefills(setup) == ["from a thread"]
    assert len(run.of("feedback_injected")) == 3


async def test_loop_5_4_a_prefill_from_the_queue_wins_over_the_option() -> None:
    setup = Setup([Reply("ok")], options=LoopOptions(prefill="option"))
    setup.push("queued", kind=PREFILL)
    await setup.run()
    assert prefills(setup) == ["queued"]


async def test_loop_5_4_lines_around_a_prefill_keep_their_order() -> None:
    setup = Setup([Reply("ok")])
    setup.push("a", kind="first")
    setup.push("Sure", kind=PREFILL)
    setup.push("b", kind="second")
    await setup.run()
    assert shape(setup.provider.requests[0].messages) == ["user", "first", "second"]


async def test_loop_5_4_a_reply_that_begins_with_the_prefill_gets_it_once() -> None:
    setup = Setup([Reply("Sure, ok", prefill_sent=True)])
    setup.push("Sure, ", kind=PREFILL)
    run = await setup.run()
    assert run.result.text == "Sure, ok"


async def test_loop_5_4_a_prefill_that_was_sent_is_part_of_the_reply_in_the_history() -> None:
    setup = Setup([Reply("ok", prefill_sent=True)])
    setup.push("Sure, ", kind=PREFILL)
    run = await setup.run()
    assert run.result.messages[-1] == {"role": "assistant", "content": "Sure, ok"}


async def test_loop_10_14_a_prefill_that_was_not_sent_is_told_and_not_made_up() -> None:
    setup = Setup([Reply("ok")])
    setup.push("Sure, ", kind=PREFILL)
    run = await setup.run()
    assert run.result.messages[-1] == {"role": "assistant", "content": "ok"}
    assert [notice.level for notice in run.of("notice")] == ["warning"]


async def test_loop_5_4_a_prefill_holds_for_every_attempt_of_its_call() -> None:
    cut = ProviderError("cut", category=ProviderErrorCategory.TRANSIENT_NETWORK)
    setup = Setup([Reply("par", error=cut), Reply("ok", prefill_sent=True)])
    setup.push("Sure, ", kind=PREFILL)
    run = await setup.run()
    assert prefills(setup) == ["Sure, ", "Sure, "]
    assert run.result.text == "Sure, ok"
    assert len(run.of("feedback_injected")) == 1


async def test_loop_5_4_a_prefill_of_a_refused_call_waits_for_the_next_one() -> None:
    refused = ProviderError("no key", category=ProviderErrorCategory.AUTH)
    setup = Setup([Reply(error=refused, accepts=False), Reply("ok")])
    setup.push("Sure, ", kind=PREFILL)
    await setup.run()
    assert [item.kind for item in setup.feedback.pending(SESSION_ID)] == [PREFILL]
    await setup.run("again")
    assert prefills(setup) == ["Sure, ", "Sure, "]


async def test_loop_5_4_a_prefill_queued_while_a_tool_runs_is_for_the_next_call() -> None:
    setup = Setup([], tools=(READ,))

    def queue() -> None:
        setup.push("Then", kind=PREFILL)

    setup.provider._replies = [
        Reply("", calls=(("read", {}),), before=queue),
        Reply(", done", prefill_sent=True),
    ]
    run = await setup.run()
    assert prefills(setup) == [None, "Then"]
    assert run.result.visible_text == "Then, done"


@pytest.mark.parametrize("was_sent", [True, False])
async def test_loop_5_4_a_completion_begun_by_the_prefill_counts_only_when_it_was_sent(
    was_sent: bool,
) -> None:
    setup = Setup(
        [Reply("DONE##", prefill_sent=was_sent), Reply("hm")],
        options=LoopOptions(persistent=True, max_iterations=2),
    )
    setup.push("##", kind=PREFILL)
    run = await setup.run()
    expected: Any = 1 if was_sent else 2
    assert run.result.iterations == expected
