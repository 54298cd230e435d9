"""Every screen, panel, dock and popup at three sizes and on a tiny terminal, dark and light.

See ``every_screen`` for how to look at what has changed before it is accepted.
"""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from textual.pilot import Pilot

from harn_tui.console.app import HarnApp
from harn_tui.console.picker.screen import PickerScreen
from harn_tui.console.ports import ConsoleSession
from harn_tui.console.screens.replay import ReplayScreen
from harn_tui.store.log_reader import read_records
from tests.snapshots import test_console_snapshots as live
from tests.snapshots.every_screen import Bring, TextPictures, pictures
from tests.snapshots.test_review_snapshots import changing
from tests.support.console_run import console_run
from tests.unit.console.stand_ins import (
    START_MS,
    FakeClock,
    FakeSession,
    FileSettings,
)
from tests.unit.console.test_first_choice import OFFERS, FakeFirstRun
from tests.unit.console.test_picker import HERE, FakeStore

SESSIONS = Path(__file__).parents[2] / "sessions"
LOGS = sorted(path.stem for path in SESSIONS.glob("*.jsonl"))


@pytest.fixture(autouse=True)
def _one_time_zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Times are shown as a clock on the wall has them; the pictures are of Greenwich."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


async def _press(pilot: Pilot[int], keys: Sequence[str]) -> None:
    for key in keys:
        await pilot.press(key)
        await pilot.pause()
    owned = [worker for worker in pilot.app.workers if worker.group not in {"start", "popup"}]
    if owned:
        await pilot.app.workers.wait_for_complete(owned)
    await pilot.pause()


def a_session(script: live.Script, *keys: str, popup: str = "") -> tuple[HarnApp, Bring]:
    """A live session that ``script`` has filled; ``popup`` selects what the keys bring up."""
    clock = FakeClock()
    session = FakeSession(clock)

    async def open_session() -> ConsoleSession:
        return session

    run = console_run(
        open_session,
        now_ms=clock,
        freeze=lambda: None,
        open_settings=lambda: FileSettings(Path("/nowhere"), ["ui.theme=harn-dark"]),
    )

    async def bring(pilot: Pilot[int]) -> None:
        while run.live is None or not run.live.is_complete:
            await pilot.pause(0.005)
        script(session, clock)
        while run.live.is_busy:
            await pilot.pause(0.005)
        await live.settle_scroll_bar(pilot)
        clock.advance(1000)
        run.screen.tick()
        await _press(pilot, keys)
        while popup and not pilot.app.screen.query(popup):
            await pilot.pause(0.005)
        clock.advance(1000)
        run.screen.tick()
        query = pilot.app.screen.query
        while query("#rule-box") and not query("#rule-box.-armed"):
            await pilot.pause(0.005)
        await pilot.pause()

    return run.app, bring


def a_replay(log: str, *keys: str, place: int | None = None) -> tuple[HarnApp, Bring]:
    """A recorded session at ``place``, by default at its end."""
    records = list(read_records(SESSIONS / f"{log}.jsonl"))
    screen = ReplayScreen(lambda: records, title=log, plays_at_once=False)

    async def bring(pilot: Pilot[int]) -> None:
        while not (screen.is_complete and screen.is_looked_through):
            await pilot.pause(0.005)
        screen.seek(len(records) if place is None else place)
        while screen.is_busy:
            await pilot.pause(0.005)
        await live.settle_scroll_bar(pilot)
        await _press(pilot, keys)

    return HarnApp(screen, screen.open), bring


def a_picker(*keys: str) -> tuple[HarnApp, Bring]:
    screen = PickerScreen(FakeStore(), HERE, lambda: START_MS)

    async def bring(pilot: Pilot[int]) -> None:
        while not screen.is_loaded:
            await pilot.pause(0.005)
        await _press(pilot, keys)

    return HarnApp(screen, screen.open), bring


def the_first_start() -> tuple[HarnApp, Bring]:
    clock = FakeClock()

    async def open_session() -> ConsoleSession:
        return FakeSession(clock)

    first_run = FakeFirstRun((OFFERS[0], OFFERS[2]))
    run = console_run(open_session, now_ms=clock, freeze=lambda: None, first_run=first_run)

    async def bring(pilot: Pilot[int]) -> None:
        while "Which model" not in str(run.screen.query_one("#welcome").render()):
            await pilot.pause(0.005)

    return run.app, bring


