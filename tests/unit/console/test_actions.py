from collections import Counter

import pytest
from textual.widget import Widget

from harn_tui.console.action import Action, Scope
from harn_tui.console.actions import CHAT_SCOPES, REPLAY_SCOPES, actions_of
from harn_tui.console.approval.dock import DockDetail
from harn_tui.console.find.bar import FindLine
from harn_tui.console.key_map import ACTIONS
from harn_tui.console.key_names import show_key
from harn_tui.console.panels.listing import Listing
from harn_tui.console.prompt.prompt import Prompt
from harn_tui.console.questions.dock import QuestionDetail
from harn_tui.console.queue_strip.strip import QueueStrip
from harn_tui.console.screens.help import help_content
from harn_tui.console.screens.performing import PerformingScreen
from harn_tui.console.startup import load_parts
from harn_tui.console.transcript.browsed_transcript import BrowsedTranscript
from harn_tui.kinds import ToolKind
from tests.unit.console import scenes
from tests.unit.console.conftest import OpenConsole
from tests.unit.console.test_replay import open_replay, press


def spy_on(screen: PerformingScreen, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the ids of the actions that ``screen`` is asked to perform from now on."""
    performed: list[str] = []

    def perform(action_id: str) -> None:
        performed.append(action_id)

    monkeypatch.setattr(screen, "action_perform", perform)
    return performed


def test_no_sentence_of_the_help_has_markup_that_nobody_draws() -> None:
    assert [action.id for action in ACTIONS if "`" in action.help + action.label] == []


def test_action_ids_are_unique() -> None:
    assert [count for count in Counter(action.id for action in ACTIONS).values() if count > 1] == []


@pytest.mark.parametrize("scope", Scope)
def test_no_key_has_two_meanings_in_one_scope(scope: Scope) -> None:
    keys = Counter(key for action in actions_of(scope) for key in action.keys)
    assert [key for key, count in keys.items() if count > 1] == []


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
def test_every_action_is_described(action: Action) -> None:
    assert action.label
    assert action.help.endswith(".")
    assert action.keys or action.in_palette


async def test_the_chat_screen_performs_exactly_the_actions_of_its_scopes(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        assert set(console.screen.commands()) == {a.id for a in actions_of(*CHAT_SCOPES)}


async def test_the_replay_screen_performs_exactly_the_actions_of_its_scopes() -> None:
    async with open_replay([]) as (screen, _):
        assert set(screen.commands()) == {a.id for a in actions_of(*REPLAY_SCOPES)}


def _focus(scope: Scope, screen: PerformingScreen) -> Widget:
    """Move to where the keys of ``scope`` work; return what then has the focus."""
    if scope is Scope.TRANSCRIPT:
        screen.action_perform("browse")
        return screen.query_one(BrowsedTranscript)
    if scope is Scope.FIND:
        screen.action_perform("find")
        return screen.query_one(FindLine)
    if scope is Scope.QUEUE:
        screen.action_perform("focus_queue")
        return screen.query_one(QueueStrip)
    if scope is Scope.DOCK:
        screen.action_perform("focus_dock")
        return screen.query_one(DockDetail)
    if scope is Scope.PANEL:
        screen.action_perform("focus_panel")
        return screen.query_one(Listing)
    if scope is Scope.QUESTION:
        screen.action_perform("focus_dock")
        return screen.query_one(QuestionDetail)
    prompt = screen.query_one(Prompt)
    if scope is Scope.COMPLETION:
        prompt.is_completing = True
    return prompt


@pytest.mark.parametrize("scope", CHAT_SCOPES)
async def test_every_key_of_the_chat_screen_performs_its_action(
    open_console: OpenConsole, monkeypatch: pytest.MonkeyPatch, scope: Scope
) -> None:
    async with open_console(load=load_parts) as console:
        await console.emit(
            scenes.queued("f1", "one"),
            scenes.tool("t1", "run_command", ToolKind.EXECUTE, {"command": "ls"}),
            scenes.question()
            if scope is Scope.QUESTION
            else scenes.asks("p1", "t1", "run_command"),
        )
        focused = _focus(scope, console.screen)
        await console.until(lambda: focused.has_focus)
        performed = spy_on(console.screen, monkeypatch)

        for action in actions_of(scope):
            for key in action.keys:
                performed.clear()
                await console.pilot.press(key)
                assert (key, performed) == (key, [action.id])


@pytest.mark.parametrize("scope", REPLAY_SCOPES)
async def test_every_key_of_the_replay_performs_its_action(
    monkeypatch: pytest.MonkeyPatch, scope: Scope
) -> None:
    async with open_replay(scenes.busy_turn(), parts=load_parts) as (screen, pilot):
        await press(screen, pilot, "end")
        if scope in {Scope.TRANSCRIPT, Scope.FIND}:
            while not _focus(scope, screen).has_focus:  # nothing to read before it is sought
                await pilot.pause(0.005)
        if scope is Scope.PANEL:
            screen.action_perform("focus_panel")
            await pilot.pause()
        performed = spy_on(screen, monkeypatch)

        for action in actions_of(scope):
            for key in action.keys:
                performed.clear()
                await pilot.press(key)
                assert (key, performed) == (key, [action.id])


def test_the_help_names_every_key_and_sentence() -> None:
    page = help_content(CHAT_SCOPES, 200).plain

    for action in actions_of(*CHAT_SCOPES):
        assert not action.keys or show_key(action.keys[0]) in page
        assert action.help in page


async def test_help_opens_over_the_screen_and_escape_closes_it(open_console: OpenConsole) -> None:
    async with open_console() as console:
        console.session.is_running = True
        await console.press("f1")
        assert console.app.screen is not console.screen

        await console.press("escape")

        assert console.app.screen is console.screen
        assert console.session.asked("interrupt") == []
        assert console.prompt.has_focus


async def test_the_palette_finds_an_action_and_performs_it(
    open_console: OpenConsole, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_console() as console:
        performed = spy_on(console.screen, monkeypatch)
        console.app.action_command_palette()
        await console.until(lambda: console.app.screen is not console.screen)
        await console.pilot.press(*"tab before")
        palette = console.app.screen
        await console.until(lambda: len(palette.query("CommandList > *")) > 0 or _has_hit(palette))

        await console.pilot.press("enter")
        await console.until(lambda: bool(performed) or console.app.screen is console.screen)
        await console.until(lambda: bool(performed))

        assert performed == ["previous_tab"]


def _has_hit(palette: object) -> bool:
    options = palette.query_one("CommandList")  # type: ignore[attr-defined]
    return bool(options.option_count)


def test_keys_are_named_for_people() -> None:
    names = [show_key(key) for key in ("alt+up", "ctrl+j", "f1", "escape", "T", "equals_sign")]
    assert names == ["Alt+↑", "Ctrl+j", "F1", "Esc", "T", "="]
