"""Section 6 in a running loop: when a history is compacted, and what the next request holds."""

from typing import Any

import pytest

from harn_tui.config.loop_options import LoopOptions
from harn_tui.errors import ProviderError
from harn_tui.json_types import JsonObject
from harn_tui.kinds import LoopStatus, ProviderErrorCategory
from tests.conformance.loop_driver import Reply, Setup, make_tool
from tests.conformance.observed import (
    HookLog,
    broken_call,
    hold_answers,
    hold_frames,
    hold_to_log,
    past,
    shape,
    text_call,
    transcript_events,
)

READ = make_tool("read")
TRUNCATE: JsonObject = {"type": "truncate", "keep_last": 1}
TOO_LONG = ProviderError("too long", category=ProviderErrorCategory.CONTEXT_OVERFLOW)


def compacting(**options: Any) -> LoopOptions:
    return LoopOptions(**{"compaction": TRUNCATE, "compact_threshold": 500, **options})


# Before a call


async def test_loop_10_50_a_history_that_is_too_long_is_compacted_before_the_first_call() -> None:
    request = past(3)
    setup = Setup([Reply("ok")], options=compacting())
    log = HookLog(setup)
    run = await setup.run(request)
    (compacted,) = run.of("transcript_compacted")
    assert (compacted.mode, compacted.strategy) == ("preflight", "truncate")
    assert compacted.archived_messages == 6
    assert shape(run.provider.requests[0].messages) == ["user", "user"]
    assert run.contents(0)[0].startswith("[auto-compacted 6 older messages")
    assert run.contents(0)[1] == "go on"
    types = run.types()
    assert types.index("transcript_compacted") < types.index("turn_start")
    assert log.events_before[0] > types.index("transcript_compacted")
    hold_to_log(run, request)


async def test_loop_6_3_the_summary_follows_its_event_at_once_and_is_noted() -> None:
    run = await Setup([Reply("ok")], options=compacting()).run(past(3))
    place = run.types().index("transcript_compacted")
    summary: Any = run.events[place + 1]
    assert summary.message["kind"] == "compaction_summary"
    (note,) = transcript_events(run, "compaction")
    compacted = run.of("transcript_compacted")[0]
    assert note["metadata"] == {
        "mode": "preflight",
        "strategy": "truncate",
        "archived_messages": 6,
        "estimated_tokens_before": compacted.estimated_tokens_before,
        "estimated_tokens_after": compacted.estimated_tokens_after,
    }
    assert run.result.trace["compactions"] == 1


async def test_loop_10_62_the_call_is_estimated_like_the_compaction_before_it() -> None:
    setup = Setup([Reply("ok")], options=compacting(), extra={"system": "S" * 1_000})
    run = await setup.run(past(3))
    compacted, started = run.of("transcript_compacted")[0], run.of("llm_call_start")[0]
    assert compacted.estimated_tokens_after == started.estimated_tokens
    assert compacted.estimated_tokens_before > 250 + 600


async def test_loop_6_3_under_the_threshold_and_switched_off_nothing_happens() -> None:
    for options in (compacting(compact_threshold=5_000), compacting(compaction=False)):
        run = await Setup([Reply("ok")], options=options).run(past(3))
        assert run.of("transcript_compacted") == []
        assert len(run.provider.requests[0].messages) == 7


async def test_loop_10_50_a_turn_of_text_alone_is_followed_by_a_compaction_too() -> None:
    run = await Setup(
        [Reply("x" * 3_000), Reply("##DONE##")], options=compacting(persistent=True)
    ).run()
    assert [event.mode for event in run.of("transcript_compacted")] == ["preflight"]


async def test_loop_6_5_a_claimed_line_is_never_archived_before_it_was_read() -> None:
    setup = Setup(
        [Reply("ok")], options=compacting(compaction={"type": "truncate", "keep_last": 0})
    )
    setup.push("read me")
    run = await setup.run(past(3))
    assert "read me" in run.contents(0)[-1]
    assert shape(run.provider.requests[0].messages) == ["user", "user"]


# After a turn with calls


async def test_loop_6_3_a_turn_with_calls_is_followed_by_a_compaction() -> None:
    setup = Setup(
        [
            Reply("", calls=(("read", {"path": "x" * 3_000}),)),
            Reply("", calls=(("read", {"n": "2"}),)),
            Reply("done"),
        ],
        tools=(READ,),
        options=compacting(),
    )
    run = await setup.run()
    (compacted, *_) = run.of("transcript_compacted")
    assert compacted.mode == "auto"
    types = run.types()
    assert types.index("turn_end") < types.index("transcript_compacted")
    for request in run.provider.requests:
        hold_answers(request.messages)
    hold_to_log(run)


