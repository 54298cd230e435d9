"""What a first run needs is loaded when a line is begun, at the latest by the run itself."""

import asyncio
import sys
from pathlib import Path

import pytest

from harn_tui.providers.base import ModelFacts
from harn_tui.session import preparation as room
from harn_tui.session.discovered_facts import DiscoveredFacts
from harn_tui.session.preparation import Preparation
from tests.conformance.loop_driver import Reply
from tests.unit.session.opened import open_scripted


class Server:
    """Answers the question for a context window when it is told to."""

    def __init__(self) -> None:
        self.asked = 0
        self.may_answer = asyncio.Event()

    async def discover(self) -> int | None:
        self.asked += 1
        await self.may_answer.wait()
        return 4096


@pytest.fixture
def unloaded(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.delitem(sys.modules, "wave", raising=False)
    return "wave"


async def test_beginning_imports_and_asks_once(unloaded: str) -> None:
    server, found = Server(), list[ModelFacts]()
    facts = DiscoveredFacts(ModelFacts(), server.discover, found.append)
    preparation = Preparation([unloaded], facts)
    server.may_answer.set()
    preparation.begin()
    preparation.begin()
    await preparation.wait()
    assert unloaded in sys.modules
    assert (server.asked, [one.context_window for one in found]) == (1, [4096])
    await preparation.stop()


async def test_a_server_that_does_not_answer_holds_no_run_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(room, "FACTS_PATIENCE_S", 0.001)
    server = Server()
    preparation = Preparation([], DiscoveredFacts(ModelFacts(), server.discover, print))
    await preparation.wait()
    assert server.asked == 1
    await preparation.stop()


async def test_the_first_run_knows_what_the_server_says(tmp_path: Path) -> None:
    server = Server()
    server.may_answer.set()
    session, _ = open_scripted(
        tmp_path / "session",
        [Reply(text="Done.")],
        model_facts=ModelFacts(),
        discover_context_window=server.discover,
    )
    await session.start()
    assert server.asked == 0
    session.submit("Go.")
    await session.wait_idle()
    assert (server.asked, session.models.context_window) == (1, 4096)
    await session.close()


async def test_a_session_can_be_closed_while_it_prepares(unloaded: str) -> None:
    server = Server()
    preparation = Preparation([unloaded], DiscoveredFacts(ModelFacts(), server.discover, print))
    preparation.begin()
    await preparation.stop()
    assert server.asked == 0
