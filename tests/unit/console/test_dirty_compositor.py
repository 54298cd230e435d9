"""What is written to the terminal is what Textual's own compositor would write."""

import random
import re

import pytest
from textual._compositor import ChopsUpdate, Compositor
from textual.geometry import Region
from textual.widget import Widget

from harn_tui.console.dirty_compositor import DirtyCompositor
from tests.unit.console import scenes
from tests.unit.console.conftest import OpenConsole

WIDTH, HEIGHT = 120, 40


def _written(compositor: DirtyCompositor, regions: set[Region], *, own: bool) -> str:
    compositor._dirty_regions = set(regions)
    render = compositor.render_partial_update if own else super_render(compositor)
    update = render()
    assert isinstance(update, ChopsUpdate)
    # Textual also moves the cursor to where nothing follows.
    return re.sub(r"\x1b\[\d+;\d+H(?=\x1b\[\d+;\d+H|\n|$)", "", _segments(update, compositor))


def _segments(update: ChopsUpdate, compositor: Compositor) -> str:
    assert compositor.root is not None
    return update.render_segments(compositor.root.app.console)


def super_render(compositor: DirtyCompositor):  # type: ignore[no-untyped-def]
    return lambda: Compositor.render_partial_update(compositor)


@pytest.mark.parametrize("seed", range(4))
async def test_any_dirty_regions_are_written_alike(open_console: OpenConsole, seed: int) -> None:
    source = random.Random(seed)
    async with open_console(*scenes.run_start(), size=(WIDTH, HEIGHT)) as console:
        compositor = console.screen._compositor
        assert isinstance(compositor, DirtyCompositor)
        for _ in range(40):
            regions = {
                Region(
                    source.randint(-5, WIDTH), source.randint(-2, HEIGHT),
                    source.randint(1, 60), source.randint(1, 12),
                )
                for _ in range(source.randint(1, 5))
            }  # fmt: skip
            on_screen = {r.intersection(Region(0, 0, WIDTH, HEIGHT)) for r in regions} - {Region()}
            if on_screen := {region for region in on_screen if region}:
                own = _written(compositor, on_screen, own=True)
                assert own == _written(compositor, on_screen, own=False)


async def test_widgets_that_did_not_change_are_not_asked(
    open_console: OpenConsole, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_console(*scenes.run_start(), size=(WIDTH, HEIGHT)) as console:
        asked: list[Widget] = []
        real = Widget.render_lines

        def render_lines(self: Widget, crop: Region):  # type: ignore[no-untyped-def]
            asked.append(self)
            return real(self, crop)

        monkeypatch.setattr(Widget, "render_lines", render_lines)
        compositor = console.screen._compositor
        region, _ = compositor.visible_widgets[console.prompt]
        compositor._dirty_regions = {region}
        compositor.render_partial_update()
        assert asked == [console.prompt]
