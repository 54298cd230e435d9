"""Every shipped theme, looked at as the console draws it and not as its file says."""

import math
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import pytest
from rich.color import ColorType
from rich.style import Style
from textual.app import App
from textual.color import Color

from harn_tui.console.app import HarnApp
from harn_tui.console.contrast import contrast
from harn_tui.console.screens.chat import ChatScreen
from harn_tui.console.theme_library import ThemeLibrary
from harn_tui.console.themes import theme_folder
from harn_tui.console.transcript.look import read_palette
from harn_tui.console.transcript.roles import Role
from harn_tui.console.transcript.transcript import Transcript
from tests.unit.console.stand_ins import FakeClock

LIBRARY = ThemeLibrary(theme_folder())
ANSI = [name for name in LIBRARY.names() if LIBRARY.read(name).theme.ansi]
PAINTED = [name for name in LIBRARY.names() if name not in ANSI]
HIGH = [name for name in PAINTED if name.startswith("high-contrast")]
COLOUR_BLIND = [name for name in PAINTED if name.startswith("colour-blind")]

DECORATION = {Role.QUOTE_MARK, Role.RULE}
"""What says nothing that the text does not say as well."""
MUTED = {
    Role.MUTED, Role.FAINT, Role.USER_NOTE, Role.CODE_NOTE, Role.COMMENT, Role.QUOTE,
    Role.OUTPUT, Role.THOUGHT,
}  # fmt: skip
OUTCOMES = (Role.SUCCESS, Role.WARNING, Role.ERROR, Role.RUNNING, Role.ADDED, Role.REMOVED)

LABELS = ("foreground", "primary", "secondary", "accent", "success", "warning", "error")


class Look:
    """A theme as drawn: the styles of the transcript's roles, and the variables of the rest."""

    def __init__(self, roles: Mapping[Role, Style], variables: Mapping[str, str]) -> None:
        self.roles = roles
        self.variables = variables

    def contrast_of(self, role: Role) -> float:
        style = self.roles[role]
        assert style.color is not None
        assert style.bgcolor is not None
        return contrast(Color.from_rich_color(style.color), Color.from_rich_color(style.bgcolor))

    def pair(self, text: str, ground: str) -> float:
        return contrast(Color.parse(self.variables[text]), Color.parse(self.variables[ground]))


@asynccontextmanager
async def drawn(name: str) -> AsyncIterator[tuple[App[int], Look]]:
    async def nothing() -> None:
        return None

    app = HarnApp(ChatScreen(FakeClock()), nothing, theme_name=name)
    async with app.run_test() as pilot:
        assert app.theme == name
        transcript = Transcript()
        await app.screen.mount(transcript)
        await pilot.pause()
        palette = read_palette(transcript)
        yield app, Look({role: palette[role] for role in Role}, app.theme_variables)


@pytest.mark.parametrize("name", PAINTED)
async def test_every_part_of_the_transcript_can_be_read(name: str) -> None:
    text, muted = (7.0, 4.5) if name in HIGH else (4.5, 3.0)
    async with drawn(name) as (_, look):
        weak = {
            role.value: round(look.contrast_of(role), 2)
            for role in Role
            if role not in DECORATION
            and look.contrast_of(role) < (muted if role in MUTED else text)
        }
    assert weak == {}


@pytest.mark.parametrize("ground", ["background", "surface"])
@pytest.mark.parametrize("name", PAINTED)
async def test_every_label_can_be_read(name: str, ground: str) -> None:
    text, muted = (7.0, 7.0) if name in HIGH else (4.5, 3.0)
    async with drawn(name) as (_, look):
        weak = {label: look.pair(label, ground) for label in LABELS}
        weak |= {label: look.pair(label, ground) for label in ("muted", "faint")}
        weak = {
            label: round(ratio, 2)
            for label, ratio in weak.items()
            if ratio < (muted if label in {"muted", "faint"} else text)
        }
        assert weak == {}
        assert look.pair("muted", ground) >= 4.5
        assert look.pair("block-cursor-foreground", "block-cursor-background") >= text
        assert look.pair("input-cursor-foreground", "input-cursor-background") >= text
        assert look.pair("foreground", "input-selection-background") >= 4.5


@pytest.mark.parametrize("name", HIGH)
async def test_lines_and_borders_of_high_contrast_can_be_seen(name: str) -> None:
    async with drawn(name) as (_, look):
        assert look.pair("line", "background") >= 3
        assert look.pair("scrollbar", "background") >= 3


@pytest.mark.parametrize("name", ANSI)
async def test_a_theme_of_the_terminals_colours_uses_nothing_else(name: str) -> None:
    async with drawn(name) as (app, look):
        assert app.native_ansi_color
        other = {
            role.value: str(style)
            for role, style in look.roles.items()
            for colour in (style.color, style.bgcolor)
            if colour is not None and colour.type not in {ColorType.DEFAULT, ColorType.STANDARD}
        }
        assert other == {}
        # Text stands on the terminal's own background: only there does its palette promise
        # that the colours can be read.
        assert {str(style.bgcolor) for style in look.roles.values()} == {
            "Color('default', ColorType.DEFAULT)"
        }
        # Bright black is the background itself in some palettes: text never has it.
        assert 8 not in {style.color.number for style in look.roles.values() if style.color}


@pytest.mark.parametrize("name", COLOUR_BLIND)
async def test_good_and_bad_differ_for_colour_blind_eyes(name: str) -> None:
    async with drawn(name) as (_, look):
        for good, bad in ((Role.SUCCESS, Role.ERROR), (Role.ADDED, Role.REMOVED)):
            for eyes in (PROTANOPIA, DEUTERANOPIA):
                assert _distance(_seen(look, good, eyes), _seen(look, bad, eyes)) > 60


async def test_the_measure_finds_red_and_green_too_close() -> None:
    async with drawn("harn-dark") as (_, look):
        seen = [_seen(look, role, DEUTERANOPIA) for role in (Role.SUCCESS, Role.ERROR)]
        assert _distance(*seen) < 60


PROTANOPIA = ((0.152, 1.053, -0.205), (0.115, 0.786, 0.099), (-0.004, -0.048, 1.052))
DEUTERANOPIA = ((0.367, 0.861, -0.228), (0.280, 0.673, 0.047), (-0.012, 0.043, 0.969))
"""How linear light of red, green and blue is seen (Machado, Oliveira and Fernandes, 2009)."""


def _seen(
    look: Look, role: Role, eyes: tuple[tuple[float, ...], ...]
) -> tuple[float, float, float]:
    colour = look.roles[role].color
    assert colour is not None
    linear = [part**2.2 for part in Color.from_rich_color(colour).normalized]
    red, green, blue = (
        255 * max(0.0, sum(a * b for a, b in zip(row, linear, strict=True))) ** (1 / 2.2)
        for row in eyes
    )
    return red, green, blue


def _distance(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """Return the distance of two colours, from 0 to 442."""
    return math.dist(one, other)
