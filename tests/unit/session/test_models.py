"""The model of a session: chosen by a person, in force from the next call on, and resumed."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from harn_tui.config.loop_options import LoopOptions
from harn_tui.errors import AttachmentError, HarnError
from harn_tui.events.host import ModelSwitch
from harn_tui.events.record import Record
from harn_tui.json_types import JsonObject
from harn_tui.kinds import SwitchState
from harn_tui.loop.model_in_use import ModelInUse
from harn_tui.providers.base import ModelFacts
from harn_tui.session.handle import SessionHandle
from harn_tui.session.model_offers import BoundModel, OfferedModel, ProviderOffer
from harn_tui.store.history import fold_history
from harn_tui.store.kept_model import KeptModel, kept_model
from harn_tui.store.log_reader import read_records
from harn_tui.store.state_file import load_state
from harn_tui.view.fold import apply_all
from harn_tui.view.model import SessionView
from tests.conformance.loop_driver import Reply, Script, make_tool, until
from tests.unit.session.opened import contents, open_scripted

LOOK = make_tool("look")
SEAL: JsonObject = {"type": "thinking", "thinking": "hm", "signature": "of the first"}


class Second(Script):
    name = "second"


def offer(name: str, *models: str, **others: Any) -> ProviderOffer:
    listed = tuple(map(OfferedModel, models))
    usual = models[0] if models else ""
    return ProviderOffer(name, name, usual, listed, is_complete=bool(models), **others)


@dataclass
class Desk:
    """Has the providers of a test; binding waits for ``gate`` where there is one."""

    offers: list[ProviderOffer]
    bound: dict[tuple[str, str], BoundModel] = field(default_factory=dict)
    gate: asyncio.Event | None = None
    asked: list[str] = field(default_factory=list)
    is_closed: bool = False

    async def providers(self) -> tuple[ProviderOffer, ...]:
        return tuple(ProviderOffer(o.name, o.provider, o.usual_model) for o in self.offers)

    async def ask(self, asked: ProviderOffer) -> ProviderOffer:
        self.asked.append(asked.name)
        return next(o for o in self.offers if o.name == asked.name)

    async def bind(self, chosen: ProviderOffer, model: str) -> BoundModel:
        if self.gate is not None and model == "slow":
            await self.gate.wait()
        return self.bound[chosen.name, model]

    async def aclose(self) -> None:
        self.is_closed = True


@dataclass
class World:
    """A session on a script, and a second provider to go over to."""

    session: SessionHandle
    first: Script
    second: Second
    desk: Desk
    folder: Path

    def switches(self) -> list[tuple[str, str]]:
        records = list(read_records(self.folder / "event_log.jsonl"))
        found = [r.event for r in records if isinstance(r.event, ModelSwitch)]
        return [(event.state.value, event.model) for event in found]

    async def close(self) -> None:
        await self.session.close()


def open_world(
    tmp_path: Path, first: list[Reply], second: list[Reply], facts: ModelFacts | None = None
) -> World:
    other = Second(second)
    desk = Desk([offer("script", "test-model", "shared"), offer("second", "big", "shared")])
    session, script = open_scripted(tmp_path / "s", first, tools=(LOOK,), model_desk=desk)
    mine = session.models.current()
    desk.bound["script", "test-model"] = BoundModel(mine)
    desk.bound["second", "big"] = BoundModel(ModelInUse(other, "big", facts or ModelFacts()))
    return World(session, script, other, desk, tmp_path / "s")


async def test_a_switch_while_idle_is_in_force_at_once(tmp_path: Path) -> None:
    world = open_world(tmp_path, [Reply("one")], [Reply("two")])
    session = world.session
    await session.start()
    session.submit("first")
    await session.wait_idle()
    assert await session.models.switch_to("big") == "big (second) is in use from now on."
    assert (session.models.provider_name, session.models.model) == ("second", "big")
    session.submit("second")
    await session.wait_idle()
    assert contents(world.second, 0) == ["first", "one", "second"]
    await world.close()
    assert world.switches() == [("active", "big")]
    state, _ = load_state(world.folder / "state.json")
    assert (state.provider, state.model) == ("second", "big")
    assert world.desk.is_closed


async def test_a_switch_during_a_run_waits_for_the_next_call(tmp_path: Path) -> None:
    world = open_world(tmp_path, [], [Reply("from the second")])
    session, said = world.session, []

    async def switch() -> None:
        said.append(await session.models.switch_to("second"))
        assert session.models.model == "test-model"

    world.first._replies = [Reply("a", (("look", {}),), midway=switch)]
    await session.start()
    session.submit("go")
    await session.wait_idle()
    assert said == ["big (second) takes over with the next model call."]
    assert [r.model for r in world.second.requests] == ["big"]
    assert session.models.model == "big"
    await world.close()
    assert world.switches() == [("pending", "big"), ("active", "big")]


async def test_a_switch_in_the_last_call_of_a_run_is_in_force_when_it_ends(tmp_path: Path) -> None:
    world = open_world(tmp_path, [], [Reply("two")])
    session = world.session

    async def switch() -> None:
        await session.models.switch_to("big")

    world.first._replies = [Reply("done", midway=switch)]
    await session.start()
    session.submit("go")
    await session.wait_idle()
    assert session.models.model == "big"
    await world.close()
    assert world.switches() == [("pending", "big"), ("active", "big")]


async def test_a_switch_while_a_run_is_prepared_is_told_and_drops_what_was_sealed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = open_world(tmp_path, [Reply("one", thinking_blocks=(SEAL,))], [Reply("two")])
    session = world.session
    await session.start()
    session.submit("first")
    await session.wait_idle()
    assert session._conversation.messages[-1]["thinking_blocks"] == [SEAL]
    is_preparing, may_begin = asyncio.Event(), asyncio.Event()

    async def prepare() -> None:
        is_preparing.set()
        await may_begin.wait()

    monkeypatch.setattr(session.preparation, "wait", prepare)
    session.submit("second")
    await is_preparing.wait()
    said = await session.models.switch_to("big")
    assert said == "big (second) takes over with the next model call."
    may_begin.set()
    await session.wait_idle()
    assert session.models.model == "big"
    (sent,) = world.second.requests
    assert not any("thinking_blocks" in message for message in sent.messages)
    await world.close()
    assert world.switches() == [("pending", "big"), ("active", "big")]


async def test_a_choice_can_be_taken_back_before_it_holds(tmp_path: Path) -> None:
    world = open_world(tmp_path, [], [])
    session = world.session

    async def switch() -> None:
        await session.models.switch_to("big")
        assert await session.models.switch_to("test-model") == "test-model (script) stays in use."

    world.first._replies = [Reply("a", (("look", {}),), midway=switch), Reply("b")]
    await session.start()
    session.submit("go")
    await session.wait_idle()
    assert len(world.first.requests) == 2
    await world.close()
    assert world.switches() == [("pending", "big"), ("pending", "test-model")]
    view = SessionView()
    apply_all(view, read_records(world.folder / "event_log.jsonl"))
    assert view.next_model is None


async def test_the_newest_choice_counts_however_long_an_older_one_takes(tmp_path: Path) -> None:
    world = open_world(tmp_path, [], [])
    session, desk = world.session, world.desk
    desk.gate = asyncio.Event()
    desk.offers[1] = offer("second", "big", "slow")
    desk.bound["second", "slow"] = BoundModel(ModelInUse(world.second, "slow"))
    await session.start()
    older = asyncio.create_task(session.models.switch_to("slow"))
    await until(lambda: "second" in desk.asked)
    await session.models.switch_to("big")
    desk.gate.set()
    assert await older == "Another model was chosen meanwhile."
    assert session.models.model == "big"
    await world.close()


async def test_the_same_model_changes_nothing(tmp_path: Path) -> None:
    world = open_world(tmp_path, [Reply("ok")], [])
    await world.session.start()
    world.session.submit("go")
    await world.session.wait_idle()
    said = await world.session.models.switch_to("test-model")
    assert said == "test-model (script) is in use already."
    await world.close()
    assert world.switches() == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("", "No model is named"),
        ("bigg", "Did you mean big"),
        ("gone", "gone cannot be used: nobody answers"),
        ("gone:x", "gone cannot be used: nobody answers"),
    ],
)
async def test_what_cannot_be_used_leaves_the_model(
    tmp_path: Path, words: str, message: str
) -> None:
    world = open_world(tmp_path, [Reply("ok")], [])
    gone = ProviderOffer("gone", "gone", "m", problem="nobody answers", is_usable=False)
    world.desk.offers.append(gone)
    await world.session.start()
    with pytest.raises(HarnError, match=message):
        await world.session.models.switch_to(words)
    world.session.submit("go")
    await world.session.wait_idle()
    assert len(world.first.requests) == 1
    await world.close()
    assert world.switches() == []


async def test_a_model_that_two_providers_have_is_that_of_the_one_in_use(tmp_path: Path) -> None:
    world = open_world(tmp_path, [], [])
    shared = ModelInUse(world.first, "shared")
    world.desk.bound["script", "shared"] = BoundModel(shared)
    await world.session.start()
    assert "shared (script)" in await world.session.models.switch_to("shared")
    world.desk.offers = [offer("script", "test-model"), offer("a", "x"), offer("b", "x")]
    with pytest.raises(HarnError, match="Several providers have x.*a:x, b:x"):
        await world.session.models.switch_to("x")
    await world.close()


async def test_a_name_that_is_not_listed_can_be_insisted_on(tmp_path: Path) -> None:
    world = open_world(tmp_path, [], [])
    world.desk.bound["second", "new"] = BoundModel(ModelInUse(world.second, "new"))
    notices: list[str] = []
    world.session.subscribe(
        lambda r: notices.append(r.event.text) if r.event.type == "notice" else None  # type: ignore[union-attr]
    )
    await world.session.start()
    await world.session.models.switch_to("second:new")
    assert world.session.models.model == "new"
    assert notices == ["second does not list new: if it does not know it, calls will fail."]
    await world.close()


async def test_native_search_that_a_model_lacks_refuses_the_switch(tmp_path: Path) -> None:
    other = Second([])
    desk = Desk([offer("script", "test-model"), offer("second", "big")])
    desk.bound["second", "big"] = BoundModel(ModelInUse(other, "big"))
    session, _ = open_scripted(
        tmp_path / "s",
        [],
        options=LoopOptions(tool_search={"mode": "native"}),
        model_desk=desk,
        has_native_tool_search=True,
    )
    await session.start()
    with pytest.raises(HarnError, match="does not expose native tool search"):
        await session.models.switch_to("big")
    assert session.models.model == "test-model"
    await session.close()


async def test_images_are_refused_for_the_model_that_comes_next(tmp_path: Path) -> None:
    world = open_world(tmp_path, [], [], ModelFacts(takes_images=False))
    await world.session.start()
    world.session.images.check_model()
    await world.session.models.switch_to("big")
    with pytest.raises(AttachmentError, match="big takes no images"):
        world.session.images.check_model()
    await world.close()


async def test_the_window_that_a_server_tells_is_that_of_its_model(tmp_path: Path) -> None:
    world = open_world(tmp_path, [], [])
    told = asyncio.Event()

    async def discover() -> int | None:
        await told.wait()
        return 4096

    world.desk.bound["second", "big"] = BoundModel(ModelInUse(world.second, "big"), discover)
    await world.session.start()
    await world.session.models.switch_to("big")
    unknown = world.session.models.context_window
    told.set()
    await until(lambda: world.session.models.context_window is not None)
    assert unknown is None
    assert world.session.models.context_window == 4096
    await world.session.models.switch_to("test-model")
    assert world.session.models.context_window == 1000
    await world.session.models.switch_to("big")
    assert world.session.models.context_window == 4096
    await world.close()


async def test_a_session_that_is_closed_or_cannot_change_says_so(tmp_path: Path) -> None:
    world = open_world(tmp_path, [], [])
    await world.session.start()
    await world.close()
    with pytest.raises(HarnError, match="closed"):
        await world.session.models.switch_to("big")
    fixed, _ = open_scripted(tmp_path / "t", [])
    with pytest.raises(HarnError, match="cannot be changed"):
        await fixed.models.switch_to("big")
    await fixed.start()
    await fixed.close()


async def test_the_log_of_a_switch_says_what_the_session_saw(tmp_path: Path) -> None:
    """Live view, folded log and resumed history agree, and the kept model is the last one."""
    world = open_world(tmp_path, [], [Reply("b"), Reply("c")])
    session, live = world.session, SessionView()

    def fold(record: Record) -> None:
        apply_all(live, [record])

    session.subscribe(fold)

    async def switch() -> None:
        await session.models.switch_to("big")

    world.first._replies = [Reply("a", (("look", {}),), midway=switch)]
    await session.start()
    for text in ("go", "on"):
        session.submit(text)
        await session.wait_idle()
    messages = list(session._conversation.messages)
    await world.close()
    records = list(read_records(world.folder / "event_log.jsonl"))
    replayed = SessionView()
    apply_all(replayed, records)
    assert live == replayed
    assert (live.provider, live.model) == ("second", "big")
    assert fold_history(records).messages == messages
    assert kept_model(records) == KeptModel("second", "big", is_switched=True)


def test_switch_states_have_the_words_of_the_wire() -> None:
    assert [state.value for state in SwitchState] == ["pending", "active"]
