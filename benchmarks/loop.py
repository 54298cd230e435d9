"""What the loop costs: CPU a turn, its growth over 1,000 turns, memory of 100 loops at once."""

import asyncio
import gc
import statistics
import time
import tracemalloc

from benchmarks.rows import Row, format_table
from harn_tui.config.loop_options import LoopOptions
from harn_tui.events.agent import ToolCallUpdate, TurnStart
from harn_tui.events.record import Event
from harn_tui.json_types import JsonObject
from harn_tui.kinds import ToolKind
from harn_tui.loop.config import LoopConfig
from harn_tui.loop.run import run_agent_loop
from harn_tui.providers.scripted import ScriptedProvider
from harn_tui.sinks.base import EventSink
from harn_tui.tools.base import Tool, ToolAnnotations, ToolContext, ToolFunction, ToolResult
from harn_tui.tools.registry import ToolRegistry
from harn_tui.transcripts.session_run import SessionRun
from harn_tui.transcripts.session_store import SessionStore

RUNS = 5
TURNS = 1_000
SPAN = 100
"""How many turns at either end are compared."""

LOOPS = 100
TURNS_OF_A_LOOP = 20

TURN_US = 2_000.0
"""CPU that a turn with one trivial call may take."""
LOOP_KB = 2_000.0
"""Memory that each of 100 loops may hold."""
GROWTH = 1.1
STORING_GROWTH = 1.5
"""Wider, because collecting garbage costs more among more objects."""


class BrokenRunError(RuntimeError):
    """A run that was to be measured did not do what it should."""


class TurnClock:
    """A sink that keeps nothing but the CPU time at which each turn began."""

    def __init__(self) -> None:
        self._starts: list[int] = []

    def handle_event(self, event: Event) -> None:
        """Note the beginning of a turn."""
        if isinstance(event, TurnStart):
            self._starts.append(time.process_time_ns())

    def turn_us(self) -> list[float]:
        """Return how long each turn took, in microseconds, but for the last."""
        pairs = zip(self._starts, self._starts[1:], strict=False)
        return [(end - start) / 1e3 for start, end in pairs]


class SessionCheck:
    """A sink that keeps nothing but how many events came, and how many from elsewhere."""

    def __init__(self, session_id: str) -> None:
        self._session_id = session_id
        self._turns = 0
        self._results = 0
        self._strangers = 0

    def handle_event(self, event: Event) -> None:
        """Count turns, results, and what belongs to another session."""
        is_own = event.session_id == self._session_id
        if isinstance(event, TurnStart):
            self._turns += 1
        elif isinstance(event, ToolCallUpdate) and event.raw_output is not None:
            self._results += 1
            is_own = is_own and f"{self._session_id}." in str(event.raw_output)
        self._strangers += not is_own

    @property
    def is_good(self) -> bool:
        """Whether every event of the session came, and no other."""
        found = (self._turns, self._results, self._strangers)
        return found == (TURNS_OF_A_LOOP, TURNS_OF_A_LOOP, 0)


def run(runs: int = RUNS) -> list[Row]:
    """Measure each figure, CPU as the median of ``runs`` runs."""
    turns = [asyncio.run(_turn_us()) for _ in range(runs)]
    return [
        Row("a turn with one call, CPU, floor: allowed", _median(turns), TURN_US, "µs", 1.0),
        Row("last 100 of 1k turns, floor: first 100", _median(_ends(turns)),
            _median(_beginnings(turns)), "µs", GROWTH),
        Row("100 loops at once, memory each, floor: allowed",
            asyncio.run(_memory_of_a_loop()), LOOP_KB, "kB", 1.0),
        Row("1k messages stored after 20k, floor: after 1k",
            *_storing_us(runs), "µs", STORING_GROWTH),
    ]  # fmt: skip


def _median(figures: list[list[float]]) -> float:
    return statistics.median(statistics.median(of_a_run) for of_a_run in figures)


def _beginnings(figures: list[list[float]]) -> list[list[float]]:
    return [of_a_run[:SPAN] for of_a_run in figures]


def _ends(figures: list[list[float]]) -> list[list[float]]:
    return [of_a_run[-SPAN:] for of_a_run in figures]


async def _turn_us() -> list[float]:
    clock = TurnClock()
    await _run_loop("one", clock, TURNS + 1, _note)
    figures = clock.turn_us()
    if len(figures) != TURNS:
        raise BrokenRunError(f"{len(figures)} turns were measured instead of {TURNS}")
    return figures


async def _memory_of_a_loop() -> float:
    """Return the kilobytes that each of many loops holds when all are in their last turn."""
    meeting = asyncio.Barrier(LOOPS + 1)
    checks = {f"session-{number}": SessionCheck(f"session-{number}") for number in range(LOOPS)}
    gc.collect()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        async with asyncio.TaskGroup() as tasks:
            for session_id, check in checks.items():
                tasks.create_task(_run_until_all_meet(session_id, check, meeting))
            await meeting.wait()
            gc.collect()
            after, _ = tracemalloc.get_traced_memory()
            await meeting.wait()
    finally:
        tracemalloc.stop()
    wrong = [session_id for session_id, check in checks.items() if not check.is_good]
    if wrong:
        raise BrokenRunError(f"events went astray in {', '.join(wrong)}")
    return (after - before) / LOOPS / 1e3


async def _run_until_all_meet(session_id: str, sink: EventSink, meeting: asyncio.Barrier) -> None:
    calls = 0

    async def meet_in_the_last_turn(arguments: JsonObject, context: ToolContext) -> ToolResult:
        nonlocal calls
        calls += 1
        if calls == TURNS_OF_A_LOOP:
            await meeting.wait()
            await meeting.wait()
        return ToolResult(f"Noted in {context.session_id}.")

    await _run_loop(session_id, sink, TURNS_OF_A_LOOP, meet_in_the_last_turn)


async def _run_loop(
    session_id: str,
    sink: EventSink,
    turns: int,
    note: ToolFunction,
) -> None:
    config = LoopConfig(
        provider=ScriptedProvider([_entry()] * turns),
        model="script",
        tools=ToolRegistry([_tool(note)]),
        session_id=session_id,
        options=LoopOptions(max_iterations=turns, loop_detect_warn=0),
    )
    result = await run_agent_loop("Take notes.", config, sink=sink)
    if len(result.tool_calls) != turns:
        raise BrokenRunError(f"{len(result.tool_calls)} calls ran: {result.reason}")


def _entry() -> JsonObject:
    return {"text": "Noted.", "tool_calls": [{"name": "note"}]}


def _tool(run_tool: ToolFunction) -> Tool:
    return Tool(
        name="note",
        description="Takes a note.",
        parameters={"type": "object", "properties": {}},
        annotations=ToolAnnotations(kind=ToolKind.READ),
        run=run_tool,
        summarize=lambda arguments: "note",
    )


async def _note(arguments: JsonObject, context: ToolContext) -> ToolResult:
    return ToolResult("noted")


def _storing_us(runs: int) -> tuple[float, float]:
    """Return what storing 1,000 messages costs late in a session, and what it costs early."""
    late, early = [], []
    for _ in range(runs):
        with SessionStore().begin_run("one") as session:
            _store(session, 1_000)
            early.append(_store(session, 1_000))
            _store(session, 18_000)
            late.append(_store(session, 1_000))
    return statistics.median(late), statistics.median(early)


def _store(session: SessionRun, count: int) -> float:
    start = time.process_time_ns()
    for number in range(count):
        session.record_message({"role": "user", "content": f"message {number}"})
    return (time.process_time_ns() - start) / 1e3


if __name__ == "__main__":
    print(format_table(run()))
