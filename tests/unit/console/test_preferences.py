"""Themes, settings, motion and colours as a person meets them on the screen."""

from pathlib import Path

import pytest
from rich.style import Style
from textual.content import Content
from textual.widgets import OptionList, Static

from harn_tui.console.frame import CALM_FRAME_SECONDS
from harn_tui.console.heartbeat import CALM_TICK_SECONDS, TICK_SECONDS, Heartbeat, wants_calm
from harn_tui.console.queue_strip.strip import QueueStrip
from harn_tui.console.screens.settings import SettingsScreen
from harn_tui.console.screens.theme_picker import ThemePicker
from harn_tui.console.startup import load_parts
from tests.unit.console import scenes
from tests.unit.console.conftest import Console, OpenConsole
from tests.unit.console.stand_ins import FileSettings, PlainTranscript
from tests.unit.console.test_themes import touch, write_theme

SIZES = [(80, 24), (40, 10)]


async def open_popup(console: Console, key: str, kind: type[object]) -> None:
    await console.pilot.press(key)
    await console.until(lambda: isinstance(console.app.screen, kind))
    await console.until(lambda: console.app.screen.query_one(OptionList).option_count > 0)


def note(console: Console, widget_id: str) -> str:
    return str(console.app.screen.query_one(widget_id, Static).render())


def rows(console: Console) -> list[str]:
    options = console.app.screen.query_one(OptionList)
    return [str(option.prompt) for option in options.options]


async def go_to(console: Console, option: str) -> None:
    options = console.app.screen.query_one(OptionList)
    options.highlighted = options.get_option_index(option)
    await console.pilot.pause()


@pytest.mark.parametrize("size", SIZES)
async def test_moving_in_the_picker_shows_the_theme_and_escape_brings_it_back(
    open_console: OpenConsole, tmp_path: Path, size: tuple[int, int]
) -> None:
    settings = FileSettings(tmp_path)
    async with open_console(size=size, settings=settings) as console:
        await open_popup(console, "f2", ThemePicker)
        assert console.app.theme == "harn-dark"
        await console.pilot.press("down")
        await console.until(lambda: console.app.theme == "harn-dusk")
        assert "Dark, warm" in note(console, "#theme-note")

        await console.press("escape")

        assert console.app.theme == "harn-dark"
        assert console.prompt.has_focus
        assert not settings.user_file.exists()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("key", "kind", "place"),
    [("f2", ThemePicker, "#theme-note"), ("f3", SettingsScreen, "#settings-note")],
    ids=["themes", "settings"],
)
async def test_the_row_under_the_cursor_and_its_note_are_on_the_screen(
    open_console: OpenConsole,
    tmp_path: Path,
    size: tuple[int, int],
    key: str,
    kind: type[object],
    place: str,
) -> None:
    async with open_console(size=size, settings=FileSettings(tmp_path)) as console:
        await open_popup(console, key, kind)
        screen = console.app.screen
        options, noted = screen.query_one(OptionList), screen.query_one(place)
        await console.pilot.press("end")
        await console.until(lambda: options.highlighted == options.option_count - 1)
        await console.until(lambda: noted.region.height >= 2)
        assert options.region.height >= 3
        assert options.region.bottom <= noted.region.y
        assert noted.region.bottom < size[1]
        assert options.scroll_offset.y + options.size.height >= options.option_count


async def test_a_chosen_theme_is_written_to_the_persons_own_file_and_used_at_the_next_start(
    open_console: OpenConsole, tmp_path: Path
) -> None:
    settings = FileSettings(tmp_path)
    settings.user_file.write_text("# mine\n[ui]\nreduced_motion = true\n", encoding="utf-8")
    async with open_console(settings=settings) as console:
        await open_popup(console, "f2", ThemePicker)
        await go_to(console, "harn-light")
        await console.pilot.press("enter")
        await console.until(lambda: "harn-light" in settings.user_file.read_text(encoding="utf-8"))
        assert settings.user_file.read_text(encoding="utf-8").startswith("# mine\n")
    async with open_console(settings=settings) as console:
        assert console.app.theme == "harn-light"


