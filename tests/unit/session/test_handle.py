import asyncio
from pathlib import Path
from typing import Any

import pytest

from harn_tui.config.loop_options import LoopOptions
from harn_tui.errors import ProviderError, SessionLockedError
from harn_tui.events.host import PermissionRequest
from harn_tui.events.record import Record
from harn_tui.kinds import (
    Boundary,
    Decision,
    DecisionScope,
    FeedbackState,
    LoopStatus,
    ProviderErrorCategory,
    ToolKind,
)
from harn_tui.providers.base import ModelFacts
from harn_tui.store.log_reader import read_records
from harn_tui.tools.base import ToolContext, ToolResult
from harn_tui.view.fold import apply, apply_all
from harn_tui.view.model import SessionView, UserBlock
from tests.conformance.loop_driver import Reply, make_tool, until
from tests.unit.session.opened import contents, open_scripted

WRAPPED = '<runtime_feedback kind="user">\n{}\n</runtime_feedback>'


async def _forever() -> None:
    await asyncio.Event().wait()


def _refused() -> ProviderError:
    return ProviderError("no key", category=ProviderErrorCategory.AUTH, status=401)


async def test_submitting_while_idle_starts_a_run(tmp_path: Path) -> None:
    session, script = open_scripted(tmp_path / "s", [Reply("hello")])
    await session.start()
    session.submit("hi")
    assert session.is_running
    result = await session.wait_idle()
    assert result is not None
    assert result.status is LoopStatus.DONE
    assert contents(script, 0) == ["hi"]
    await session.close()


async def test_next_run_continues_the_conversation(tmp_path: Path) -> None:
    session, script = open_scripted(tmp_path / "s", [Reply("one"), Reply("two")])
    await session.start()
    for text in ("first", "second"):
        session.submit(text)
        await session.wait_idle()
    assert contents(script, 1) == ["first", "one", "second"]
    await session.close()


async def test_line_submitted_while_running_is_delivered_at_the_next_preflight(
    tmp_path: Path,
) -> None:
    session, script = open_scripted(tmp_path / "s", [])
    replies = [Reply("a", before=lambda: session.submit("steer")), Reply("b")]
    script._replies = replies
    await session.start()
    session.submit("go")
    await session.wait_idle()
    assert contents(script, 1) == ["go", "a", WRAPPED.format("steer")]
    await session.close()


async def test_line_for_after_the_run_starts_the_next_one(tmp_path: Path) -> None:
    session, script = open_scripted(tmp_path / "s", [])
    script._replies = [
        Reply("a", before=lambda: session.submit("later", Boundary.AFTER_RUN)),
        Reply("b"),
    ]
    await session.start()
    session.submit("go")
    await session.wait_idle()
    assert contents(script, 1) == ["go", "a", "later"]
    await session.close()


async def test_interrupt_keeps_partial_text_and_pauses_the_queue(tmp_path: Path) -> None:
    session, script = open_scripted(tmp_path / "s", [Reply("half", midway=_forever), Reply("b")])
    await session.start()
    session.submit("go")
    await until(lambda: len(script.requests) == 1)
    waiting = session.submit("next")
    assert session.interrupt()
    result = await session.wait_idle()
    assert result is not None
    assert result.status is LoopStatus.CANCELLED
    assert session.is_paused
    assert not session.is_running
    session.resume_queue()
    await session.wait_idle()
    assert contents(script, 1) == ["go", "half", "next"]
    assert session.withdraw(waiting) is False
    await session.close()


async def test_send_now_interrupts_and_delivers_at_once(tmp_path: Path) -> None:
    session, script = open_scripted(tmp_path / "s", [Reply("half", midway=_forever), Reply("b")])
    await session.start()
    session.submit("go")
    await until(lambda: len(script.requests) == 1)
    session.submit("later", Boundary.AFTER_RUN)
    urgent = session.submit("queued")
    assert session.send_now(urgent)
    await until(lambda: len(script.requests) == 2)
    assert contents(script, 1) == ["go", "half", "queued"]
    script._replies.append(Reply("c"))
    await session.wait_idle()
    await session.close()


