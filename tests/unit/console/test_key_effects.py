"""Every key of the key map, pressed where it fits, does what the help says of it.

A row that is new in the key map needs one in a table of ``key_effects`` too.
"""

import shlex
import sys
from pathlib import Path

import pytest

from harn_tui.console import lent_terminal
from harn_tui.console.action import Scope
from harn_tui.console.actions import DEFAULT_KEY_MAP, actions_of
from harn_tui.console.screens.review import ReviewScreen
from harn_tui.console.startup import load_parts
from tests.unit.console.conftest import OpenConsole
from tests.unit.console.key_effects import (
    elsewhere,
    in_a_session,
    over_a_session,
    while_reading,
    while_rewinding,
)
from tests.unit.console.key_effects.effect import check
from tests.unit.console.key_effects.other_program import stand_in_program
from tests.unit.console.stand_ins import FakeClock, FileSettings
from tests.unit.console.test_first_choice import FakeFirstRun, FirstStart
from tests.unit.console.test_picker import open_picker
from tests.unit.console.test_replay import open_replay

WIDE = (140, 40)
SESSION_TABLES = {
    "anywhere": in_a_session.ANYWHERE | over_a_session.ANYWHERE,
    "chat": in_a_session.CHAT | over_a_session.CHAT,
    "prompt": in_a_session.PROMPT | in_a_session.COMPLETION | over_a_session.PROMPT,
    "queue": in_a_session.QUEUE,
    "dock": in_a_session.DOCK,
    "panel": in_a_session.PANEL,
    "question": in_a_session.QUESTION,
}
FIRST_SCREEN = {*(f"choose_{place}" for place in range(1, 5)), "remember_choice"}


@pytest.fixture(autouse=True)
def _other_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the editor and the pager be a stand-in, whatever this machine has."""
    monkeypatch.setattr(lent_terminal, "run_in_terminal", stand_in_program)
    monkeypatch.setenv("VISUAL", shlex.quote(sys.executable))
    monkeypatch.setenv("PAGER", shlex.quote(sys.executable))


def test_every_action_of_the_key_map_has_its_effect_in_a_table() -> None:
    told = [
        *(action_id for table in SESSION_TABLES.values() for action_id in table),
        *while_reading.TRANSCRIPT,
        *while_reading.FIND,
        *while_reading.REVIEW,
        *while_rewinding.REWIND,
        *elsewhere.REPLAY,
        *elsewhere.SESSIONS,
        *FIRST_SCREEN,
    ]
    assert sorted(told) == sorted(action.id for action in DEFAULT_KEY_MAP.actions)


@pytest.mark.parametrize("name", SESSION_TABLES)
async def test_the_keys_of_a_session_do_what_they_say(
    open_console: OpenConsole, name: str, tmp_path: Path
) -> None:
    settings = FileSettings(tmp_path)
    async with open_console(load=load_parts, size=WIDE, settings=settings) as console:
        await in_a_session.begin(console)
        await check(console, SESSION_TABLES[name])


async def test_no_key_ends_a_console_in_which_nothing_has_happened(
    open_console: OpenConsole,
) -> None:
    async with open_console(load=load_parts) as console:
        for action in actions_of(Scope.CHAT, Scope.ANYWHERE, Scope.PROMPT):
            if action.id in {"quit", "suspend"}:
                continue
            await console.pilot.press(*action.keys[:1])
            while console.app.screen is not console.screen:
                console.app.screen.dismiss(None)
                await console.pilot.pause()
            console.prompt.focus()
        assert console.app.is_running


async def test_the_keys_of_the_transcript_and_of_finding_do_what_they_say(
    open_console: OpenConsole,
) -> None:
    async with open_console(load=load_parts, size=(100, 20)) as console:
        await while_reading.begin(console)
        await check(console, while_reading.TRANSCRIPT)
        await check(console, while_reading.FIND)


async def test_the_keys_of_a_review_do_what_they_say(open_console: OpenConsole) -> None:
    async with open_console(size=(44, 14)) as console:
        await in_a_session.begin(console)
        await console.press("alt+e")
        await console.until(lambda: isinstance(console.app.screen, ReviewScreen))
        assert isinstance(console.app.screen, ReviewScreen)
        await check(while_reading.OpenReview(console, console.app.screen), while_reading.REVIEW)


async def test_the_keys_of_the_rewind_do_what_they_say(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await check(while_rewinding.OpenRewind(console), while_rewinding.REWIND)


async def test_the_keys_of_a_replay_do_what_they_say() -> None:
    forks: list[int] = []

    def fork(index: int) -> str:
        forks.append(index)
        return "0199-fork"

    async with open_replay(elsewhere.EVENTS, fork=fork) as (screen, pilot):
        await check(elsewhere.OpenReplay(screen, pilot, forks), elsewhere.REPLAY)


async def test_the_keys_of_the_list_of_sessions_do_what_they_say() -> None:
    async with open_picker() as picker:
        await check(picker, elsewhere.SESSIONS)


@pytest.mark.parametrize("place", range(1, 5))
async def test_the_keys_of_the_first_screen_start_with_their_offer(
    clock: FakeClock, place: int
) -> None:
    offers = [*FakeFirstRun().offers, *FakeFirstRun().offers][:4]
    first_run = FakeFirstRun(offers)
    start = FirstStart(clock, first_run)
    async with start.running() as pilot:
        await start.see(pilot, "Which model shall answer?")
        await pilot.press(*DEFAULT_KEY_MAP[f"choose_{place}"].keys)
        await start.see(pilot, "Type a request")
        assert first_run.chosen == [offers[place - 1].key]

        if not offers[place - 1].is_usual:
            await pilot.press(*DEFAULT_KEY_MAP["remember_choice"].keys)
            while not first_run.kept:
                await pilot.pause(0.005)
