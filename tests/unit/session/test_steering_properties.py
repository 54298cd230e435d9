"""Whatever a person does to queued lines, each is sent once, or waits, or was withdrawn."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from harn_tui.errors import ProviderError
from harn_tui.kinds import Boundary, ProviderErrorCategory
from harn_tui.session.handle import SessionHandle
from harn_tui.store.history import fold_history
from harn_tui.store.log_reader import read_records
from harn_tui.tools.base import ToolContext, ToolResult
from tests.conformance.loop_driver import Reply, make_tool
from tests.unit.session.opened import open_scripted

_ACTIONS = ("submit", "after", "now", "withdraw", "hold", "release", "edit", "interrupt", "resume")
_step = st.tuples(st.sampled_from(_ACTIONS), st.integers(0, 5), st.integers(0, 4))
_replies = st.lists(st.sampled_from(["text", "tool", "refuse", "cut"]), max_size=6)


async def _work(arguments: Any, context: ToolContext) -> ToolResult:
    await asyncio.sleep(0)
    return ToolResult("worked")


async def _breathe() -> None:
    await asyncio.sleep(0)


def _reply(kind: str) -> Reply:
    if kind == "tool":
        return Reply("", calls=(("work", {}),), midway=_breathe)
    if kind == "refuse":
        error = ProviderError("no", category=ProviderErrorCategory.AUTH)
        return Reply(error=error, accepts=False)
    if kind == "cut":
        return Reply("half", error=ProviderError("cut", category=ProviderErrorCategory.AUTH))
    return Reply("text", midway=_breathe)


class _Person:
    """Does what the steps say and keeps what each line should read in the end."""

    def __init__(self, session: SessionHandle) -> None:
        self.session = session
        self.words: dict[str, str] = {}
        self.withdrawn: set[str] = set()

    def do(self, action: str, which: int) -> None:
        lines = list(self.words)
        line = lines[which % len(lines)] if lines else ""
        match action:
            case "submit" | "after" | "now":
                boundary = {"after": Boundary.AFTER_RUN, "now": Boundary.NOW}.get(
                    action, Boundary.NEXT_PREFLIGHT
                )
                text = f"line number {len(self.words)}"
                self.words[self.session.submit(text, boundary)] = text
            case "withdraw":
                if self.session.withdraw(line):
                    self.withdrawn.add(line)
            case "hold":
                self.session.hold(line)
            case "release":
                self.session.release(line)
            case "edit":
                if self.session.release(line, f"{self.words.get(line)} edited"):
                    self.words[line] = f"{self.words[line]} edited"
            case "interrupt":
                self.session.interrupt()
            case _:
                self.session.resume_queue()


async def _play(steps: list[tuple[str, int, int]], replies: list[str], folder: Path) -> None:
    session, script = open_scripted(folder, [], tools=(make_tool("work", run=_work),))
    script._replies = [*map(_reply, replies), *(Reply("end") for _ in range(200))]
    await session.start()
    person = _Person(session)
    for action, which, ticks in steps:
        person.do(action, which)
        for _ in range(ticks):
            await asyncio.sleep(0)
    await session.close()

    log = folder / "event_log.jsonl"
    if not log.exists():
        assert person.words == {}
        return
    messages = fold_history(read_records(log)).messages
    sent = [m for m in messages if "feedback_id" in m]
    again, _ = open_scripted(folder, [])
    waiting = {item.feedback_id: item.content for item in again._parts.past.waiting}
    await again.start()
    await again.close()
    for line, words in person.words.items():
        carried = [m for m in sent if m["feedback_id"] == line]
        assert len(carried) + (line in waiting) + (line in person.withdrawn) == 1
        assert all(words in str(m["content"]) for m in carried)
        assert waiting.get(line, words) == words


@settings(max_examples=80, deadline=None)
@given(st.lists(_step, max_size=14), _replies)
def test_every_line_is_sent_once_or_waits_or_was_withdrawn(
    steps: list[tuple[str, int, int]], replies: list[str]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_play(steps, replies, Path(folder) / "s"))
