import string
import tomllib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.keys import _character_to_key
from textual.widgets import Static

from harn_tui.config.ui_table import keys_by_action
from harn_tui.console.action import Scope
from harn_tui.console.actions import DEFAULT_KEY_MAP, KeyMap, key_map_in_force, key_of
from harn_tui.console.approval.guard import ARMING_MS
from harn_tui.console.key_map import ACTIONS
from harn_tui.console.key_names import UnusableKeyError, is_typed, read_key, show_key
from harn_tui.console.rebinding import key_table_lines, rebound_actions
from harn_tui.console.screens.help import HelpScreen, help_content
from harn_tui.errors import ConfigError
from tests.unit.console import scenes
from tests.unit.console.conftest import OpenConsole
from tests.unit.console.test_actions import spy_on
from tests.unit.console.test_question_dock import answers, ask


def rebound(**keys: str | list[str]) -> KeyMap:
    listed = {
        action: [key for key in (value if isinstance(value, list) else [value]) if key]
        for action, value in keys.items()
    }
    return KeyMap(rebound_actions(listed, {f"keys.{action}": "c.toml:7" for action in keys}))


def refusal(**keys: str | list[str]) -> str:
    with pytest.raises(ConfigError) as caught:
        rebound(**keys)
    return str(caught.value)


@pytest.mark.parametrize("character", string.punctuation + string.ascii_letters + string.digits)
def test_characters_have_the_names_that_textual_gives_them(character: str) -> None:
    assert read_key(character) == _character_to_key(character)
    assert show_key(read_key(character)) == character
    assert is_typed(read_key(character))


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("Ctrl+S", "ctrl+s"), ("alt+?", "alt+question_mark"), ("ctrl++", "ctrl+plus"),
        ("PgUp", "pageup"), ("Esc", "escape"), ("shift+F3", "shift+f3"), ("alt+T", "alt+T"),
        ("control+alt+x", "alt+ctrl+x"), (" f1 ", "f1"),
    ],
)  # fmt: skip
def test_keys_may_be_written_as_people_do(written: str, key: str) -> None:
    assert read_key(written) == key


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
def test_every_default_key_can_be_written(action: object) -> None:
    keys = getattr(action, "keys", ())
    assert [read_key(key) for key in keys] == list(keys)


@given(st.text())
def test_any_text_is_a_key_or_refused(text: str) -> None:
    with suppress(UnusableKeyError):
        assert read_key(text)


def test_the_default_keys_do_not_meet() -> None:
    assert rebound().actions == ACTIONS
    assert rebound().changes() == {}


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"halp": "f12"}, ["c.toml:7", "no action `halp`", "Did you mean `help`"]),
        ({"help": "f99"}, ["c.toml:7", "`keys.help`", "'f99' is no key", "write it like"]),
        ({"help": "ctrl+ctrl+x"}, ["'ctrl+ctrl+x'"]),
        ({"help": "x"}, ["types a character", "Put alt or ctrl before it"]),
        ({"send": "space"}, ["types a character"]),
        ({"help": "ctrl+m"}, ["most terminals send for Enter"]),
        ({"help": "ctrl+t"}, ["Ctrl+t would be both `help` (Help) and `toggle_panel` (Side"]),
        ({"send_now": "alt+y"}, ["`send_now` (Send now) and `allow_once` (Allow once)"]),
        ({"faster": "n"}, ["`faster` (Faster) and `next_turn` (Next turn)"]),
        ({"help": "f12", "settings": "f12"}, ["F12 would be both", "`help`", "`settings`"]),
        ({"quit": "", "clear_or_quit": "", "palette": ""}, ["nothing would leave the program"]),
    ],
)  # fmt: skip
def test_what_could_not_work_is_refused_and_says_why(
    keys: dict[str, str | list[str]], words: list[str]
) -> None:
    told = refusal(**keys)
    assert [word for word in words if word not in told] == []


def test_the_table_of_keys_can_be_read_back_as_it_was_written() -> None:
    lines = list(key_table_lines({"suspend": [], "send": ["ctrl+j"], "newline": ["enter"]}, {}))
    table = tomllib.loads("\n".join(lines))
    assert (table["suspend"], table["send"]) == ("", "ctrl+j")
    again = rebound_actions(keys_by_action(table), {})
    assert {action.id: action.keys for action in again}["previous_tool"] == ("T", "shift+t")
    assert list(key_table_lines(keys_by_action(table), {})) == lines


