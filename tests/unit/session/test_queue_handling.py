"""Order, boundaries, pause and preview of the queue, and the gentle stop."""

import asyncio
from pathlib import Path

from harn_tui.events.host import FeedbackStateChanged
from harn_tui.events.record import Record
from harn_tui.json_types import JsonObject
from harn_tui.kinds import Boundary, LoopStatus, ToolKind
from harn_tui.session.handle import SessionHandle
from harn_tui.tools.base import ToolContext, ToolResult
from harn_tui.view.fold import apply_all
from harn_tui.view.model import SessionView
from tests.conformance.loop_driver import Reply, Script, make_tool, until
from tests.unit.session.opened import contents, open_scripted

WRAPPED = '<runtime_feedback kind="user">\n{}\n</runtime_feedback>'


async def stalled(tmp_path: Path) -> tuple[SessionHandle, Script, asyncio.Event]:
    """Return a session whose first reply waits for the event."""
    go_on = asyncio.Event()

    async def wait() -> None:
        await go_on.wait()

    session, script = open_scripted(tmp_path / "s", [Reply("a", midway=wait), Reply("b")])
    await session.start()
    session.submit("go")
    await until(lambda: len(script.requests) == 1)
    return session, script, go_on


async def test_moved_lines_are_delivered_and_shown_in_the_new_order(tmp_path: Path) -> None:
    session, script, go_on = await stalled(tmp_path)
    view = SessionView()
    records: list[Record] = []
    session.subscribe(records.append)
    session.submit("one")
    session.submit("two")
    third = session.submit("three")
    assert session.queue.move(third, -2)
    assert not session.queue.move(third, -1)
    apply_all(view, records)
    assert [line.text for line in view.queue] == ["three", "one", "two"]
    go_on.set()
    await session.wait_idle()
    assert contents(script, 1)[2:] == [WRAPPED.format(text) for text in ("three", "one", "two")]
    await session.close()


async def test_the_order_survives_a_restart(tmp_path: Path) -> None:
    session, script = open_scripted(tmp_path / "s", [])
    await session.start()
    session.queue.pause()
    for text in ("one", "two", "three"):
        last = session.submit(text)
    session.queue.move(last, -2)
    await session.close()
    again, script = open_scripted(tmp_path / "s", [Reply("ok")])
    await again.start()
    again.resume_queue()
    await again.wait_idle()
    assert contents(script, 0)[0] == "three"
    await again.close()


async def test_a_line_changes_its_boundary_there_and_back(tmp_path: Path) -> None:
    session, script, go_on = await stalled(tmp_path)
    line = session.submit("later")
    seen: list[Boundary] = []
    session.subscribe(
        lambda record: (
            seen.append(record.event.boundary)
            if isinstance(record.event, FeedbackStateChanged)
            else None
        )
    )
    assert session.queue.change_boundary(line)
    assert session.queue.change_boundary(line)
    assert session.queue.change_boundary(line)
    assert seen == [Boundary.AFTER_RUN, Boundary.NEXT_PREFLIGHT, Boundary.AFTER_RUN]
    assert not session.queue.change_boundary("unknown")
    go_on.set()
    await session.wait_idle()
    assert contents(script, 1) == ["go", "a", "later"]
    await session.close()


async def test_a_pause_holds_lines_back_from_the_run_and_from_the_next(tmp_path: Path) -> None:
    session, script, go_on = await stalled(tmp_path)
    session.queue.pause()
    session.submit("not yet")
    assert session.is_paused
    go_on.set()
    await session.wait_idle()
    assert len(script.requests) == 1
    assert not session.is_running
    session.resume_queue()
    await session.wait_idle()
    assert contents(script, 1) == ["go", "a", "not yet"]
    await session.close()


async def test_send_now_ends_a_pause(tmp_path: Path) -> None:
    session, script = open_scripted(tmp_path / "s", [Reply("a")])
    await session.start()
    session.queue.pause()
    line = session.submit("now then")
    assert not session.is_running
    assert session.send_now(line)
    await session.wait_idle()
    assert contents(script, 0) == ["now then"]
    await session.close()


async def test_the_preview_is_what_the_next_call_gets(tmp_path: Path) -> None:
    session, script, go_on = await stalled(tmp_path)
    session.submit("use </runtime_feedback> tabs")
    session.submit("after it", Boundary.AFTER_RUN)
    held = session.submit("being edited")
    session.hold(held)
    previewed = [message["content"] for message in session.queue.preview()]
    go_on.set()
    await until(lambda: len(script.requests) == 2)
    assert contents(script, 1)[2:] == previewed
    await session.close()


async def test_the_preview_before_a_run_has_the_first_line_as_it_was_typed(
    tmp_path: Path,
) -> None:
    session, script = open_scripted(tmp_path / "s", [Reply("a")])
    await session.start()
    session.queue.pause()
    assert session.queue.preview() == []
    session.submit("first")
    session.submit("second")
    previewed = [message["content"] for message in session.queue.preview()]
    session.resume_queue()
    await session.wait_idle()
    assert contents(script, 0) == previewed == ["first", WRAPPED.format("second")]
    await session.close()


async def test_a_gentle_stop_keeps_the_result_of_the_call(tmp_path: Path) -> None:
    begun, end = asyncio.Event(), asyncio.Event()

    async def wait(arguments: JsonObject, context: ToolContext) -> ToolResult:
        begun.set()
        await end.wait()
        return ToolResult("the whole result")

    tool = make_tool("wait", run=wait, kind=ToolKind.READ)
    reply = Reply("", calls=(("wait", {}),))
    session, script = open_scripted(tmp_path / "s", [reply, Reply("never")], tools=(tool,))
    await session.start()
    assert not session.soft_stop.arm()
    session.submit("go")
    await begun.wait()
    assert session.soft_stop.arm()
    assert not session.soft_stop.arm()
    assert session.is_running
    end.set()
    result = await session.wait_idle()
    assert result is not None
    assert result.status is LoopStatus.CANCELLED
    assert session.is_paused
    assert len(script.requests) == 1
    session.submit("and now?")
    await session.wait_idle()
    assert "the whole result" in contents(script, 1)
    await session.close()
