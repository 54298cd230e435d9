from collections.abc import Callable
from pathlib import Path

import pytest
from textual.color import Color
from textual.theme import Theme

from harn_tui.console.app import HarnApp
from harn_tui.console.screens.chat import ChatScreen
from harn_tui.console.themes import (
    DARK_THEME,
    LIGHT_THEME,
    ThemeError,
    load_themes,
    read_theme,
    theme_folder,
)
from tests.unit.console.stand_ins import FakeClock

THEMES, PROBLEMS = load_themes(theme_folder())
TEXT_COLOURS = ("primary", "secondary", "accent", "success", "warning", "error", "foreground")


def test_the_dark_and_the_light_theme_are_there_and_without_problems() -> None:
    assert [theme.name for theme in THEMES] == [DARK_THEME, LIGHT_THEME]
    assert [theme.dark for theme in THEMES] == [True, False]
    assert PROBLEMS == []


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
@pytest.mark.parametrize("surface", ["background", "surface"])
def test_every_text_colour_is_readable(theme: Theme, surface: str) -> None:
    ground = Color.parse(getattr(theme, surface))
    contrast = _contrast(ground)
    colours = {name: getattr(theme, name) for name in TEXT_COLOURS}
    colours["muted"] = theme.variables["muted"]
    weak = {
        name: round(contrast(value), 2) for name, value in colours.items() if contrast(value) < 4.5
    }
    assert weak == {}
    assert contrast(theme.variables["faint"]) >= 3


def _contrast(ground: Color) -> Callable[[str], float]:
    """Return the contrast ratio of WCAG 2.1 against ``ground``."""

    def luminance(colour: Color) -> float:
        parts = [
            c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in colour.normalized
        ]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    def ratio(value: str) -> float:
        one, two = luminance(ground), luminance(Color.parse(value))
        return (max(one, two) + 0.05) / (min(one, two) + 0.05)

    return ratio


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("name = ", "cannot be read"),
        ("primary = '#fff'", "`name` is missing"),
        ("name = 'x'", "`primary` is missing"),
        ("name = 'x'\nprimary = 'nocolour'", "`primary` is not a colour"),
        ("name = 'x'\nprimary = 3", "`primary` must be a colour"),
        ("name = 'x'\nprimary = '#fff'\nprimry = '#fff'", "unknown key `primry`"),
        ("name = 'x'\ndark = 'yes'\nprimary = '#fff'", "`dark` must be true or false"),
        ("name = 'x'\nprimary = '#fff'\n[variables]\na = 1", "`variables` must be"),
    ],
)
def test_a_theme_that_cannot_be_used_names_file_and_key(
    tmp_path: Path, text: str, problem: str
) -> None:
    (tmp_path / "odd.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ThemeError, match=problem) as caught:
        read_theme(tmp_path / "odd.toml")
    assert "odd.toml" in str(caught.value)


async def test_a_broken_theme_file_is_reported_and_the_console_starts(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("name = [", encoding="utf-8")
    (tmp_path / "b.toml").write_text("name = 'good'\nprimary = '#123456'", encoding="utf-8")

    async def nothing() -> None:
        return None

    app = HarnApp(ChatScreen(FakeClock()), nothing, themes=tmp_path, theme_name="good")
    async with app.run_test():
        assert app.theme == "good"
        assert "a.toml" in next(iter(app._notifications)).message


async def test_without_any_theme_the_console_starts_all_the_same(tmp_path: Path) -> None:
    async def nothing() -> None:
        return None

    app = HarnApp(ChatScreen(FakeClock()), nothing, themes=tmp_path / "none")
    async with app.run_test() as pilot:
        await pilot.press("f2", "f2")
        assert len(app._notifications) == 2