def test_keys_of_places_that_never_meet_may_be_the_same() -> None:
    key_map = rebound(faster="alt+y", dock_deny="d", queue_up=["k", "up"])
    assert key_map["faster"].keys == ("alt+y",)
    assert key_map["queue_up"].keys == ("k", "up")


def test_two_actions_may_change_places() -> None:
    key_map = rebound(send="ctrl+j", newline="enter")
    assert key_map.id_in_prompt("enter") == "newline"
    assert key_map.changes() == {"send": "ctrl+j", "newline": "enter"}


def test_without_a_console_the_default_keys_hold() -> None:
    assert key_map_in_force() is DEFAULT_KEY_MAP
    assert key_of("help") == "F1"
    assert key_of("next_theme") == "Next theme"


REBOUND: dict[str, str | list[str]] = {
    "help": "f12", "toggle_panel": "ctrl+a", "send": "ctrl+j", "newline": "enter",
    "suspend": "", "allow_once": ["ctrl+1", "ctrl+2"], "quick_help": "", "next_theme": "f10",
}  # fmt: skip


async def test_rebound_keys_do_what_they_were_given_and_nothing_else(
    open_console: OpenConsole, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_console() as console:
        console.app.use_key_map(rebound(**REBOUND))
        performed = spy_on(console.screen, monkeypatch)
        keys = ["f12", "ctrl+a", "ctrl+j", "enter", "ctrl+1", "ctrl+2", "f10", "alt+n"]
        for key in [*keys, "f1", "ctrl+t", "ctrl+z", "alt+y"]:
            await console.pilot.press(key)
        assert performed == [
            "help", "toggle_panel", "send", "newline", "allow_once", "allow_once", "next_theme",
            "deny",
        ]  # fmt: skip


async def test_the_help_shows_the_rebound_keys_and_closes_by_its_own(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        console.app.use_key_map(rebound(**REBOUND))
        await console.press("f12")
        page = str(console.app.screen.query_one("#help-text", Static).render())
        assert [
            word for word in ("F12 ", "Ctrl+1  Ctrl+2", "in the palette") if word not in page
        ] == []
        await console.press("f12")
        assert console.app.screen is console.screen


async def test_palette_and_hints_show_the_rebound_keys(open_console: OpenConsole) -> None:
    async with open_console() as console:
        console.app.use_key_map(rebound(**REBOUND, send_after_run="f11"))
        await console.emit(scenes.session_start(), *scenes.busy_turn())
        await console.press("alt+t")
        offered = {action.id: action.keys for action in console.screen.palette_actions()}
        assert (offered["help"], offered["suspend"]) == (("f12",), ())
        assert "F11 after the run" in str(console.prompt.placeholder)


def test_the_help_of_a_replay_has_its_keys() -> None:
    page = help_content([Scope.REPLAY], 80).plain
    assert "Double the speed." in page


async def test_a_question_mark_on_an_empty_prompt_opens_the_help(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        await console.press("question_mark")
        assert isinstance(console.app.screen, HelpScreen)
        await console.press("escape")
        assert console.prompt.text == ""


async def test_a_second_question_mark_types_it(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await console.press("question_mark", "question_mark")
        assert console.app.screen is console.screen
        assert console.prompt.text == "?"
        await console.press("question_mark")
        assert console.prompt.text == "??"


async def test_a_question_mark_behind_text_is_text(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await console.press("w", "h", "y", "question_mark")
        assert console.prompt.text == "why?"


async def test_without_a_key_for_the_quick_help_a_question_mark_is_text(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        console.app.use_key_map(rebound(quick_help=""))
        await console.press("question_mark")
        assert console.prompt.text == "?"


def test_the_keys_that_come_with_the_console_have_no_conflict() -> None:
    assert rebound_actions({}, {}) == ACTIONS


def test_a_key_of_the_screen_may_mean_something_else_where_a_list_has_the_keys() -> None:
    rebound_actions({"panel_down": ["alt+y"]}, {})
    with pytest.raises(ConfigError, match="would be both"):
        rebound_actions({"panel_down": ["ctrl+q"]}, {})


async def test_a_dock_that_takes_keys_itself_heeds_the_rebound_ones(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        console.app.use_key_map(rebound(question_decline="z"))
        await ask(console)
        await console.press("ctrl+o")
        console.clock.advance(ARMING_MS)
        await console.press("d")
        assert answers(console) == []
        await console.press("z")
        assert answers(console) == [("decline", "q1")]
