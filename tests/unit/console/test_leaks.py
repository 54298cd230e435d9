"""Ten thousand turns: what the console holds does not grow, but for what was said in them."""

import asyncio
import functools
import gc
from collections import Counter

from harn_tui.console.panels.event_rows import MAX_RECORDS
from harn_tui.console.startup import load_parts
from harn_tui.events.agent import TurnStart
from harn_tui.events.record import Event
from harn_tui.kinds import ToolKind
from tests.unit.console import scenes
from tests.unit.console.conftest import Console, OpenConsole
from tests.unit.console.stand_ins import SESSION_ID

EARLY, LATE = 2_000, 10_000
AT_ONCE = 100
SLACK = 150
"""Objects of one type that may come for other reasons: not one for each hundred turns."""

GROWS = {
    "harn_tui.view.model.AssistantBlock": 1,
    "harn_tui.view.model.ToolBlock": 1,
    "harn_tui.view.model.LiveOutput": 1,
    "harn_tui.view.model_call.ModelCall": 1,
    # The parts of the answer, the lines of the output, the calls of the model call.
    "builtins.list": 3,
}
"""What a turn leaves behind because it can be looked at again: its blocks and its row of costs."""
EVENTS = "harn_tui.events."
"""What the panel of events keeps has a limit of its own, which is reached between the counts."""


def turn(number: int) -> list[Event]:
    call = f"t{number}"
    return [
        TurnStart(SESSION_ID, number),
        scenes.call_start(number),
        scenes.text(f"Answer {number} is **here**.\n"),
        scenes.call_end(number),
        scenes.tool(call, "read_file", ToolKind.READ, {"path": f"{number}.txt"}),
        scenes.tool_runs(call, "read_file"),
        scenes.tool_done(call, "read_file", "1\tone line"),
    ]


async def play(console: Console, first: int, last: int) -> None:
    for at in range(first, last, AT_ONCE):
        for number in range(at, at + AT_ONCE):
            console.session.emit(*turn(number))
            console.clock.advance(50)
        await console.settle()
        if (at - first) % 1_000 == 0:
            await console.press("f1")
            await console.press("escape")
            await console.press("ctrl+home", "ctrl+end", "alt+5", "alt+1")


async def census(console: Console) -> Counter[str]:
    """Count the live objects by type, when nothing is kept that is only kept to be fast."""
    for columns in (110, 120):
        await console.pilot.resize_terminal(columns, 40)
        await console.settle()
    for found in gc.get_objects():
        if isinstance(found, functools._lru_cache_wrapper):
            found.cache_clear()
    gc.collect()
    return Counter(f"{type(o).__module__}.{type(o).__qualname__}" for o in gc.get_objects())


async def test_objects_widgets_and_tasks_stay_as_many_over_ten_thousand_turns(
    open_console: OpenConsole,
) -> None:
    async with open_console(load=load_parts, size=(120, 40)) as console:
        await console.emit(scenes.session_start(), *scenes.run_start())
        await play(console, 1, EARLY)
        early, widgets = await census(console), len(list(console.app.screen.walk_children()))
        tasks = len(asyncio.all_tasks())
        await play(console, EARLY, LATE)
        late = await census(console)
        assert len(list(console.app.screen.walk_children())) == widgets
        assert len(asyncio.all_tasks()) == tasks
        assert console.run.live is not None
        assert len(console.run.live.view.blocks) > 2 * LATE - 10
        assert late[f"{EVENTS}record.Record"] <= 2 * MAX_RECORDS + 10  # some are on their way
        more = {
            name: number - GROWS.get(name, 0) * (LATE - EARLY)
            for name, number in (late - early).items()
            if not name.startswith(EVENTS)
        }
        assert {name: number for name, number in more.items() if number > SLACK} == {}
