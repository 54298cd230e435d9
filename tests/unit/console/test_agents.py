"""Steering and cancelling one agent, and answering what an agent asks."""

import pytest
from textual.widgets import OptionList, Static

from harn_tui.console.approval.dock import ApprovalDock
from harn_tui.console.approval.guard import ARMING_MS
from harn_tui.console.screens.agent_picker import AgentPicker
from harn_tui.console.status.line import StatusLine
from harn_tui.events.host import PermissionRequest
from harn_tui.kinds import Boundary, Decision, DecisionScope, ToolKind
from tests.unit.console import scenes
from tests.unit.console.conftest import Console, OpenConsole
from tests.unit.console.stand_ins import SESSION_ID, FakeAgent, FakeSession

ANN, BOB = FakeAgent("w1", "ann"), FakeAgent("w2", "b[o]b", depth=2)


def at_work(*agents: FakeAgent) -> "dict[str, object]":
    def prepare(session: FakeSession) -> None:
        session.is_running = True
        session.agents.running = list(agents)

    return {"prepare": prepare}


def picker(console: Console) -> AgentPicker:
    screen = console.app.screen
    assert isinstance(screen, AgentPicker)
    return screen


async def test_typed_text_goes_to_the_only_agent(open_console: OpenConsole) -> None:
    async with open_console(**at_work(ANN)) as console:
        await console.type("look at the tests")
        await console.press("alt+s")
        assert console.session.agents.calls == [("steer", "w1", "look at the tests")]
        assert console.prompt.text == ""
        assert "Sent to ann" in str(console.get(StatusLine).render())
        assert console.session.asked("submit") == []


async def test_with_an_empty_prompt_the_next_line_goes_to_the_agent(
    open_console: OpenConsole,
) -> None:
    async with open_console(**at_work(ANN)) as console:
        await console.press("alt+s")
        assert str(console.prompt.border_title) == "To the agent ann"
        await console.press("enter")
        await console.type("be quick")
        await console.press("enter")
        assert console.session.agents.calls == [("steer", "w1", "be quick")]
        assert str(console.prompt.border_title) == ""
        await console.type("for you")
        await console.press("enter")
        assert console.session.asked("submit") == [("for you", Boundary.NEXT_PREFLIGHT)]


@pytest.mark.parametrize("key", ["escape", "ctrl+c"])
async def test_going_back_keeps_the_text_and_interrupts_nothing(
    open_console: OpenConsole, key: str
) -> None:
    async with open_console(**at_work(ANN)) as console:
        await console.press("alt+s")
        await console.type("half a")
        await console.press(key)
        assert console.prompt.text == "half a"
        assert str(console.prompt.border_title) == ""
        assert console.session.asked("interrupt") == []
        await console.press("enter")
        assert console.session.asked("submit") == [("half a", Boundary.NEXT_PREFLIGHT)]


async def test_line_for_an_agent_that_has_ended_stays_in_the_prompt(
    open_console: OpenConsole,
) -> None:
    async with open_console(**at_work(ANN)) as console:
        await console.press("alt+s")
        await console.type("too late")
        console.session.agents.running.clear()
        await console.press("enter")
        assert console.prompt.text == "too late"
        assert console.session.asked("submit") == []


async def test_of_several_agents_one_is_picked(open_console: OpenConsole) -> None:
    async with open_console(**at_work(ANN, BOB)) as console:
        await console.type("be quick")
        await console.press("alt+s")
        options = picker(console).query_one(OptionList)
        rows = [str(options.get_option_at_index(i).prompt) for i in range(2)]
        assert rows == ["ann  run_command: make test", "  b[o]b  run_command: make test"]
        await console.press("down", "enter")
        assert console.session.agents.calls == [("steer", "w2", "be quick")]
        assert console.prompt.text == ""


async def test_closing_the_picker_does_nothing(open_console: OpenConsole) -> None:
    async with open_console(**at_work(ANN, BOB)) as console:
        await console.press("alt+k")
        picker(console)
        await console.press("escape")
        assert console.session.agents.calls == []
        assert console.app.screen is console.screen
        assert console.session.asked("interrupt") == []


async def test_the_only_agent_is_cancelled_at_once(open_console: OpenConsole) -> None:
    async with open_console(**at_work(ANN)) as console:
        await console.press("alt+k")
        assert console.session.agents.calls == [("cancel", "w1")]
        assert console.session.asked("interrupt") == []


@pytest.mark.parametrize("key", ["alt+s", "alt+k"])
async def test_without_agents_the_keys_say_so(open_console: OpenConsole, key: str) -> None:
    async with open_console() as console:
        await console.type("text")
        await console.press(key)
        assert console.session.agents.calls == []
        assert console.prompt.text == "text"
        assert [n.message for n in console.app._notifications] == ["No agent is at work."]


async def test_no_agent_is_addressed_while_a_queued_line_is_edited(
    open_console: OpenConsole,
) -> None:
    async with open_console(scenes.queued("f1", "a line"), **at_work(ANN)) as console:
        await console.press("alt+up")
        await console.press("alt+s")
        assert console.session.agents.calls == []
        assert str(console.prompt.border_title) == "Editing a queued line"


async def test_the_dock_shows_the_call_of_the_agent_that_asks(open_console: OpenConsole) -> None:
    async with open_console(scenes.session_start()) as console:
        await console.emit(
            scenes.tool("t1", "run_agent", ToolKind.THINK, {"task": "fix it"}),
            scenes.tool_runs("t1", "run_agent"),
            PermissionRequest(
                SESSION_ID,
                "p1",
                "t1",
                "run_command",
                "no rule",
                "make",
                "ann › bob",
                {"command": "make clean"},
            ),
        )
        dock = console.get(ApprovalDock)
        assert str(dock.border_title) == "Allow run_command? · agent ann › bob"
        assert str(dock.query_one("#dock-body", Static).visual) == "$ make clean"
        console.clock.advance(ARMING_MS)
        await console.press("alt+y")
        answered = [("p1", Decision.ALLOW, DecisionScope.ONCE, None)]
        assert console.session.asked("answer") == answered
