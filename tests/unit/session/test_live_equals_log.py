"""For every run that can be scripted, the live picture and the picture of the log are one."""

import asyncio
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from harn_tui.config.loop_options import LoopOptions
from harn_tui.errors import ProviderError
from harn_tui.events.record import Record
from harn_tui.kinds import Boundary, OutputStream, ProviderErrorCategory
from harn_tui.store.log_reader import read_records
from harn_tui.tools.base import ToolContext, ToolResult
from harn_tui.view.fold import apply, apply_all
from harn_tui.view.model import SessionView
from tests.conformance.loop_driver import Reply, make_tool
from tests.unit.session.opened import open_scripted

_words = st.lists(st.text("abc \n`#é", min_size=1, max_size=8), max_size=6).map(" ".join)
_call = st.sampled_from(["talk", "fail", "nowhere", "ask"])


@st.composite
def _replies(draw: st.DrawFn) -> list[dict[str, Any]]:
    turns = draw(st.integers(0, 4))
    return [
        {
            "text": draw(_words),
            "thinking": draw(_words),
            "calls": draw(st.lists(_call, min_size=1, max_size=3)),
            "cut": draw(st.booleans()),
            "typed": draw(st.lists(st.sampled_from(list(Boundary)), max_size=2)),
        }
        for _ in range(turns)
    ]


async def _talk(arguments: Any, context: ToolContext) -> ToolResult:
    for number in range(3):
        context.on_output(f"line {number}\n", OutputStream.STDOUT)
        await asyncio.sleep(0)
    return ToolResult("said three lines", details={"exit_code": 0})


async def _fail(arguments: Any, context: ToolContext) -> ToolResult:
    raise RuntimeError("broken")


def _fold(view: SessionView, record: Record) -> None:
    apply(view, record)


async def _play(plan: list[dict[str, Any]], folder: Path) -> None:
    session, script = open_scripted(
        folder,
        [],
        tools=(make_tool("talk", run=_talk), make_tool("fail", run=_fail)),
        options=LoopOptions(max_iterations=8, llm_retries=1),
    )
    live = SessionView()

    def type_lines(boundaries: list[Boundary]) -> None:
        for boundary in boundaries:
            session.submit(f"typed for {boundary.value}", boundary)

    cut = ProviderError("cut", category=ProviderErrorCategory.TRANSIENT_NETWORK)
    for turn in plan:
        body: dict[str, Any] = {
            "text": turn["text"],
            "thinking": turn["thinking"],
            "calls": tuple((name, {}) for name in turn["calls"]),
        }
        if turn["cut"]:
            script._replies.append(Reply(**body, error=cut))
        script._replies.append(Reply(**body, before=partial(type_lines, turn["typed"])))
    script._replies += [Reply("the end") for _ in range(40)]
    session.subscribe(partial(_fold, live))
    await session.start()
    session.submit("go")
    await session.wait_idle()
    await session.close()
    replayed = SessionView()
    apply_all(replayed, read_records(folder / "event_log.jsonl"))
    assert live == replayed
    assert live.unfinished_tools == {}
    assert live.queue == []
    assert not live.is_running


@settings(max_examples=40, deadline=None)
@given(_replies())
def test_live_view_equals_the_view_of_the_log_for_random_runs(plan: list[dict[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_play(plan, Path(folder) / "s"))
