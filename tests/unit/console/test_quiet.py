"""The status line says which layer is quiet: the model, the network, a tool, or the person."""

import pytest

from harn_tui.console.status.line import StatusLine
from harn_tui.console.status.quiet import QUIET_MS, STALLED_MS
from harn_tui.console.status.words import Activity, StateWords, state_words
from harn_tui.events.host import LlmCallEnd, LlmRetry, ToolOutput
from harn_tui.events.record import Event, Record
from harn_tui.kinds import OutputStream, ProviderErrorCategory, ToolKind
from harn_tui.view.fold import apply
from harn_tui.view.model import SessionView
from tests.unit.console import scenes
from tests.unit.console.conftest import OpenConsole
from tests.unit.console.stand_ins import SESSION_ID, START_MS

RUN = scenes.run_start()
COMMAND = scenes.tool("t1", "run_command", ToolKind.EXECUTE, {"command": "make"})
RUNS = scenes.tool_runs("t1", "run_command")
PRINTS = ToolOutput(SESSION_ID, "t1", "compiling\n", OutputStream.STDOUT)
RETRY = LlmRetry(SESSION_ID, 1, 2, 8000, ProviderErrorCategory.RATE_LIMIT, "slow down")


def ended(call: int, waited_ms: int | None) -> list[Event]:
    """Return a call whose first token took so long."""
    return [scenes.call_start(call), LlmCallEnd(SESSION_ID, call, {}, 0.0, 9000, waited_ms)]


def view_of(*timed: tuple[int, list[Event]]) -> SessionView:
    """Fold lists of events, each with the milliseconds since the start at which they came."""
    view, index = SessionView(), 0
    for at_ms, events in timed:
        for event in events:
            apply(view, Record(index, START_MS + at_ms, None, event))
            index += 1
    return view


def state(view: SessionView, after_ms: int, cpu_percent: int | None = None) -> StateWords:
    return state_words(view, START_MS + after_ms, is_paused=False, cpu_percent=cpu_percent)


THREE = [*ended(1, 2000), *ended(2, 9000), *ended(3, 3100)]
MODEL, OVERDUE = Activity.WAITING_FOR_MODEL, Activity.OVERDUE
STREAM, TOOL, PERSON = Activity.STREAMING, Activity.RUNNING_TOOL, Activity.WAITING_FOR_PERSON
SENT = scenes.call_start(4)
NEXT = (SENT, scenes.accepted(4))
QUESTION = scenes.question("q1", "t1")
TABLE = [
    ("no call yet", [(0, RUN)], 900, Activity.WORKING, "working"),
    (
        "too few calls to know",
        [(0, [*RUN, *ended(1, 2000), *ended(2, 2000), *NEXT])],
        90_000,
        MODEL,
        "waiting for the first token 1 m 30 s",
    ),
    (
        "nobody has taken the request",
        [(0, [*RUN, *THREE, SENT])],
        12_000,
        MODEL,
        "waiting for the server 12 s, usually 3.1 s",
    ),
    ("a short wait", [(0, [*RUN, *THREE, *NEXT])], 1900, MODEL, "waiting for the first token 1 s"),
    (
        "as long as usual",
        [(0, [*RUN, *THREE, *NEXT])],
        12_000,
        MODEL,
        "waiting for the first token 12 s, usually 3.1 s",
    ),
    (
        "longer than ever",
        [(0, [*RUN, *THREE, *NEXT])],
        18_001,
        OVERDUE,
        "waiting for the first token 18 s, usually 3.1 s",
    ),
    (
        "calls without a token do not count",
        [(0, [*RUN, *THREE[:4], *ended(3, None), *NEXT])],
        60_000,
        MODEL,
        "waiting for the first token 1 m 00 s",
    ),
    ("text comes", [(0, [*RUN, *NEXT]), (500, [scenes.text("a")])], 900, STREAM, "streaming"),
    (
        "text has stopped to come",
        [(0, [*RUN, *NEXT]), (500, [scenes.text("a")]), (2000, [scenes.text("b")])],
        2000 + STALLED_MS,
        OVERDUE,
        "the reply has paused: no bytes for 4 s",
    ),
    (
        "arguments still stream",
        [(0, [*RUN, *NEXT, scenes.text("a")]), (9000, [COMMAND])],
        9900,
        STREAM,
        "streaming",
    ),
    (
        "a new attempt waits for the server again",
        [(0, [*RUN, *NEXT, scenes.text("a"), RETRY])],
        9000,
        MODEL,
        "waiting for the server 9 s",
    ),
    (
        "a retry counts down",
        [(0, [*RUN, *NEXT, RETRY])],
        1500,
        Activity.RETRYING,
        "retry in 7 s",
    ),
    ("a tool runs", [(0, [*RUN, COMMAND, RUNS])], 4900, TOOL, "running run_command 4 s"),
    (
        "a tool that never prints",
        [(0, [*RUN, COMMAND, RUNS])],
        40_000,
        TOOL,
        "running run_command 40 s",
    ),
    (
        "a command prints",
        [(0, [*RUN, COMMAND, RUNS]), (30_000, [PRINTS])],
        30_000 + QUIET_MS - 1,
        TOOL,
        "running run_command 34 s",
    ),
    (
        "a command is quiet",
        [(0, [*RUN, COMMAND, RUNS]), (30_000, [PRINTS])],
        70_000,
        TOOL,
        "running run_command 1 m 10 s, quiet for 40 s",
    ),
    (
        "a person is asked to allow",
        [(0, RUN), (5000, [COMMAND, scenes.asks("p1", "t1", "run_command")])],
        125_000,
        PERSON,
        "waiting for you 2 m 00 s",
    ),
    (
        "a person is asked a question by a tool that runs",
        [(0, [*RUN, COMMAND, RUNS]), (5000, [QUESTION])],
        14_999,
        PERSON,
        "waiting for you",
    ),
]


