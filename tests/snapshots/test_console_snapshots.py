"""Pictures of the main states of the console, as the terminal shows them.

Look at a changed picture (the report of a failed run shows old and new side by side) before you
accept it with ``--snapshot-update``.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeAlias

import pytest
from textual.pilot import Pilot

from harn_tui.console.app import HarnApp
from harn_tui.console.ports import ConsoleSession
from harn_tui.console.prompt.prompt import Prompt
from harn_tui.console.screens.history_search import HistorySearch
from harn_tui.console.screens.replay import ReplayScreen
from harn_tui.console.themes import DARK_THEME, LIGHT_THEME
from harn_tui.events.agent import FeedbackInjected
from harn_tui.events.host import FeedbackStateChanged
from harn_tui.json_types import JsonObject
from harn_tui.kinds import Boundary, FeedbackState, LoopStatus, ToolKind
from tests.support.console_run import console_run
from tests.unit.console import scenes
from tests.unit.console.kept_rules import asks_with_rule, ran
from tests.unit.console.stand_ins import (
    SESSION_ID,
    FakeAgent,
    FakeClock,
    FakePrompt,
    FakeResource,
    FakeSession,
    FileSettings,
)
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


def questioning(session: FakeSession, clock: FakeClock) -> None:
    working(session, clock)
    told: JsonObject = {"question_id": "q0", "question": "Which test first?", "answers": ["Both"]}
    session.emit(
        scenes.tool("t8", "ask_user", ToolKind.THINK, {"question": "Which test first?"}),
        scenes.tool_runs("t8", "ask_user"),
        scenes.tool_done("t8", "ask_user", "The person answered: Both", details=told),
        scenes.tool("t9", "ask_user", ToolKind.THINK, {"question": "Shall it keep its name?"}),
        scenes.tool_runs("t9", "ask_user"),
        scenes.question(default="Rename"),
        scenes.question("q2", "t3", source="mender"),
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


async def settle_scroll_bar(pilot: Pilot[int]) -> None:
    """Have every block laid out: heights are estimates until then, and the bar shows them."""
    await pilot.press("ctrl+home")
    await pilot.pause()
    await pilot.press("ctrl+end")
    await pilot.pause()
    # What was drawn before the last layout is cut into other pieces, though it looks the same.
    pilot.app.screen.refresh(layout=True)
    await pilot.pause()


def _live(
    script: Script, theme: str, *, settings: FileSettings | None = None
) -> tuple[HarnApp, Callable[[Pilot[int]], Awaitable[None]]]:
    clock = FakeClock()
    session = FakeSession(clock)

    async def open_session() -> ConsoleSession:
        return session

    run = console_run(
        open_session,
        now_ms=clock,
        theme=theme,
        freeze=lambda: None,
        open_settings=lambda: settings,
    )

    async def play(pilot: Pilot[int]) -> None:
        while run.live is None or not run.live.is_complete:
            await pilot.pause(0.005)
        script(session, clock)
        while run.live.is_busy or not run.live.is_complete:
            await pilot.pause(0.005)
        await pilot.pause()
        await settle_scroll_bar(pilot)
        clock.advance(1000)
        run.screen.tick()
        await pilot.pause()

    return run.app, play


@pytest.mark.parametrize("theme", [DARK_THEME, LIGHT_THEME])
@pytest.mark.parametrize("size", [(80, 24), (160, 48)], ids=["80x24", "160x48"])
@pytest.mark.parametrize(
    "script", [welcome, working, asking, questioning, paused, answered, compacted, delegating]
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
        for key in ("end", *["left"] * 3):
            await pilot.press(key)
            while screen.is_busy:
                await pilot.pause(0.005)
        await settle_scroll_bar(pilot)

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


def proposing(session: FakeSession, clock: FakeClock) -> None:
    session.is_running = True
    session.emit(scenes.session_start(), *scenes.run_start(), scenes.call_start())
    session.emit(scenes.text("I push the branch now."), scenes.call_end())
    for number, command in enumerate(["git push origin v1", "git pull", "git push --tags"]):
        session.emit(*ran(number, command))
    session.emit(*asks_with_rule(session, 7, "git push origin main --force-with-lease"))
    clock.advance(1000)


@pytest.mark.parametrize("theme", [DARK_THEME, LIGHT_THEME])
@pytest.mark.parametrize("size", [(80, 24), (160, 48)], ids=["80x24", "160x48"])
@pytest.mark.parametrize("keys", [(), ("ctrl+o",), ("alt+l",), ("alt+v",)], ids=" ".join)
def test_an_approval_with_a_rule_to_keep_looks_as_accepted(
    snap_compare: Compare, keys: tuple[str, ...], size: tuple[int, int], theme: str
) -> None:
    app, play = _live(proposing, theme)

    async def go_on(pilot: Pilot[int]) -> None:
        await play(pilot)
        await _press_and_settle(pilot, *keys)

    assert snap_compare(app, terminal_size=size, run_before=go_on)


def test_the_rule_editor_in_a_tiny_terminal_looks_as_accepted(snap_compare: Compare) -> None:
    app, play = _live(proposing, DARK_THEME)

    async def open_editor(pilot: Pilot[int]) -> None:
        await play(pilot)
        await _press_and_settle(pilot, "alt+l")

    assert snap_compare(app, terminal_size=(40, 10), run_before=open_editor)


async def _press_and_settle(pilot: Pilot[int], *keys: str) -> None:
    await pilot.press(*keys)
    await pilot.pause()
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


@pytest.mark.parametrize("theme", [DARK_THEME, LIGHT_THEME])
@pytest.mark.parametrize("size", [(80, 24), (160, 48)], ids=["80x24", "160x48"])
def test_the_inside_of_the_question_dock_looks_as_accepted(
    snap_compare: Compare, size: tuple[int, int], theme: str
) -> None:
    app, play = _live(questioning, theme)

    async def go_in(pilot: Pilot[int]) -> None:
        await play(pilot)
        await pilot.press("ctrl+o", "down")
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=go_in)


def test_a_question_in_a_tiny_terminal_looks_as_accepted(snap_compare: Compare) -> None:
    app, play = _live(questioning, DARK_THEME)
    assert snap_compare(app, terminal_size=(40, 10), run_before=play)


@pytest.mark.parametrize("theme", [DARK_THEME, LIGHT_THEME])
def test_the_help_looks_as_accepted(snap_compare: Compare, theme: str) -> None:
    app, play = _live(working, theme)

    async def open_help(pilot: Pilot[int]) -> None:
        await play(pilot)
        await pilot.press("f1")
        await pilot.pause()

    assert snap_compare(app, terminal_size=(120, 40), run_before=open_help)


def with_an_image(session: FakeSession, clock: FakeClock) -> None:
    """A line with an image in the transcript, and lines that were sent."""
    image: JsonObject = {
        "name": "screen.png",
        "media_type": "image/png",
        "width": 640,
        "height": 480,
        "bytes": 12_345,
    }
    text = "what is wrong here? [image #1, 640×480 PNG]"
    queued = FeedbackStateChanged(
        SESSION_ID, "f1", FeedbackState.QUEUED, Boundary.NEXT_PREFLIGHT, text, images=[image]
    )
    session.emit(scenes.session_start(), queued, scenes.claimed("f1"), *scenes.run_start(text))
    clock.advance(1000)


@pytest.mark.parametrize("theme", [DARK_THEME, LIGHT_THEME])
@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
def test_the_search_of_the_history_looks_as_accepted(
    snap_compare: Compare, size: tuple[int, int], theme: str
) -> None:
    app, play = _live(with_an_image, theme)

    async def search(pilot: Pilot[int]) -> None:
        await play(pilot)
        prompt = pilot.app.query_one(Prompt)
        for line in ("fix the parser", "why?\n\nIt worked\nbefore [the]\nfix", "look at the tests"):
            prompt.past.add(line)
        await pilot.press("ctrl+r")
        while not isinstance(pilot.app.screen, HistorySearch):
            await pilot.pause()
        await pilot.press(*"fix", "down")
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=search)


def at_work_for_long(session: FakeSession, clock: FakeClock) -> None:
    """A run with two turns, a compaction, agents, a changed file and a queued line."""
    session.is_running = True
    session.emit(scenes.session_start(), *scenes.busy_turn())
    clock.advance(2600)
    session.emit(scenes.tool_runs("t3", "run_command"))
    clock.advance(3100)
    session.emit(scenes.tool_done("t3", "run_command", "1 failed", 3100, 5700))
    session.emit(*scenes.compacted(), *scenes.agents_at_work()[3:])
    session.emit(scenes.queued("f1", "also update the README, please"), *scenes.edited_file())
    clock.advance(4000)


@pytest.mark.parametrize("theme", [DARK_THEME, LIGHT_THEME])
@pytest.mark.parametrize("size", [(120, 40), (160, 48)], ids=["120x40", "160x48"])
@pytest.mark.parametrize("tab", range(1, 9))
def test_a_panel_looks_as_accepted(
    snap_compare: Compare, tab: int, size: tuple[int, int], theme: str
) -> None:
    app, play = _live(at_work_for_long, theme)

    async def open_tab(pilot: Pilot[int]) -> None:
        await play(pilot)
        await pilot.press(f"alt+{tab}")
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=open_tab)


@pytest.mark.parametrize("theme", [DARK_THEME, LIGHT_THEME])
@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
def test_the_time_axis_looks_as_accepted(
    snap_compare: Compare, size: tuple[int, int], theme: str
) -> None:
    app, play = _live(at_work_for_long, theme)

    async def open_axis(pilot: Pilot[int]) -> None:
        await play(pilot)
        await pilot.press("alt+p")
        await pilot.pause()
        await pilot.press("w")
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=open_axis)


def offering(session: FakeSession, clock: FakeClock) -> None:
    working(session, clock)
    sources = session.prompt_sources
    sources.paths = ("README.md", "src/paging.py", "src/two words.py", "tests/test_paging.py")
    sources.offered_resources = (
        FakeResource("git:file:///page.log", "Paging log", "what the pager did"),
    )
    sources.offered_prompts = (FakePrompt("git:review", "Review a change with care."),)


@pytest.mark.parametrize("theme", [DARK_THEME, LIGHT_THEME])
@pytest.mark.parametrize("size", [(80, 24), (160, 48), (40, 10)], ids=["80x24", "160x48", "40x10"])
@pytest.mark.parametrize("keys", ["slash", "slash r", "at p a g"], ids=["all", "commands", "files"])
def test_the_list_above_the_prompt_looks_as_accepted(
    snap_compare: Compare, keys: str, size: tuple[int, int], theme: str
) -> None:
    app, play = _live(offering, theme)

    async def type_keys(pilot: Pilot[int]) -> None:
        await play(pilot)
        await pilot.press(*keys.split())
        await app.workers.wait_for_complete()
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=type_keys)


@pytest.mark.parametrize("theme", [DARK_THEME, LIGHT_THEME])
@pytest.mark.parametrize("size", [(80, 24), (160, 48)], ids=["80x24", "160x48"])
@pytest.mark.parametrize(
    ("key", "note"), [("f2", "#theme-note"), ("f3", "#settings-note")], ids=["themes", "settings"]
)
def test_themes_and_settings_look_as_accepted(
    snap_compare: Compare, size: tuple[int, int], theme: str, key: str, note: str
) -> None:
    app, play = _live(
        working, theme, settings=FileSettings(Path("/nowhere"), [f"ui.theme={theme}"])
    )

    async def open_popup(pilot: Pilot[int]) -> None:
        await play(pilot)
        await pilot.press(key)
        while not pilot.app.screen.query(note):
            await pilot.pause(0.005)
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=open_popup)


def test_a_list_of_themes_in_a_tiny_terminal_looks_as_accepted(snap_compare: Compare) -> None:
    app, play = _live(working, DARK_THEME)

    async def open_picker(pilot: Pilot[int]) -> None:
        await play(pilot)
        await pilot.press("f2")
        while not pilot.app.screen.query("#theme-note"):
            await pilot.pause(0.005)
        await pilot.pause()

    assert snap_compare(app, terminal_size=(40, 10), run_before=open_picker)


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