async def test_loop_1_8_parse_errors_come_behind_the_compaction() -> None:
    said = f"{text_call('read', path='x' * 10_000)}\n{broken_call('read')}"
    setup = Setup(
        [Reply(said), Reply("<assistant_prose>done</assistant_prose>")],
        tools=(READ,),
        options=compacting(
            tool_format="text",
            compaction={"type": "truncate", "keep_last": 0},
            compact_threshold=2_000,
        ),
    )
    run = await setup.run()
    assert shape(run.provider.requests[1].messages) == ["user", "parse_error"]


async def test_loop_6_5_calls_and_their_results_are_never_parted() -> None:
    calls: Any = tuple(("read", {"path": f"{n}", "n": "y" * 200}) for n in range(4))
    setup = Setup(
        [*(Reply("", calls=calls) for _ in range(6)), Reply("done")],
        tools=(READ,),
        options=compacting(compaction={"type": "truncate", "keep_last": 3}, loop_detect_warn=0),
    )
    run = await setup.run()
    assert len(run.of("transcript_compacted")) >= 2
    for request in run.provider.requests:
        hold_answers(request.messages)
    hold_answers(run.result.messages)
    hold_to_log(run)


async def test_loop_10_29_after_two_compactions_the_history_begins_with_one_summary() -> None:
    replies = [Reply("", calls=(("read", {"path": f"{n}" * 2_500}),)) for n in range(3)]
    run = await Setup([*replies, Reply("done")], tools=(READ,), options=compacting()).run()
    assert len(run.of("transcript_compacted")) >= 2
    summaries = [m for m in run.result.messages if m.get("kind") == "compaction_summary"]
    assert len(summaries) == 1
    assert run.result.messages[0] == summaries[0]


# A request that the server found too long


async def test_loop_10_50_an_overflow_compacts_once_and_sends_again() -> None:
    request = past(6, chars=2_000)
    setup = Setup(
        [Reply(error=TOO_LONG, accepts=False), Reply("ok")],
        options=compacting(compact_threshold=50_000, llm_retries=0),
    )
    setup.push("read me")
    run = await setup.run(request)
    assert run.result.status is LoopStatus.DONE
    assert [event.mode for event in run.of("transcript_compacted")] == ["overflow"]
    (retry,) = run.of("llm_retry")
    assert (retry.delay_ms, retry.category) == (0, ProviderErrorCategory.CONTEXT_OVERFLOW)
    first, second = run.provider.requests
    assert len(second.messages) < len(first.messages)
    assert sum("read me" in content for content in run.contents(1)) == 1
    assert [e.state for e in run.of("feedback_state")] == ["claimed", "delivered"]
    assert len(run.of("llm_call_start")) == 1
    hold_frames(run.events)
    hold_to_log(run, request)


async def test_loop_10_50_a_second_overflow_ends_the_run_as_an_error() -> None:
    setup = Setup(
        [Reply(error=TOO_LONG, accepts=False), Reply(error=TOO_LONG, accepts=False)],
        options=compacting(compact_threshold=50_000),
    )
    setup.push("read me")
    run = await setup.run(past(6, chars=2_000))
    assert (run.result.status, run.result.error) == (LoopStatus.ERROR, "too long")
    assert len(run.of("transcript_compacted")) == 1
    assert [item.content for item in setup.feedback.pending("test_session")] == ["read me"]
    hold_frames(run.events)


@pytest.mark.parametrize("compaction", [False, TRUNCATE])
async def test_loop_10_50_an_overflow_that_nothing_can_mend_is_an_error(
    compaction: bool | JsonObject,
) -> None:
    setup = Setup([Reply(error=TOO_LONG, accepts=False)], options=compacting(compaction=compaction))
    request = past(6, chars=2_000) if compaction is False else "only this"
    run = await setup.run(request)
    assert run.result.status is LoopStatus.ERROR
    assert run.of("transcript_compacted") == []


async def test_loop_10_50_each_call_may_be_compacted_for_once() -> None:
    overflow, call = Reply(error=TOO_LONG, accepts=False), Reply("", calls=(("read", {}),))
    setup = Setup(
        [overflow, call, overflow, Reply("done")],
        tools=(READ,),
        options=compacting(compact_threshold=50_000),
    )
    run = await setup.run(past(6, chars=2_000))
    assert run.result.status is LoopStatus.DONE
    assert len(run.of("transcript_compacted")) == 2
    for request in run.provider.requests:
        hold_answers(request.messages)
