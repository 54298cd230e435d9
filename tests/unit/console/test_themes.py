import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from textual.pilot import Pilot

from harn_tui.console.app import HarnApp
from harn_tui.console.last_theme import LastTheme
from harn_tui.console.screens.chat import ChatScreen
from harn_tui.console.theme_library import ThemeLibrary
from harn_tui.console.themes import (
    DARK_THEME,
    LIGHT_THEME,
    ThemeError,
    ThemeFile,
    read_theme,
    theme_folder,
)
from tests.unit.console.stand_ins import FakeClock


class CountingLibrary(ThemeLibrary):
    """A library that says which themes were read."""

    def __init__(self, shipped: Path, own: Path | None = None) -> None:
        super().__init__(shipped, own)
        self.was_read: list[str] = []

    def read(self, name: str) -> ThemeFile:
        self.was_read.append(name)
        return super().read(name)


def app_with(
    library: ThemeLibrary, *, theme: str = DARK_THEME, last: LastTheme | None = None
) -> HarnApp:
    async def nothing() -> None:
        return None

    return HarnApp(
        ChatScreen(FakeClock()), nothing, themes=library, theme_name=theme, last_theme=last
    )


def write_theme(folder: Path, name: str, text: str = "primary = '#123456'") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path


def told(app: HarnApp) -> Sequence[str]:
    return [notification.message for notification in app._notifications]


def test_every_shipped_theme_can_be_read_and_is_described() -> None:
    library = ThemeLibrary(theme_folder())
    names = library.names()
    files = {name: library.read(name) for name in names}
    assert {DARK_THEME, LIGHT_THEME, "ansi-16"} <= set(names)
    assert len(names) >= 8
    assert all(file.description for file in files.values())
    assert [files[name].theme.dark for name in (DARK_THEME, LIGHT_THEME)] == [True, False]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("primary = ", "cannot be read"),
        ("dark = true", "`primary` is missing"),
        ("primary = 'nocolour'", "`primary` is not a colour: `nocolour`"),
        ("primary = 3", "`primary` must be a colour"),
        ("primary = '#fff'\nprimry = '#fff'", "unknown key `primry`. Did you mean `primary`?"),
        ("dark = 'yes'\nprimary = '#fff'", "`dark` must be true or false"),
        ("primary = '#fff'\n[variables]\na = 1", "`variables` must be"),
        (
            "primary = '#fff'\n[variables]\nmutd = '#fff'",
            "no variable `mutd`. Did you mean `muted`",
        ),
        ("primary = '#fff'\n[variables]\nmuted = 'red; x'", "`muted` is not a colour"),
        ("primary = '#fff'\n[variables]\nlink-style = '12'", "`link-style` must be made of"),
        ("primary = 'ansi_blue'", "it must be no ansi_ colour"),
        ("ansi = true\nprimary = '#fff'", "it must be one of the terminal's own"),
        ("primary = '#fff'\ndescription = '''a\nb'''", "`description` must be one line"),
        ("primary = '#fff'\n" + "# long\n" * 20_000, "larger than 64 KiB"),
    ],
)
def test_a_theme_that_cannot_be_used_names_file_and_key(
    tmp_path: Path, text: str, problem: str
) -> None:
    path = write_theme(tmp_path, "odd", text)
    with pytest.raises(ThemeError) as caught:
        read_theme(path)
    assert problem in str(caught.value)
    assert "odd.toml" in str(caught.value)


@pytest.mark.parametrize("value", ["auto 60%", "#fff 50%", "transparent", "rgb(1, 2, 3)"])
async def test_what_a_variable_may_be_can_be_drawn(tmp_path: Path, value: str) -> None:
    write_theme(tmp_path, "odd", f"primary = '#fff'\n[variables]\nmuted = '{value}'")
    async with app_with(ThemeLibrary(tmp_path), theme="odd").run_test() as pilot:
        assert pilot.app.theme == "odd"


def test_no_file_outside_of_the_folders_is_a_theme(tmp_path: Path) -> None:
    write_theme(tmp_path, "outside")
    (tmp_path / "inside").mkdir()
    with pytest.raises(ThemeError, match="There is no theme"):
        ThemeLibrary(tmp_path / "inside").read("../outside")


def test_a_file_whose_name_cannot_be_a_themes_says_so(tmp_path: Path) -> None:
    write_theme(tmp_path, "my theme")
    with pytest.raises(ThemeError, match="Name the file with letters"):
        ThemeLibrary(tmp_path).read("my theme")


