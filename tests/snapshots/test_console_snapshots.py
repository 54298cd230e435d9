"""Pictures of the main states of the console, as the terminal shows them.

Look at a changed picture (the report of a failed run shows old and new side by side) before you
accept it with ``--snapshot-update``.
"""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

import pytest
from textual.pilot import Pilot

from harn_tui.console.app import HarnApp
from harn_tui.console.entry import ConsoleRun
from harn_tui.console.ports import ConsoleSession
from harn_tui.console.screens.replay import ReplayScreen
from harn_tui.console.themes import DARK_THEME, LIGHT_THEME
from harn_tui.events.agent import FeedbackInjected
from harn_tui.json_types import JsonObject
from harn_tui.kinds import Boundary, LoopStatus, ToolKind
from tests.unit.console import scenes
from tests.unit.console.stand_ins import SESSION_ID, FakeAgent, FakeClock, FakeSession
from tests.unit.console.test_replay import records_of

Compare: TypeAlias = Callable[..., bool]
Script: TypeAlias = Callable[[FakeSession, FakeClock], None]

REPLY = """\
The test is right: `last_page` stops **one page early**.

1. `range` excludes its end
2. the division rounds down

```python
def last_page(total: int, size: int) -> int:
    return -(-total // size)
```

| total | size | pages |
|------:|-----:|------:|
|    10 |    5 |     2 |
|    11 |    5 |     3 |
"""


def welcome(session: FakeSession, _: FakeClock) -> None:
    session.emit(scenes.session_start())


def working(session: FakeSession, clock: FakeClock) -> None:
    session.is_running = True
    session.emit(scenes.session_start(), *scenes.busy_turn())
    session.emit(
        scenes.queued("f1", "also update the README, please"),
        scenes.queued("f2", "then run the whole suite and say what is slow", Boundary.AFTER_RUN),
    )
    clock.advance(4000)
    session.emit(scenes.tool_runs("t3", "run_command"))
    clock.advance(8000)
    session.emit(scenes.thought(""))


def asking(session: FakeSession, clock: FakeClock) -> None:
    working(session, clock)
    hostile: JsonObject = {
        "command": "rm -rf build && make\ncp out \u202e/tmp",
        "timeout_s": 30,
    }
    session.emit(
        scenes.tool("t4", "run_command", ToolKind.EXECUTE, hostile),
        scenes.asks("p1", "t4", "run_command"),
        scenes.asks("p2", "t3", "run_command"),
    )
    clock.advance(1000)


def paused(session: FakeSession, clock: FakeClock) -> None:
    working(session, clock)
    session.is_running, session.is_paused = False, True
    session.emit(scenes.run_end(LoopStatus.CANCELLED, "stopped by you"))


def answered(session: FakeSession, clock: FakeClock) -> None:
    session.emit(scenes.session_start(), *scenes.run_start(), scenes.call_start())
    session.emit(scenes.queued("f1", "and explain it"), scenes.text("One moment."))
    session.emit(scenes.call_end(), scenes.claimed("f1"))
    session.emit(FeedbackInjected(SESSION_ID, "user", "and explain it"), scenes.call_start(2))
    session.emit(scenes.delivered("f1", 2), scenes.text(REPLY))
    clock.advance(4200)
    session.emit(scenes.call_end(2), scenes.run_end())


def answered_after_work(session: FakeSession, clock: FakeClock) -> None:
    session.emit(scenes.session_start(), *scenes.busy_turn(), scenes.tool_runs("t3", "run_command"))
    clock.advance(4000)
    session.emit(scenes.tool_done("t3", "run_command", "1 passed"), scenes.call_start(2))
    session.emit(scenes.text(REPLY))
    clock.advance(4200)
    session.emit(scenes.call_end(2), scenes.run_end())


def compacted(session: FakeSession, clock: FakeClock) -> None:
    session.is_running = True
    session.emit(scenes.session_start(), *scenes.run_start(), scenes.call_start())
    session.emit(scenes.text("I'll look at the failing test first."), scenes.call_end())
    clock.advance(4200)
    session.emit(*scenes.compacted(), scenes.call_start(2))
    session.emit(scenes.text("Now I mend the division in `paging.py`."))


def delegating(session: FakeSession, clock: FakeClock) -> None:
    session.is_running = True
    session.agents.running = [
        FakeAgent("mender", "mender", doing="edit_file: edit src/paging.py"),
        FakeAgent("writer", "writer", doing="waits for an answer: write CHANGELOG.md (4 lines)"),
    ]
    session.emit(scenes.session_start(), *scenes.agents_at_work())
    clock.advance(4000)


