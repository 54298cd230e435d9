"""Agents that are at work go over to another model with their own next call."""

from harn_tui.loop.model_in_use import ModelInUse
from harn_tui.loop.sub_agents.run_agent_tool import RUN_AGENT
from tests.conformance.agent_driver import ScriptByTask, start
from tests.conformance.loop_driver import Reply, Script, Setup, make_tool

LOOK = make_tool("look")


class Other(Script):
    name = "second"


async def test_an_agent_and_its_parent_both_go_over() -> None:
    other = Other([Reply("agent's end"), Reply("parent's end")])
    first = ScriptByTask({})
    now = ModelInUse(first, "test-model")

    def switch() -> None:
        nonlocal now
        now = ModelInUse(other, "other-model")

    first.add("go", Reply(calls=(start("dig"),)))
    first.add("dig", Reply(calls=(("look", {}),), before=switch))
    setup = Setup((), tools=(LOOK, RUN_AGENT), extra={"current_model": lambda: now})
    setup.provider = first
    run = await setup.run("go")
    assert [request.model for request in other.requests] == ["other-model", "other-model"]
    assert "dig" in str(list(other.requests[0].messages))
    assert "agent's end" in str(list(other.requests[1].messages))
    assert len(run.of("model_switch")) == 1