@pytest.mark.parametrize(
    ("timed", "after_ms", "activity", "words"),
    [pytest.param(*row[1:], id=row[0]) for row in TABLE],
)
def test_the_layer_that_is_quiet_is_named(
    timed: list[tuple[int, list[Event]]], after_ms: int, activity: Activity, words: str
) -> None:
    assert state(view_of(*timed), after_ms) == StateWords(activity, words)


def test_the_cpu_of_a_command_is_told_once_it_is_quiet() -> None:
    view = view_of((0, [*RUN, COMMAND, RUNS]), (1000, [PRINTS]))
    assert state(view, 5900, 3).words == "running run_command 5 s"
    assert state(view, 9000, 3).words == "running run_command 9 s, quiet for 8 s, CPU 3%"


def test_what_is_usual_is_learned_from_the_newest_calls_of_the_model() -> None:
    many = [event for call in range(1, 40) for event in ended(call, 9000)]
    new = [event for call in range(40, 72) for event in ended(call, 500)]
    view = view_of((0, [*RUN, *many, *new]))
    assert view.reply_waits == {"demo-1": (500,) * 32}


async def test_cpu_is_asked_for_only_while_a_command_is_quiet(open_console: OpenConsole) -> None:
    async with open_console(size=(120, 24)) as console:
        loads = console.session.command_loads
        loads.known = 97
        console.session.is_running = True
        await console.emit(scenes.session_start(), *RUN, scenes.call_start())
        console.clock.advance(60_000)
        console.screen.tick()
        await console.emit(scenes.call_end(), COMMAND, RUNS)
        console.screen.tick()
        assert loads.asked == []
        console.clock.advance(QUIET_MS)
        console.screen.tick()
        assert set(loads.asked) == {"t1"}
        assert "running run_command 5 s, CPU 97%" in console.get(StatusLine).render().plain


async def test_a_silence_is_drawn_once_a_second_and_an_idle_session_never(
    open_console: OpenConsole,
) -> None:
    async with open_console(size=(120, 24)) as console:
        await console.emit(scenes.session_start(), *RUN, COMMAND, RUNS)
        line = console.get(StatusLine)
        before = line.draw_count
        for _ in range(40):
            console.clock.advance(250)
            console.screen.tick()
        assert line.draw_count - before == 10
        await console.emit(scenes.run_end())
        assert not console.screen.is_ticking
