"""The CPU that a running command uses: measured when somebody asks, and not otherwise."""

import asyncio
import sys

import pytest

from harn_tui.tools.command_loads import CommandLoads
from harn_tui.tools.command_run import CommandRun
from harn_tui.tools.command_start import ShellCommand
from harn_tui.tools.running_command import CommandServices
from tests.conformance.loop_driver import until
from tests.unit.tools.conftest import Workspace

IS_LINUX = sys.platform == "linux"


class Tree:
    """Processes whose time a test sets; ``looks`` counts how often they were looked at."""

    def __init__(self, *used_ms: int | None) -> None:
        self.looks = 0
        self._used = list(used_ms)

    async def cpu_ms(self) -> int | None:
        self.looks += 1
        return self._used.pop(0) if self._used else None


class Time:
    """Seconds that pass only when a test says so."""

    def __init__(self) -> None:
        self.now_s = 10.0

    def __call__(self) -> float:
        return self.now_s


async def _measured(loads: CommandLoads, tree: Tree, looks: int) -> int | None:
    """Ask until ``tree`` was looked at so often; return what is known then."""
    loads.percent("t1")
    await until(lambda: tree.looks == looks)
    await asyncio.sleep(0)
    return loads.percent("t1")


async def test_percent_is_the_time_used_between_two_measures() -> None:
    time, tree = Time(), Tree(1000, 3000, 3050)
    loads = CommandLoads(time)
    async with loads.running("t1", tree):
        assert await _measured(loads, tree, 1) is None
        time.now_s += 2
        assert await _measured(loads, tree, 2) == 100
        time.now_s += 1
        assert await _measured(loads, tree, 3) == 5
    assert loads.percent("t1") is None


async def test_nothing_is_measured_unless_asked_for_and_not_twice_a_second() -> None:
    time, tree = Time(), Tree(1, 2, 3)
    loads = CommandLoads(time)
    async with loads.running("t1", tree):
        await asyncio.sleep(0)
        assert tree.looks == 0
        await _measured(loads, tree, 1)
        for _ in range(10):
            time.now_s += 0.09
            loads.percent("t1")
            await asyncio.sleep(0)
        assert tree.looks == 1
        assert loads.percent("another call") is None


async def test_where_the_system_tells_nothing_nothing_is_known() -> None:
    time, tree = Time(), Tree(None, None)
    loads = CommandLoads(time)
    async with loads.running("t1", tree):
        assert await _measured(loads, tree, 1) is None
        time.now_s += 2
        assert await _measured(loads, tree, 2) is None


async def test_a_measure_that_is_under_way_ends_with_its_command() -> None:
    begun = asyncio.Event()
    was_cancelled = False

    class Slow:
        async def cpu_ms(self) -> int | None:
            nonlocal was_cancelled
            begun.set()
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                was_cancelled = True
                raise
            return None

    loads = CommandLoads()
    async with loads.running("t1", Slow()):
        loads.percent("t1")
        await begun.wait()
    assert was_cancelled


@pytest.mark.skipif(not IS_LINUX, reason="only Linux tells the time of every process")
async def test_a_busy_command_is_seen_to_be_busy(workspace: Workspace) -> None:
    services = CommandServices()
    stop = workspace.root / "stop"
    text = f"(while [ ! -e {stop} ]; do :; done) & wait"
    command = ShellCommand(text, workspace.root, (workspace.root,))
    running = asyncio.create_task(
        CommandRun(workspace.context.on_output, services, "t1").run(command, 60.0)
    )
    async with asyncio.timeout(30):
        while (services.loads.percent("t1") or 0) < 5:
            await asyncio.sleep(0.05)
    stop.touch()
    outcome = await running
    assert outcome.exit_code == 0
    assert services.loads.percent("t1") is None