async def test_a_theme_that_a_later_layer_overrules_is_kept_and_told(
    open_console: OpenConsole, tmp_path: Path
) -> None:
    settings = FileSettings(tmp_path, ["ui.theme=harn-paper"])
    async with open_console(settings=settings) as console:
        assert console.app.theme == "harn-paper"
        await open_popup(console, "f2", ThemePicker)
        await go_to(console, "harn-light")
        await console.pilot.press("enter")
        await console.until(lambda: len(console.app._notifications) > 0)
        assert "--set" in next(iter(console.app._notifications)).message
        assert console.app.theme == "harn-light"


async def test_a_broken_theme_is_explained_and_cannot_be_chosen(
    open_console: OpenConsole, tmp_path: Path
) -> None:
    path = write_theme(tmp_path / "own", "mine", "primary = [")
    async with open_console(own_themes=tmp_path / "own") as console:
        await open_popup(console, "f2", ThemePicker)
        assert rows(console)[-1] == "mine  yours"
        await go_to(console, "mine")
        assert "mine.toml cannot be read" in note(console, "#theme-note")
        await console.pilot.press("enter")
        assert isinstance(console.app.screen, ThemePicker)
        touch(path, "primary = '#333333'\nforeground = '#444444'\nbackground = '#222222'")
        await go_to(console, "harn-light")
        await go_to(console, "mine")
        assert "primary has a contrast of 1.3:1" in note(console, "#theme-note")
        assert console.app.theme == "mine"


async def test_times_of_day_are_shown_as_soon_as_they_are_wanted(
    open_console: OpenConsole, tmp_path: Path
) -> None:
    settings = FileSettings(tmp_path)
    async with open_console(settings=settings) as console:
        transcript = console.get(PlainTranscript)
        assert transcript.shows_time is False
        await open_popup(console, "f3", SettingsScreen)
        await go_to(console, "ui.show_timestamps")
        await console.pilot.press("enter")
        await console.until(lambda: transcript.shows_time)
    async with open_console(settings=settings) as console:
        assert console.get(PlainTranscript).shows_time


@pytest.mark.parametrize("size", [*SIZES, (160, 48)])
async def test_settings_show_value_and_origin_and_enter_changes_them(
    open_console: OpenConsole, tmp_path: Path, size: tuple[int, int]
) -> None:
    settings = FileSettings(tmp_path)
    settings.user_file.write_text("# mine\nmodel = 'small'\n", encoding="utf-8")
    async with open_console(size=size, settings=settings) as console:
        await open_popup(console, "f3", SettingsScreen)
        await go_to(console, "ui.reduced_motion")
        assert "ui.reduced_motion = false · default" in note(console, "#settings-note")

        await console.pilot.press("enter")
        await console.until(lambda: console.app.reduced_motion)
        await console.until(lambda: "Written to" in note(console, "#settings-note"))

        assert f"ui.reduced_motion = true · {settings.user_file}:" in note(
            console, "#settings-note"
        )
        text = settings.user_file.read_text(encoding="utf-8")
        assert text.startswith("# mine\nmodel = 'small'\n")
        await go_to(console, "model")
        assert f'model = "small" · {settings.user_file}:2' in note(console, "#settings-note")
        await console.pilot.press("enter")
        assert settings.user_file.read_text(encoding="utf-8") == text
        await console.press("escape")
        assert console.prompt.has_focus


async def test_a_setting_that_a_later_layer_overrules_says_so(
    open_console: OpenConsole, tmp_path: Path
) -> None:
    settings = FileSettings(tmp_path, ["ui.notifications=bell"])
    async with open_console(settings=settings) as console:
        await open_popup(console, "f3", SettingsScreen)
        await go_to(console, "ui.notifications")
        await console.pilot.press("enter")
        await console.until(lambda: "--set wins" in note(console, "#settings-note"))
        assert console.app.attention.way == "bell"