async def test_submitting_with_now_interrupts_the_run(tmp_path: Path) -> None:
    session, script = open_scripted(tmp_path / "s", [Reply("half", midway=_forever), Reply("b")])
    await session.start()
    session.submit("go")
    await until(lambda: len(script.requests) == 1)
    session.submit("stop, do this", Boundary.NOW)
    await session.wait_idle()
    assert contents(script, 1)[-1] == "stop, do this"
    assert not session.is_paused
    await session.close()


async def test_withdrawn_line_never_reaches_the_model(tmp_path: Path) -> None:
    session, script = open_scripted(tmp_path / "s", [])

    def type_and_withdraw() -> None:
        assert session.withdraw(session.submit("oops"))

    script._replies = [Reply("a", before=type_and_withdraw)]
    await session.start()
    session.submit("go")
    await session.wait_idle()
    assert len(script.requests) == 1
    await session.close()


async def test_held_line_is_not_sent_and_edited_line_is_sent_in_its_new_words(
    tmp_path: Path,
) -> None:
    session, script = open_scripted(tmp_path / "s", [])
    ids: list[str] = []

    def type_and_hold() -> None:
        ids.append(session.submit("old words"))
        assert session.hold(ids[0])

    script._replies = [Reply("a", before=type_and_hold), Reply("b")]
    await session.start()
    session.submit("go")
    await session.wait_idle()
    assert len(script.requests) == 1
    session.release(ids[0], "new words")
    await session.wait_idle()
    assert contents(script, 1)[-1] == "new words"
    await session.close()


async def test_failed_call_pauses_and_the_line_stays_queued(tmp_path: Path) -> None:
    session, script = open_scripted(tmp_path / "s", [])
    script._replies = [
        Reply("", calls=(("read", {}),), before=lambda: session.submit("steer")),
        Reply(error=_refused(), accepts=False),
        Reply("ok"),
    ]
    await session.start()
    session.submit("go")
    result = await session.wait_idle()
    assert result is not None
    assert result.status is LoopStatus.ERROR
    assert session.is_paused
    session.resume_queue()
    await session.wait_idle()
    assert sum("steer" in content for content in contents(script, 2)) == 1
    await session.close()


async def test_prompt_that_was_too_dear_to_send_waits_instead_of_starting_run_after_run(
    tmp_path: Path,
) -> None:
    session, script = open_scripted(
        tmp_path / "s",
        [Reply("never sent")],
        options=LoopOptions(total_budget_usd=0.000001),
        model_facts=ModelFacts(input_price=1000.0, output_price=1000.0),
    )
    await session.start()
    prompt = session.submit("go")
    result = await session.wait_idle()
    assert result is not None
    assert result.status is LoopStatus.BUDGET_EXHAUSTED
    assert session.is_paused
    assert script.requests == []
    assert session.withdraw(prompt)
    await session.close()


async def test_approval_is_asked_and_answered_through_the_handle(tmp_path: Path) -> None:
    session, script = open_scripted(
        tmp_path / "s",
        [Reply("", calls=(("write", {}),)), Reply("done")],
        tools=(make_tool("write", kind=ToolKind.EDIT),),
    )
    await session.start()
    session.submit("go")
    await until(lambda: len(session.open_requests()) == 1)
    (request_id,) = session.open_requests()
    assert session.answer(request_id, Decision.ALLOW, DecisionScope.ONCE, "but use tabs")
    assert session.answer(request_id, Decision.DENY) is False
    await session.wait_idle()
    assert contents(script, 1)[-1] == WRAPPED.format("but use tabs")
    await session.close()


async def test_closing_while_a_run_is_active_ends_it_and_keeps_the_queue(tmp_path: Path) -> None:
    session, script = open_scripted(tmp_path / "s", [Reply("half", midway=_forever)])
    await session.start()
    session.submit("go")
    await until(lambda: len(script.requests) == 1)
    session.submit("for later")
    await session.close()
    types = [r.event.type for r in read_records(tmp_path / "s" / "event_log.jsonl")]
    assert types.count("loop_end") == 1

    again, second = open_scripted(tmp_path / "s", [Reply("resumed")])
    await again.start()
    assert again.is_paused
    view = SessionView()
    apply_all(view, again.past_records())
    assert [q.text for q in view.queue] == ["for later"]
    again.resume_queue()
    await again.wait_idle()
    assert contents(second, 0) == ["go", "half", "for later"]
    await again.close()


