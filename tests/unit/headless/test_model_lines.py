"""Control lines that change the model: what is sent after one goes to that model."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from harn_tui.headless.control_lines import CancelLine, ControlLine, ModelLine, UserMessageLine
from harn_tui.headless.run import HeadlessOptions, HeadlessRun
from harn_tui.kinds import HostMessageMode
from harn_tui.loop.model_in_use import ModelInUse
from harn_tui.session.handle import SessionHandle
from harn_tui.session.model_offers import BoundModel, OfferedModel, ProviderOffer
from tests.conformance.loop_driver import Reply, Script, until
from tests.unit.session.opened import contents, open_scripted


class Second(Script):
    name = "second"


class Desk:
    """Has two models of a second provider; binding ``slow`` waits for ``may_bind``."""

    def __init__(self, second: Script) -> None:
        self.second = second
        self.may_bind = asyncio.Event()
        self.is_binding = False
        models = OfferedModel("slow"), OfferedModel("quick")
        self.offer = ProviderOffer("second", "second", "slow", models, is_complete=True)
        self.built: dict[str, BoundModel] = {}

    async def providers(self) -> tuple[ProviderOffer, ...]:
        return (self.offer,)

    async def ask(self, offer: ProviderOffer) -> ProviderOffer:
        return offer

    async def bind(self, offer: ProviderOffer, model: str) -> BoundModel:
        if model == "slow":
            self.is_binding = True
            await self.may_bind.wait()
        return self.built.setdefault(model, BoundModel(ModelInUse(self.second, model)))

    async def aclose(self) -> None:
        """Nothing to close."""


class World:
    """A headless run whose first call lasts until ``may_end``."""

    def __init__(self, folder: Path, *of_the_second: Reply) -> None:
        self.may_end = asyncio.Event()
        self.second = Second(of_the_second)
        self.desk = Desk(self.second)

        async def hold() -> None:
            await self.may_end.wait()

        self.session, self.first = open_scripted(
            folder / "s", [Reply("first", midway=hold), Reply("old")], model_desk=self.desk
        )
        self._run = HeadlessRun(self.session, HeadlessOptions(as_json=True))

    def begin(self) -> asyncio.Task[int]:
        return asyncio.create_task(self._run.run("go"))

    def say(self, *lines: ControlLine) -> None:
        for line in lines:
            self._run._lines.take(line)


def message(text: str, mode: HostMessageMode = HostMessageMode.FINISH_STEP) -> UserMessageLine:
    return UserMessageLine(text, mode)


async def begun(world: World) -> asyncio.Task[int]:
    run = world.begin()
    await until(lambda: bool(world.first.requests))
    return run


async def test_a_message_behind_a_switch_goes_to_the_new_model(tmp_path: Path) -> None:
    world = World(tmp_path, Reply("new"))
    run = await begun(world)
    world.say(ModelLine("second:slow"), message("for the new one"))
    await until(lambda: world.desk.is_binding)
    world.may_end.set()
    await until(lambda: not world.session.is_running)
    assert len(world.first.requests) == 1
    world.desk.may_bind.set()
    assert await run == 0
    assert [request.model for request in world.second.requests] == ["slow"]
    assert contents(world.second, 0)[0] == "go"
    assert "for the new one" in contents(world.second, 0)[-1]
    assert len(world.first.requests) == 1


async def test_a_switch_behind_a_held_message_is_made_after_it(tmp_path: Path) -> None:
    world = World(tmp_path, Reply("a"), Reply("b"))
    run = await begun(world)
    world.say(
        ModelLine("second:slow"),
        message("one", HostMessageMode.WAIT_FOR_COMPLETION),
        ModelLine("second:quick"),
        message("two", HostMessageMode.WAIT_FOR_COMPLETION),
    )
    await until(lambda: world.desk.is_binding)
    world.desk.may_bind.set()
    await until(lambda: world.session.models.current().model == "quick")
    world.may_end.set()
    assert await run == 0
    assert {request.model for request in world.second.requests} == {"quick"}
    said = [contents(world.second, at)[-1] for at in range(2)]
    assert ["one" in said[0], "two" in said[1]] == [True, True]


async def test_a_switch_that_is_overtaken_or_given_up_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world = World(tmp_path)
    run = await begun(world)
    world.say(ModelLine("second:slow"))
    await until(lambda: world.desk.is_binding)
    world.say(ModelLine("second:quick"))
    await until(lambda: world.session.models.current().model == "quick")
    world.desk.may_bind.set()
    await until(_is_told(capsys, "second:slow was not gone over to: a later line named"))
    world.desk.may_bind.clear()
    world.desk.is_binding = False
    world.say(ModelLine("second:slow"))
    await until(lambda: world.desk.is_binding)
    world.may_end.set()
    assert await run == 0
    assert "second:slow was not gone over to: the run ended" in capsys.readouterr().err


async def test_cancelling_does_not_leave_held_messages_to_start_a_run(tmp_path: Path) -> None:
    world = World(tmp_path)
    run = await begun(world)
    world.say(ModelLine("second:slow"), message("later"), CancelLine())
    assert await run == 130
    assert (len(world.first.requests), world.second.requests) == (1, [])
    left = _taken_up(tmp_path)
    await left.start()
    assert left.is_paused
    assert [item.content for item in left._parts.past.waiting] == ["later"]
    await left.close()


def _taken_up(folder: Path) -> SessionHandle:
    return open_scripted(folder / "s", [])[0]


def _is_told(capsys: pytest.CaptureFixture[str], text: str) -> Callable[[], bool]:
    return lambda: text in capsys.readouterr().err
