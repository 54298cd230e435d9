"""From one session to another over the list, and the open session's own title."""

import asyncio
from pathlib import Path

import pytest
from textual.widgets import Input

from harn_tui.console.picker.foot import Foot
from harn_tui.console.picker.screen import PickerScreen
from harn_tui.console.picker.title_box import TitleBox
from harn_tui.errors import HarnError, SessionLockedError, StoreError
from tests.unit.console.conftest import Console, OpenConsole
from tests.unit.console.test_picker import SESSIONS, FakeStore
from tests.unit.console.test_preferences import screen_text


def offering(console: Console) -> FakeStore:
    """Let the console go to the sessions of a store; the first one is that which is open."""
    store = FakeStore(SESSIONS)
    console.screen.switching.open_store = lambda: store
    console.session.folder = SESSIONS[0].folder.path
    console.session.cwd = Path(SESSIONS[0].cwd or "")
    return store


async def open_list(console: Console) -> PickerScreen:
    await console.press("alt+h")
    await console.until(lambda: isinstance(console.app.screen, PickerScreen))
    picker = console.app.screen
    assert isinstance(picker, PickerScreen)
    await console.until(lambda: picker.is_loaded)
    return picker


async def test_the_list_comes_over_the_session_and_goes_again(open_console: OpenConsole) -> None:
    async with open_console() as console:
        offering(console)
        await console.type("half a thought")
        await open_list(console)
        await console.press("escape")
        await console.until(lambda: console.app.screen is console.screen)
        assert console.prompt.text == "half a thought"

        await open_list(console)  # choosing the session that is open goes back to it
        await console.press("enter")
        await console.until(lambda: console.app.screen is console.screen)
        assert console.screen.switching.choice is None
        assert not console.session.is_closed


async def test_where_there_is_no_way_to_another_session_the_program_goes_there(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        offering(console)
        await open_list(console)
        await console.press("down", "enter")
        await console.until(lambda: console.screen.switching.choice is not None)
        choice = console.screen.switching.choice
    assert choice is not None
    assert choice.session.session_id == "0199-eeee"
    assert console.session.is_closed


def going(console: Console, error: HarnError | None = None) -> list[str]:
    """Let the console go to sessions in its own window; returns the ids it is asked for."""
    asked: list[str] = []

    async def go_to(session_id: str) -> None:
        asked.append(session_id)
        if error is not None:
            raise error
        await asyncio.Event().wait()

    console.screen.switching.go_to = go_to
    return asked


async def test_another_session_is_gone_to_once_however_often_enter_comes(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        offering(console)
        asked = going(console)
        picker = await open_list(console)
        await console.press("down", "enter", "enter", "escape", "up", "enter")
        assert asked == ["0199-eeee"]
        assert picker.query_one(Foot).message == "Opening it."
        assert console.app.screen is picker
        assert console.screen.switching.choice is None


async def test_a_session_that_cannot_be_gone_to_leaves_the_list_as_it_is(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        offering(console)
        asked = going(console, StoreError("The log is of a newer program."))
        picker = await open_list(console)
        await console.press("down", "enter")
        await console.until(lambda: len(console.app._notifications) == 1)
        assert console.app.screen is picker
        await console.press("enter")
        await console.until(lambda: len(asked) == 2)
        assert not console.session.is_closed


@pytest.mark.parametrize("is_replay", [True, False])
async def test_a_replay_and_a_session_that_is_open_elsewhere_end_this_console(
    open_console: OpenConsole, is_replay: bool
) -> None:
    async with open_console() as console:
        offering(console)
        asked = going(console, SessionLockedError("Process 7 has it open."))
        await open_list(console)
        await console.press("down", "ctrl+r" if is_replay else "enter")
        await console.until(lambda: console.screen.switching.choice is not None)
        assert len(asked) == (0 if is_replay else 1)


async def test_leaving_a_run_takes_a_second_press(open_console: OpenConsole) -> None:
    async with open_console() as console:
        offering(console)
        console.session.is_running = True
        picker = await open_list(console)
        await console.press("down", "enter")
        assert "The run here stops" in picker.query_one(Foot).message
        assert console.screen.switching.choice is None
        await console.press("down", "enter")  # another one is asked about anew
        assert console.screen.switching.choice is None
        await console.press("enter")
        assert console.screen.switching.choice is not None


async def test_where_no_session_can_follow_it_is_said(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await console.press("alt+h")
        assert console.app.screen is console.screen
        assert any("harn-tui --resume" in n.message for n in console.app._notifications)


@pytest.mark.parametrize("way", ["line", "box"])
async def test_the_open_session_is_renamed(open_console: OpenConsole, way: str) -> None:
    async with open_console() as console:
        if way == "line":
            await console.type("/rename  Pears and apples")
            await console.press("enter")
        else:
            await console.type("/rename")
            await console.press("enter")
            await console.until(lambda: isinstance(console.app.screen, TitleBox))
            console.app.screen.query_one(Input).value = "Pears and apples"
            await console.press("enter")
        await console.until(lambda: console.session.kept.title == "Pears and apples")
        assert console.prompt.text == ""
        assert console.session.asked("submit") == []


async def test_words_behind_another_command_stay_refused(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await console.type("/sessions of yesterday")
        await console.press("enter")
        assert console.prompt.text == "/sessions of yesterday"
        assert console.app.screen is console.screen


async def test_a_title_that_is_refused_is_told(open_console: OpenConsole) -> None:
    async with open_console() as console:
        console.screen.switching.rename("Apples")
        console.screen.switching._told("  ")
        assert console.session.kept.title == "Apples"
        await console.until(
            lambda: any("cannot be blank" in n.message for n in console.app._notifications)
        )


async def test_the_open_session_is_forked_and_goes_on(open_console: OpenConsole) -> None:
    async with open_console(size=(120, 24)) as console:
        store = offering(console)
        await console.type("/fork")
        await console.press("enter")
        await console.until(lambda: "Forked as fork-of-0199-aaaa" in screen_text(console))
        assert not console.session.is_closed

        store.failure = StoreError("The disk is full.")
        console.screen.action_perform("fork_session")
        await console.until(
            lambda: any("disk is full" in n.message for n in console.app._notifications)
        )
