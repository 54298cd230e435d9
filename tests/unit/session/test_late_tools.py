"""Tools that come while a session is open are looked at, and each finding is told once."""

from harn_tui.events.host import Notice
from harn_tui.session.late_tools import LateTools
from harn_tui.sinks.base import CollectingSink
from harn_tui.sinks.scope import loop_sink
from harn_tui.tools.base import Tool
from tests.conformance.loop_driver import make_tool

ONE, TWO = (make_tool("one"),), (make_tool("one"), make_tool("two"))


def _texts(sink: CollectingSink) -> list[str]:
    return [event.text for event in sink.events if isinstance(event, Notice)]


async def test_each_finding_is_told_once_and_a_later_one_by_itself() -> None:
    sink = CollectingSink()
    with loop_sink("s", sink):
        late = LateTools("s", lambda tools: tuple(f"{tool.name} is odd" for tool in tools))
        for tools in (ONE, ONE, TWO):
            late.look(tools)
            await late.finish()
    assert _texts(sink) == [
        "Tools of MCP servers: one is odd.",
        "Tools of MCP servers: two is odd.",
    ]


async def test_many_findings_are_one_notice_that_counts_the_rest() -> None:
    sink = CollectingSink()
    with loop_sink("s", sink):
        late = LateTools("s", lambda tools: tuple("abcde"))
        late.look(ONE)
        await late.finish()
    assert _texts(sink) == [
        "Tools of MCP servers: a; b; c; and 2 more, which the program's log has."
    ]


async def test_of_tools_that_come_at_once_only_the_newest_are_looked_at() -> None:
    looked: list[tuple[Tool, ...]] = []

    def check(tools: object) -> tuple[str, ...]:
        looked.append(tools)  # type: ignore[arg-type]
        return ()

    late = LateTools("s", check)
    late.look(ONE)
    late.look(ONE[:0])
    late.look(TWO)
    await late.finish()
    assert looked == [TWO]