def test_a_persons_own_theme_wins_over_a_shipped_one_of_its_name(tmp_path: Path) -> None:
    write_theme(tmp_path / "own", DARK_THEME, "primary = '#123456'")
    write_theme(tmp_path / "own", "zebra")
    library = ThemeLibrary(theme_folder(), tmp_path / "own")
    assert library.read(DARK_THEME).theme.primary == "#123456"
    assert library.names().count(DARK_THEME) == 1
    assert library.names()[-1] == "zebra"


async def test_start_up_reads_the_chosen_theme_alone() -> None:
    library = CountingLibrary(theme_folder())
    async with app_with(library, theme=LIGHT_THEME).run_test():
        assert library.was_read == [LIGHT_THEME]


async def test_a_broken_theme_is_told_and_the_console_starts_with_the_default(
    tmp_path: Path,
) -> None:
    write_theme(tmp_path, "broken", "primary = [")
    app = app_with(ThemeLibrary(theme_folder(), tmp_path), theme="broken")
    async with app.run_test():
        assert app.theme == DARK_THEME
        assert "broken.toml" in told(app)[0]


async def test_without_any_theme_the_console_starts_all_the_same(tmp_path: Path) -> None:
    app = app_with(ThemeLibrary(tmp_path / "none"))
    async with app.run_test():
        assert len(told(app)) == 1
        app.action_next_theme()
        assert len(told(app)) == 1


async def test_the_first_frame_has_the_theme_that_was_last_in_force(tmp_path: Path) -> None:
    last = LastTheme(tmp_path / "last_theme")
    last.write(LIGHT_THEME)
    async with app_with(ThemeLibrary(theme_folder()), last=last).run_test() as pilot:
        assert pilot.app.theme == LIGHT_THEME


@pytest.mark.parametrize("kept", [b"gone", b"../../etc/passwd", b"\xff\x00", b""])
async def test_a_last_theme_that_cannot_be_used_costs_nothing(tmp_path: Path, kept: bytes) -> None:
    path = tmp_path / "last_theme"
    path.write_bytes(kept)
    app = app_with(ThemeLibrary(theme_folder()), last=LastTheme(path))
    async with app.run_test():
        assert app.theme == DARK_THEME
        assert told(app) == []


def test_a_last_theme_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    last = LastTheme(tmp_path / "file" / "last_theme")
    last.write(LIGHT_THEME)
    assert last.read() is None


async def test_going_through_the_themes_comes_round(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_theme(tmp_path, name)
    app = app_with(ThemeLibrary(tmp_path), theme="a")
    async with app.run_test():
        seen = []
        for _ in range(3):
            app.action_next_theme()
            seen.append(app.theme)
        assert seen == ["b", "a", "b"]


def touch(path: Path, text: str) -> None:
    """Write ``text``; the time of the change differs from that of any earlier one."""
    before = path.stat().st_mtime_ns
    path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(before + 1_000_000, before + 1_000_000))


async def _primary(pilot: Pilot[int]) -> str:
    await pilot.pause()
    return pilot.app.theme_variables["primary"].lower()


async def test_a_persons_theme_is_shown_anew_when_its_file_changes(tmp_path: Path) -> None:
    path = write_theme(tmp_path, "mine", "primary = '#111111'")
    app = app_with(ThemeLibrary(theme_folder(), tmp_path), theme="mine")
    async with app.run_test() as pilot:
        assert await _primary(pilot) == "#111111"
        await app.theme_choice.look()
        touch(path, "primary = '#222222'")
        await app.theme_choice.look()
        assert await _primary(pilot) == "#222222"


async def test_a_theme_that_was_broken_while_it_is_shown_stays_and_is_told_once(
    tmp_path: Path,
) -> None:
    path = write_theme(tmp_path, "mine", "primary = '#111111'")
    app = app_with(ThemeLibrary(theme_folder(), tmp_path), theme="mine")
    async with app.run_test() as pilot:
        for text in ("primary = [", "primary = [", "primary = ["):
            touch(path, text)
            await app.theme_choice.look()
        assert await _primary(pilot) == "#111111"
        assert len(told(app)) == 1
        path.unlink()
        await app.theme_choice.look()
        assert await _primary(pilot) == "#111111"


async def test_only_a_persons_theme_in_a_focused_terminal_is_looked_at(tmp_path: Path) -> None:
    write_theme(tmp_path, "mine")
    app = app_with(ThemeLibrary(theme_folder(), tmp_path))
    async with app.run_test():
        looks = [app.theme_choice.is_looking]
        app.choose_theme("mine")
        looks.append(app.theme_choice.is_looking)
        app.app_focus = False
        looks.append(app.theme_choice.is_looking)
        app.app_focus = True
        looks.append(app.theme_choice.is_looking)
        app.choose_theme(LIGHT_THEME)
        looks.append(app.theme_choice.is_looking)
        assert looks == [False, True, False, True, False]