async def test_a_file_that_was_broken_meanwhile_is_told_and_not_touched(
    open_console: OpenConsole, tmp_path: Path
) -> None:
    settings = FileSettings(tmp_path)
    async with open_console(settings=settings) as console:
        await open_popup(console, "f3", SettingsScreen)
        settings.user_file.write_text("ui = [", encoding="utf-8")
        await go_to(console, "ui.reduced_motion")
        await console.pilot.press("enter")
        await console.until(lambda: "not valid TOML" in note(console, "#settings-note"))
        assert settings.user_file.read_text(encoding="utf-8") == "ui = ["
        assert not console.app.reduced_motion


async def test_the_theme_is_chosen_from_the_settings_too(
    open_console: OpenConsole, tmp_path: Path
) -> None:
    settings = FileSettings(tmp_path)
    async with open_console(settings=settings) as console:
        await open_popup(console, "f3", SettingsScreen)
        await go_to(console, "ui.theme")
        await open_popup(console, "enter", ThemePicker)
        await go_to(console, "harn-light")
        await console.pilot.press("enter")
        await console.until(lambda: isinstance(console.app.screen, SettingsScreen))
        await console.until(lambda: '"harn-light"' in rows(console)[0])


async def test_keys_of_the_configuration_are_in_force_once_it_is_loaded(
    open_console: OpenConsole, tmp_path: Path
) -> None:
    settings = FileSettings(tmp_path, ["keys.choose_theme=f11", "keys.next_theme=[]"])
    async with open_console(settings=settings) as console:
        await open_popup(console, "f11", ThemePicker)


async def test_reduced_motion_counts_and_draws_seldom(
    open_console: OpenConsole, tmp_path: Path
) -> None:
    intervals: list[float] = []
    for overrides in ([], ["ui.reduced_motion=true"]):
        async with open_console(settings=FileSettings(tmp_path, overrides)) as console:
            heart = Heartbeat(console.screen, lambda: None)
            heart.set(on=True)
            assert heart._timer is not None
            intervals.append(heart._timer._interval)
            heart.set(on=False)
            assert wants_calm(console.screen) is bool(overrides)
    assert intervals == [TICK_SECONDS, CALM_TICK_SECONDS]
    assert CALM_FRAME_SECONDS > 1 / 30


async def test_without_colours_signs_and_words_say_it_all(
    open_console: OpenConsole, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with open_console(load=load_parts, size=(100, 40)) as console:
        await console.emit(scenes.session_start(), *scenes.busy_turn())
        await console.emit(scenes.tool_runs("t3", "run_command"))
        await console.until(lambda: "There is no folder src" in screen_text(console))
        text = screen_text(console)
        wanted = ("✓", "done", "✗", "failed", "●", "running")
        assert [word for word in wanted if word not in text] == []
        await open_popup(console, "f2", ThemePicker)
        assert "NO_COLOR is set" in note(console, "#theme-note")
        assert _row_style(console, 0) != _row_style(console, 3)
        assert _row_style(console, 3).underline


async def test_without_colours_the_chosen_queued_line_is_seen(
    open_console: OpenConsole, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with open_console() as console:
        await console.emit(scenes.queued("f1", "one"), scenes.queued("f2", "two"))
        await console.press("alt+q")
        rows = console.get(QueueStrip).render()
        assert isinstance(rows, Content)
        underlined = {
            rows.plain[span.start : span.end]
            for span in rows.spans
            if "underline" in str(span.style)
        }
        assert any("two" in text for text in underlined) != any(
            "one" in text for text in underlined
        )


async def test_with_the_terminals_own_colours_the_row_under_the_cursor_is_seen(
    open_console: OpenConsole,
) -> None:
    async with open_console(theme="ansi-16") as console:
        await open_popup(console, "f2", ThemePicker)
        assert _row_style(console, 0).bgcolor != _row_style(console, 1).bgcolor


def _row_style(console: Console, row: int) -> Style:
    """Return how a row of the list is drawn, colours aside where there are none."""
    segment = next(iter(console.app.screen.query_one(OptionList).render_line(row)))
    style = segment.style or Style()
    return style.without_color if console.app.no_color else style


def screen_text(console: Console) -> str:
    return "\n".join(strip.text for strip in console.app.screen._compositor.render_strips())