LIVE = {
    "welcome": (live.welcome,),
    "working": (live.working,),
    "asking": (live.asking,),
    "asking-inside": (live.asking, "ctrl+o"),
    "asking-why-not": (live.asking, "alt+d"),
    "rule": (live.proposing, "alt+l"),
    "whole-call": (live.proposing, "alt+v"),
    "question": (live.questioning,),
    "question-inside": (live.questioning, "ctrl+o", "down"),
    "question-in-words": (live.questioning, "alt+w"),
    "paused": (live.paused,),
    "queue": (live.working, "alt+q", "up"),
    "injection": (live.working, "alt+i"),
    "answered": (live.answered,),
    "compacted": (live.compacted, "alt+o"),
    "agents": (live.delegating,),
    "agent-picker": (live.delegating, "alt+s"),
    "commands": (live.offering, "slash", "r"),
    "files": (live.offering, "at", "p", "a", "g"),
    "browsing": (live.answered_after_work, "ctrl+b", "k"),
    "finding": (live.answered_after_work, "ctrl+b", "U", "slash", *"page"),
    "selection": (live.answered_after_work, "ctrl+b", "k", "v", "k"),
    "block-menu": (live.answered_after_work, "ctrl+b", "full_stop"),
    "help": (live.working, "f1"),
    "palette": (live.working, "ctrl+p"),
    "event": (live.working, "alt+8", "alt+p", "up", "enter"),
}
LAZY = {
    "themes": (live.working, "f2", "#theme-note"),
    "settings": (live.working, "f3", "#settings-note"),
    "review": (changing, "alt+e", "#review-heading"),
}
PANELS = {
    "tools": ("long-tool-run", "alt+1"),
    "time-axis": ("long-tool-run", "alt+1", "alt+p", "w"),
    "queue-tab": ("feedback-and-interrupt", "alt+2"),
    "plan": ("demo-tools-approval-feedback", "alt+3"),
    "context": ("compaction", "alt+4"),
    "cost": ("demo-tools-approval-feedback", "alt+5"),
    "agents-tab": ("sub-agent", "alt+6"),
    "files-tab": ("demo-tools-approval-feedback", "alt+7"),
    "events": ("failures-and-retries", "alt+8", "alt+p", "up"),
}
PICKERS: dict[str, Sequence[str]] = {
    "chosen": ["down"],
    "found": ["ctrl+f", *"page"],
    "title": ["alt+n"],
    "nothing-fits": [*"zzz"],
}


async def _compare(snapshot: SnapshotAssertion, name: str, app: HarnApp, bring: Bring) -> None:
    accepted = snapshot.use_extension(TextPictures)
    assert await pictures(app, bring, name) == accepted


@pytest.mark.parametrize("name", LIVE)
async def test_a_live_session(snapshot: SnapshotAssertion, name: str) -> None:
    script, *keys = LIVE[name]
    await _compare(snapshot, name, *a_session(script, *keys))


@pytest.mark.parametrize("name", LAZY)
async def test_what_is_loaded_when_it_is_opened(snapshot: SnapshotAssertion, name: str) -> None:
    script, key, popup = LAZY[name]
    await _compare(snapshot, name, *a_session(script, key, popup=popup))


@pytest.mark.parametrize("log", LOGS)
async def test_a_replay(snapshot: SnapshotAssertion, log: str) -> None:
    await _compare(snapshot, f"replay-{log}", *a_replay(log))


@pytest.mark.parametrize("name", PANELS)
async def test_a_panel(snapshot: SnapshotAssertion, name: str) -> None:
    log, *keys = PANELS[name]
    # Half-way lines are queued, calls run and agents are at work.
    place = 55 if name == "queue-tab" else None
    await _compare(snapshot, f"panel-{name}", *a_replay(log, *keys, place=place))


@pytest.mark.parametrize("name", PICKERS)
async def test_the_list_of_sessions(snapshot: SnapshotAssertion, name: str) -> None:
    await _compare(snapshot, f"sessions-{name}", *a_picker(*PICKERS[name]))


async def test_the_first_start(snapshot: SnapshotAssertion) -> None:
    await _compare(snapshot, "first-start", *the_first_start())
