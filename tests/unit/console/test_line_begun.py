"""Libraries that only answers need are loaded when a line is begun, or something is shown."""

from collections.abc import Sequence
from dataclasses import replace

from harn_tui.console.line_begun import BEGUN_CHARACTERS
from harn_tui.console.startup import ConsoleParts
from harn_tui.console.transcript.engines import Engines
from tests.unit.console import scenes
from tests.unit.console.conftest import OpenConsole, stand_in_parts


class CountedEngines:
    def __init__(self) -> None:
        self.loads = 0

    async def parts(self, preload: Sequence[str]) -> ConsoleParts:
        return replace(await stand_in_parts(preload), load_engines=self._load)

    def _load(self) -> Engines:
        self.loads += 1
        return Engines()


async def test_a_few_letters_load_nothing_and_a_line_loads_once(open_console: OpenConsole) -> None:
    engines = CountedEngines()
    async with open_console(load=engines.parts) as console:
        await console.type("x" * (BEGUN_CHARACTERS - 1))
        assert (console.session.preparation.begun, engines.loads) == (0, 0)
        await console.type("x")
        await console.type(" and more")
        await console.until(lambda: engines.loads > 0)
        assert (console.session.preparation.begun, engines.loads) == (1, 1)


async def test_what_is_shown_loads_the_engines_alone(open_console: OpenConsole) -> None:
    engines = CountedEngines()
    async with open_console(load=engines.parts) as console:
        await console.emit(*scenes.run_start())
        await console.until(lambda: console.run.live is not None and console.run.live.is_complete)
        await console.emit(*scenes.run_start("Again."))
        assert (console.session.preparation.begun, engines.loads) == (0, 1)


async def test_a_past_is_drawn_with_engines_from_the_start(open_console: OpenConsole) -> None:
    engines = CountedEngines()
    async with open_console(*scenes.run_start(), load=engines.parts):
        assert engines.loads == 1