def _live(script: Script, theme: str) -> tuple[HarnApp, Callable[[Pilot[int]], Awaitable[None]]]:
    clock = FakeClock()
    session = FakeSession(clock)

    async def open_session() -> ConsoleSession:
        return session

    run = ConsoleRun(open_session, now_ms=clock, theme=theme, freeze=lambda: None)

    async def play(pilot: Pilot[int]) -> None:
        while run.live is None or not run.live.is_complete:
            await pilot.pause(0.005)
        script(session, clock)
        while run.live.is_busy:
            await pilot.pause(0.005)
        await pilot.pause()
        clock.advance(1000)
        run.screen.tick()
        await pilot.pause()

    return run.app, play


@pytest.mark.parametrize("theme", [DARK_THEME, LIGHT_THEME])
@pytest.mark.parametrize("size", [(80, 24), (160, 48)], ids=["80x24", "160x48"])
@pytest.mark.parametrize(
    "script", [welcome, working, asking, paused, answered, compacted, delegating]
)
def test_a_live_session_looks_as_accepted(
    snap_compare: Compare, script: Script, size: tuple[int, int], theme: str
) -> None:
    app, play = _live(script, theme)
    assert snap_compare(app, terminal_size=size, run_before=play)


def test_a_tiny_terminal_looks_as_accepted(snap_compare: Compare) -> None:
    app, play = _live(asking, DARK_THEME)
    assert snap_compare(app, terminal_size=(40, 10), run_before=play)


@pytest.mark.parametrize("theme", [DARK_THEME, LIGHT_THEME])
@pytest.mark.parametrize("size", [(80, 24), (160, 48)], ids=["80x24", "160x48"])
def test_a_replay_looks_as_accepted(
    snap_compare: Compare, size: tuple[int, int], theme: str
) -> None:
    records = records_of([scenes.session_start(), *scenes.busy_turn(), scenes.run_end()])
    screen = ReplayScreen(lambda: records, title="fix the paging", plays_at_once=False)

    async def play(pilot: Pilot[int]) -> None:
        while not screen.is_complete:
            await pilot.pause(0.005)
        await pilot.press("end", *["left"] * 3)
        while screen.is_busy:
            await pilot.pause(0.005)
        await pilot.pause()

    app = HarnApp(screen, screen.open, theme_name=theme)
    assert snap_compare(app, terminal_size=size, run_before=play)


@pytest.mark.parametrize("theme", [DARK_THEME, LIGHT_THEME])
@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
def test_an_opened_summary_looks_as_accepted(
    snap_compare: Compare, size: tuple[int, int], theme: str
) -> None:
    app, play = _live(compacted, theme)

    async def open_summary(pilot: Pilot[int]) -> None:
        await play(pilot)
        await pilot.press("alt+o")
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=open_summary)


@pytest.mark.parametrize("theme", [DARK_THEME, LIGHT_THEME])
def test_the_choice_among_agents_looks_as_accepted(snap_compare: Compare, theme: str) -> None:
    app, play = _live(delegating, theme)

    async def open_picker(pilot: Pilot[int]) -> None:
        await play(pilot)
        await pilot.press("alt+s")
        await pilot.pause()

    assert snap_compare(app, terminal_size=(80, 24), run_before=open_picker)


@pytest.mark.parametrize("theme", [DARK_THEME, LIGHT_THEME])
def test_the_help_looks_as_accepted(snap_compare: Compare, theme: str) -> None:
    app, play = _live(working, theme)

    async def open_help(pilot: Pilot[int]) -> None:
        await play(pilot)
        await pilot.press("f1")
        await pilot.pause()

    assert snap_compare(app, terminal_size=(120, 40), run_before=open_help)


@pytest.mark.parametrize("theme", [DARK_THEME, LIGHT_THEME])
@pytest.mark.parametrize("size", [(80, 24), (160, 48)], ids=["80x24", "160x48"])
@pytest.mark.parametrize(
    "keys",
    [
        ["ctrl+b", "U", "slash", *"page"],
        ["ctrl+b", "U", "slash", *"page", "enter", "n"],
        ["ctrl+b", "k", "v", "k"],
        ["ctrl+b", "r"],
        ["ctrl+b", "full_stop"],
    ],
    ids=["finding", "browsing", "selecting", "source", "menu"],
)
def test_reading_looks_as_accepted(
    snap_compare: Compare, keys: list[str], size: tuple[int, int], theme: str
) -> None:
    app, play = _live(answered_after_work, theme)

    async def read(pilot: Pilot[int]) -> None:
        await play(pilot)
        # Once all rows were drawn, the scroll bar does not tell in how many frames they came.
        await pilot.press("ctrl+home", "ctrl+end", *keys)
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=read)
