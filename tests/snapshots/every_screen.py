"""Pictures of one screen in every size and theme, as one text: rows, and a digest of their styles.

A screen is mounted once; resizing it and changing its theme cost a tenth of starting a console. To
look at the pictures, name a folder in ``HARN_PICTURES``: it gets an SVG of each.
"""

import hashlib
import os
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from rich.segment import Segment
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from textual.pilot import Pilot
from textual.strip import Strip
from textual.widgets import Input

from harn_tui.console.app import HarnApp
from harn_tui.console.screens.performing import PerformingScreen
from harn_tui.console.status.line import StatusLine
from harn_tui.console.themes import DARK_THEME, LIGHT_THEME

TINY = (40, 10)
"""Seen in one theme only: what differs there is where things stand."""
SIZES = ((80, 24), (120, 40), (160, 48), TINY)
THEMES = (DARK_THEME, LIGHT_THEME)
PICTURES_VARIABLE = "HARN_PICTURES"
_STILL_LOOKS = 10
PICTURES_FOLDER = os.environ.get(PICTURES_VARIABLE, "")
"""Read once: tests run in an empty environment."""

Bring: TypeAlias = Callable[[Pilot[int]], Awaitable[None]]


class TextPictures(SingleFileSnapshotExtension):
    """One text file a test."""

    _file_extension = "txt"
    _write_mode = WriteMode.TEXT


async def pictures(app: HarnApp, bring: Bring, name: str) -> str:
    """Return the pictures of the state that ``bring`` leads to, the sizes one below the other."""
    texts: dict[tuple[int, int], str] = {}
    digests: dict[tuple[int, int], list[str]] = {size: [] for size in SIZES}
    async with app.run_test(size=SIZES[0]) as pilot:
        await bring(pilot)
        _end_flashes(app)
        # Where a text is scrolled to depends on the sizes before, so each theme comes at each size;
        # every other time the other way round, as changing it takes longest.
        for number, size in enumerate(SIZES):
            await pilot.resize_terminal(*size)
            await _settle(pilot)
            for theme in _themes_at(number):
                if theme != app.theme_choice.name:
                    app.choose_theme(theme)
                    await pilot.pause()
                    await _until_still(pilot)
                strips = app.screen._compositor.render_strips()
                text = "\n".join(strip.text.rstrip() for strip in strips)
                assert texts.setdefault(size, text) == text, f"{theme} changes words at {size}"
                digests[size].append(f"{theme}: {' '.join(map(_digest, strips))}")
                digests[size].sort()
                _keep(app, f"{name}-{size[0]}x{size[1]}-{theme}")
    return "\n".join(_page(size, texts[size], digests[size]) for size in SIZES)


def _themes_at(number: int) -> Sequence[str]:
    """Return the themes for the size with this number, the one that is on first."""
    if SIZES[number] == TINY:
        return THEMES[number % 2 :][:1]
    return THEMES if number % 2 == 0 else THEMES[::-1]


def _page(size: tuple[int, int], text: str, digests: list[str]) -> str:
    columns, rows = size
    return "\n".join([f"=== {columns}x{rows}", text, *digests, ""])


async def _settle(pilot: Pilot[int]) -> None:
    # What a resize asks for takes two rounds: heights are estimates until rows were drawn.
    await pilot.pause()
    pilot.app.screen.refresh(layout=True)
    await pilot.pause()
    while any(one.group == "preview" and not one.is_finished for one in pilot.app.workers):
        await pilot.pause(0.005)
    await _until_still(pilot)


async def _until_still(pilot: Pilot[int]) -> None:
    """Wait until the picture has been the same for some looks: work of others comes late."""
    before, same = "", 0
    while same < _STILL_LOOKS:
        await pilot.pause(0.01)
        now = "\n".join(strip.text for strip in pilot.app.screen._compositor.render_strips())
        before, same = now, same + 1 if now == before else 0


def _end_flashes(app: HarnApp) -> None:
    """End what is seen for some seconds only: how many have gone by differs."""
    for screen in app.screen_stack:
        for line in screen.query(Input):
            line.cursor_blink = False
        if isinstance(screen, PerformingScreen):
            for status in screen.query(StatusLine):
                status.flash("", 0)
    app.clear_notifications()


def _digest(strip: Strip) -> str:
    """Return what tells the looks of a row from others, however it is cut into segments."""
    cells: list[tuple[int, str]] = []
    for text, style, _ in strip:
        look = ""
        if style is not None:
            # The colour of blanks is not seen.
            color = style.color if text.strip() else ""
            look = f"{color}|{style.bgcolor}|{style._attributes}"
        if cells and cells[-1][1] == look:
            cells[-1] = (cells[-1][0] + Segment(text).cell_length, look)
        else:
            cells.append((Segment(text).cell_length, look))
    return hashlib.sha256(repr(cells).encode()).hexdigest()[:4]


def _keep(app: HarnApp, name: str) -> None:
    if PICTURES_FOLDER:
        folder = Path(PICTURES_FOLDER)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.svg").write_text(app.export_screenshot(), encoding="utf-8")
