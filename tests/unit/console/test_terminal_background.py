"""The colour of the terminal's background: asked for, told apart from keys, followed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.console.paste_filter import FilteringParser
from harn_tui.console.terminal_background import (
    BackgroundAnswers,
    TerminalBackground,
    UsualTheme,
    is_light_colour,
)
from tests.unit.console.conftest import OpenConsole
from tests.unit.console.stand_ins import FileSettings

LIGHT, DARK = "\x1b]11;rgb:ffff/ffff/f0f0\x1b\\", "\x1b]11;rgb:18/18/18\x07"


@pytest.mark.parametrize(
    ("colour", "is_light"),
    [
        ("rgb:ffff/ffff/ffff", True),
        ("rgb:f/f/f", True),
        ("rgba:0000/0000/0000/ffff", False),
        ("rgb:00/ff/00", True),
        ("rgb:00/00/ff", False),
        ("rgb:fffff/0/0", None),
        ("white", None),
        ("", None),
    ],
)
def test_colours_are_light_dark_or_not_understood(colour: str, is_light: bool | None) -> None:
    assert is_light_colour(colour) is is_light


@given(st.sampled_from([LIGHT, DARK]), st.integers(3, 40), st.text("ab\x1b[A", max_size=5))
def test_an_answer_is_found_however_it_is_cut(answer: str, at: int, keys: str) -> None:
    answers = BackgroundAnswers()
    first, found = answers.feed("x" + answer[:at])
    second, more = answers.feed(answer[at:] + "y" + keys)
    assert first + second == "xy" + keys
    assert found + more == [answer is LIGHT]


@pytest.mark.parametrize(
    "keys", ["\x1b", "\x1b]", "\x1b[A", "]11;rgb:", "\x1b]2;title\x07", "\x1b]11;who?"]
)
def test_keys_are_never_held_back(keys: str) -> None:
    assert BackgroundAnswers().feed(keys) == (keys, [])


@pytest.mark.parametrize("cut", ["\x1b]1", "\x1b]11;", "\x1b]11;rgb:18", LIGHT[:-1]])
def test_an_answer_whose_end_never_comes_holds_no_keys(cut: str) -> None:
    answers = BackgroundAnswers()
    assert answers.feed(cut) == ("", [])
    assert answers.feed("do you?\r") == ("do you?\r", [])
    assert answers.feed("x") == ("x", [])


def test_the_parser_tells_of_answers_between_keys_and_not_of_pasted_ones() -> None:
    parser = FilteringParser()
    messages = list(parser.feed(f"a{LIGHT}b"))
    assert [m.is_light for m in messages if isinstance(m, TerminalBackground)] == [True]
    assert "".join(getattr(m, "character", None) or "" for m in messages) == "ab"
    pasted = list(parser.feed(f"\x1b[200~{LIGHT}\x1b[201~"))
    assert not any(isinstance(m, TerminalBackground) for m in pasted)


async def test_the_usual_theme_follows_the_answer_and_a_chosen_one_does_not(
    open_console: OpenConsole, tmp_path: object
) -> None:
    async with open_console(settings=FileSettings(tmp_path)) as console:  # type: ignore[arg-type]
        assert console.app.theme == "harn-dark"
        console.app.post_message(TerminalBackground(is_light=True))
        await console.until(lambda: console.app.theme == "harn-light")
        console.app.post_message(TerminalBackground(is_light=False))
        await console.until(lambda: console.app.theme == "harn-dark")
    chosen = FileSettings(tmp_path, ["ui.theme=harn-dusk"])  # type: ignore[arg-type]
    async with open_console(settings=chosen) as console:
        console.app.post_message(TerminalBackground(is_light=True))
        await console.until(lambda: console.app.usual_theme.name == "harn-light")
        assert console.app.theme == "harn-dusk"


async def test_what_is_no_terminal_is_not_asked(open_console: OpenConsole) -> None:
    known: list[str | None] = []
    async with open_console() as console:
        usual = UsualTheme(console.app, lambda: known.append(usual.name))
        usual.ask("xterm")
        assert known == ["harn-dark"]
