"""Vim mode on the console's prompt: what keys do there, and what they must leave alone."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual.widgets import OptionList

from harn_tui.console.completion.list_widget import CompletionList
from harn_tui.console.prompt.vim.atoms import Atoms
from harn_tui.console.screens.help import HelpScreen
from harn_tui.console.screens.history_search import HistorySearch
from harn_tui.console.screens.settings import SettingsScreen
from harn_tui.console.startup import load_parts
from harn_tui.console.status.line import StatusLine
from harn_tui.kinds import Boundary
from tests.unit.console import scenes
from tests.unit.console.conftest import Console, OpenConsole
from tests.unit.console.stand_ins import FileSettings
from tests.unit.console.vim.driving import keys_of

PACKAGE = "harn_tui.console.prompt.vim"
BIG = "\n".join(f"line {number}" for number in range(1, 49))


class VimConsoles:
    """Opens consoles with vim mode on."""

    def __init__(self, open_console: OpenConsole, folder: Path) -> None:
        self._open_console = open_console
        self._settings = FileSettings(folder, ["ui.vim_mode=true"])

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Console]:
        async with self._open_console(settings=self._settings) as console:
            await console.until(lambda: console.prompt.vim is not None)
            yield console


@pytest.fixture
def vim(open_console: OpenConsole, tmp_path: Path) -> VimConsoles:
    return VimConsoles(open_console, tmp_path)


def mode(console: Console) -> str:
    return str(console.get(StatusLine).render()).split()[0]


async def play(console: Console, keys: str) -> None:
    await console.press(*keys_of(keys))


async def test_a_line_is_edited_and_sent_and_typing_goes_on(vim: VimConsoles) -> None:
    async with vim.open() as console:
        assert mode(console) == "INSERT"
        await play(console, "fix teh parser<escape>")
        assert mode(console) == "NORMAL"
        await play(console, "0wcwthe<escape>x")
        assert console.prompt.text == "fix th parser"
        await play(console, "uA now")
        assert console.prompt.text == "fix the parser now"
        await play(console, "<escape><enter>")
        assert console.session.asked("submit") == [("fix the parser now", Boundary.NEXT_PREFLIGHT)]
        assert mode(console) == "INSERT"
        await play(console, "x")
        assert console.prompt.text == "x"


async def test_escape_leaves_what_is_open_before_it_interrupts(vim: VimConsoles) -> None:
    async with vim.open() as console:
        console.session.is_running = True
        await play(console, "ab<escape>")
        await play(console, "v<escape>")
        await play(console, "2d<escape>")
        assert console.session.asked("interrupt") == []
        assert console.prompt.text == "ab"
        await play(console, "<escape>")
        assert console.session.asked("interrupt") == [()]


async def test_each_command_is_undone_and_redone_by_itself(vim: VimConsoles) -> None:
    async with vim.open() as console:
        await console.type("one two three")
        await play(console, "<escape>0dwx")
        assert console.prompt.text == "wo three"
        await play(console, "u")
        assert console.prompt.text == "two three"
        await play(console, "u")
        assert console.prompt.text == "one two three"
        await play(console, "<ctrl+r>")
        assert console.prompt.text == "two three"


@pytest.mark.parametrize(
    ("keys", "after"),
    [
        ("0wcwsmall", "hello small world"),
        ("02cwa<enter>b<backspace>c", "a\nc world"),
        ("0Ssmall one", "small one"),
        ("Csmall", "hello big worlsmall"),
        ("0sJ<backspace>Y", "Yello big world"),
        ("o<enter>more", "hello big world\n\nmore"),
        ("Oabove", "above\nhello big world"),
        ("A, too<enter>and on", "hello big world, too\nand on"),
        ("Ioh <backspace>, ", "oh, hello big world"),
        ("0vecY<backspace>X", "X big world"),
    ],
)
async def test_a_change_with_what_was_typed_is_undone_and_redone_at_once(
    vim: VimConsoles, keys: str, after: str
) -> None:
    async with vim.open() as console:
        await console.type("hello big world")
        await play(console, f"<escape>{keys.replace('<enter>', '<ctrl+j>')}<escape>")
        assert console.prompt.text == after
        await play(console, "u")
        assert console.prompt.text == "hello big world"
        await play(console, "<ctrl+r>")
        assert console.prompt.text == after
        await play(console, "u0x")
        assert console.prompt.text == "ello big world"
        await play(console, "2u")
        assert console.prompt.text == ""


async def test_a_token_is_one_character(vim: VimConsoles) -> None:
    async with vim.open() as console:
        await console.type("see ")
        console.prompt.post_message(events.Paste(BIG))
        await console.until(lambda: "paste" in console.prompt.text)
        await console.type(" ok")
        await play(console, "<escape>0wx")
        assert console.prompt.text == "see  ok"
        await play(console, "$p<enter>")
        assert console.session.asked("submit") == [(f"see  ok{BIG}", Boundary.NEXT_PREFLIGHT)]


async def test_lines_sent_before_are_walked_and_searched(vim: VimConsoles) -> None:
    async with vim.open() as console:
        await play(console, "one<enter>two<enter>draft<escape>k")
        assert console.prompt.text == "two"
        await play(console, "kjj")
        assert console.prompt.text == "draft"
        await play(console, "/")
        await console.until(lambda: isinstance(console.app.screen, HistorySearch))


async def test_a_selection_shows_what_an_operator_takes(vim: VimConsoles) -> None:
    async with vim.open() as console:
        await console.type("one two\nthree")
        await play(console, "<escape>ggwvb")
        assert mode(console) == "VISUAL"
        assert console.prompt.selected_text == "one t"
        await play(console, "<escape>V")
        assert mode(console) == "V-LINE"
        assert console.prompt.selected_text == "one two"
        await play(console, "jd")
        assert console.prompt.text == ""


async def test_chords_the_help_and_stray_letters_work_in_normal_mode(vim: VimConsoles) -> None:
    async with vim.open() as console:
        await console.emit(scenes.queued("f1", "one"))
        await play(console, "<escape>?")
        await console.until(lambda: isinstance(console.app.screen, HelpScreen))
        await play(console, "<escape>hi<alt+q>")
        await console.until(lambda: not console.prompt.has_focus)
        assert console.prompt.text == ""


async def test_nothing_is_offered_in_normal_mode(vim: VimConsoles) -> None:
    async with vim.open() as console:
        await play(console, "/hel")
        await console.until(lambda: console.get(CompletionList).display)
        await play(console, "<escape>")
        assert not console.get(CompletionList).display
        await play(console, "x")
        assert not console.get(CompletionList).display
        assert console.prompt.text == "/he"


async def test_the_setting_turns_it_off_at_once(open_console: OpenConsole, tmp_path: Path) -> None:
    settings = FileSettings(tmp_path)
    async with open_console(settings=settings) as console:
        assert console.prompt.vim is None
        await console.app.preferences.save(("ui", "vim_mode"), True)
        await console.until(lambda: console.prompt.vim is not None)
        await console.app.preferences.save(("ui", "vim_mode"), False)
        await console.until(lambda: console.prompt.vim is None)
        await play(console, "a<escape>b")
        assert console.prompt.text == "ab"
        assert mode(console) not in {"INSERT", "NORMAL"}


def find_brackets(text: str) -> list[tuple[int, int]]:
    """Return where ``[…]`` stands in ``text``."""
    spans, place = [], 0
    while (start := text.find("[", place)) >= 0 and (end := text.find("]", start)) >= 0:
        spans.append((start, end + 1))
        place = end + 1
    return spans


@given(text=st.text(alphabet="ab[]\n界"), data=st.data())
def test_tokens_become_characters_and_tokens_again(text: str, data: st.DataObject) -> None:
    atoms = Atoms(find_brackets)
    inner = atoms.inner(text)
    assert atoms.outer(inner) == text
    place = data.draw(st.integers(0, len(text)))
    inner_place = atoms.inner_place(text, place)
    assert 0 <= inner_place <= len(inner)
    assert len(atoms.outer(inner[:inner_place])) <= place


@pytest.mark.parametrize("icon", ["\U000f0001", "\U000f0000", "\ue0b0", "\U000fffff"])
def test_icons_of_a_terminal_font_stay_themselves_beside_a_token(icon: str) -> None:
    atoms = Atoms(find_brackets)
    text = f"[a] {icon} [b]"
    assert atoms.outer(atoms.inner(text)) == text


async def test_without_the_setting_nothing_of_it_is_imported(open_console: OpenConsole) -> None:
    loaded = [name for name in sys.modules if name.startswith(f"{PACKAGE}.")]
    kept = {name: sys.modules.pop(name) for name in loaded}
    try:
        async with open_console(load=load_parts) as console:
            await console.press(*"abc")
            assert [name for name in sys.modules if name.startswith(f"{PACKAGE}.")] == []
    finally:
        sys.modules.update(kept)


async def test_the_settings_screen_turns_it_on(open_console: OpenConsole, tmp_path: Path) -> None:
    settings = FileSettings(tmp_path)
    async with open_console(settings=settings) as console:
        await console.press("f3")
        await console.until(lambda: isinstance(console.app.screen, SettingsScreen))
        options = console.app.screen.query_one(OptionList)
        options.highlighted = options.get_option_index("ui.vim_mode")
        await console.press("enter")
        await console.until(lambda: console.prompt.vim is not None)
    assert "vim_mode = true" in settings.user_file.read_text(encoding="utf-8")


async def test_a_cleared_prompt_begins_in_insert_mode(vim: VimConsoles) -> None:
    async with vim.open() as console:
        await play(console, "ab<escape><ctrl+c>see")
        assert console.prompt.text == "see"