async def test_second_opener_is_refused_while_the_session_is_open(tmp_path: Path) -> None:
    session, _ = open_scripted(tmp_path / "s", [])
    with pytest.raises(SessionLockedError):
        open_scripted(tmp_path / "s", [])
    await session.start()
    await session.close()


async def test_resumed_request_equals_the_one_without_a_restart(tmp_path: Path) -> None:
    def replies() -> list[Reply]:
        return [Reply("look", calls=(("read", {"path": "a"}),)), Reply("one"), Reply("two")]

    tools = (make_tool("read"),)
    whole, through = open_scripted(tmp_path / "a", replies(), tools=tools)
    await whole.start()
    for text in ("first", "second"):
        whole.submit(text)
        await whole.wait_idle()
    await whole.close()

    before, _ = open_scripted(tmp_path / "b", replies()[:2], tools=tools)
    await before.start()
    before.submit("first")
    await before.wait_idle()
    await before.close()
    after, resumed = open_scripted(tmp_path / "b", replies()[2:], tools=tools)
    await after.start()
    after.submit("second")
    await after.wait_idle()
    await after.close()

    def bare(messages: Any) -> list[Any]:
        return [{k: v for k, v in m.items() if k != "feedback_id"} for m in messages]

    assert bare(resumed.requests[0].messages) == bare(through.requests[2].messages)


async def test_live_view_equals_the_view_of_the_log(tmp_path: Path) -> None:
    async def slow(arguments: Any, context: ToolContext) -> ToolResult:
        session.submit("a line")
        return ToolResult("content")

    session, _ = open_scripted(
        tmp_path / "s",
        [
            Reply("one two three", thinking="hm", calls=(("read", {"path": "a"}),)),
            Reply("four five"),
        ],
        tools=(make_tool("read", run=slow),),
    )
    live = SessionView()
    session.subscribe(lambda record: void(apply(live, record)))
    await session.start()
    session.submit("go")
    await session.wait_idle()
    await session.close()
    replayed = SessionView()
    apply_all(replayed, read_records(tmp_path / "s" / "event_log.jsonl"))
    assert live == replayed
    steered = [b for b in live.blocks if isinstance(b, UserBlock) and not b.starts_run]
    assert [(b.text, b.delivered_before_call) for b in steered] == [("a line", 2)]


def void(_: object) -> None:
    """Drop a value."""


async def test_first_request_names_the_session(tmp_path: Path) -> None:
    session, _ = open_scripted(tmp_path / "s", [Reply("ok")])
    await session.start()
    session.submit("Fix the parser\nplease")
    await session.wait_idle()
    await session.close()
    assert '"title": "Fix the parser"' in (tmp_path / "s" / "state.json").read_text()


async def test_draft_survives_a_restart(tmp_path: Path) -> None:
    session, _ = open_scripted(tmp_path / "s", [])
    await session.start()
    session.save_draft("half a thou")
    session.save_draft("half a thought")
    await session.close()
    again, _ = open_scripted(tmp_path / "s", [])
    assert again.draft == "half a thought"
    await again.start()
    await again.close()


async def test_listener_that_answers_at_once_is_heard(tmp_path: Path) -> None:
    session, _ = open_scripted(
        tmp_path / "s",
        [Reply("", calls=(("write", {}),)), Reply("done")],
        tools=(make_tool("write", kind=ToolKind.EDIT),),
    )

    def answer(record: Record) -> None:
        if isinstance(record.event, PermissionRequest):
            request_id = record.event.request_id
            loop = asyncio.get_running_loop()
            loop.call_soon(lambda: void(session.answer(request_id, Decision.ALLOW)))

    session.subscribe(answer)
    await session.start()
    session.submit("go")
    result = await session.wait_idle()
    assert result is not None
    assert result.tools_successful == ("write",)
    await session.close()


async def test_every_state_of_a_line_is_in_the_log(tmp_path: Path) -> None:
    session, _ = open_scripted(tmp_path / "s", [Reply("ok")])
    await session.start()
    session.submit("go")
    await session.wait_idle()
    await session.close()
    states = [
        r.event.state
        for r in read_records(tmp_path / "s" / "event_log.jsonl")
        if r.event.type == "feedback_state" and hasattr(r.event, "state")
    ]
    assert states == [FeedbackState.QUEUED, FeedbackState.CLAIMED, FeedbackState.DELIVERED]
