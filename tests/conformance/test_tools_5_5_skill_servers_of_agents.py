"""MCP servers that a skill of a nested loop needs: its tools come, and go with the loop."""

from typing import Any

from harn_tui.kinds import LoopStatus
from harn_tui.loop.sub_agents.run_agent_tool import RUN_AGENT
from harn_tui.skills.skill import Skill
from harn_tui.skills.skill_set import SkillSet
from harn_tui.tools.base import Tool
from tests.conformance.agent_driver import ROOT, Family, start
from tests.conformance.loop_driver import Reply, make_tool
from tests.conformance.test_tools_5_5_skill_servers import Servers

LOOK = make_tool("look")
TASK = "deploy this"
SKILL = Skill("deploy", description="d", requires_mcp=("git", "gone"))


class Watched(Servers):
    """The servers of a session; what an agent starts, too, comes with them."""

    def current(self) -> tuple[Tool, ...]:
        return self.tools

    async def bind(self, server: str, holder: str) -> str:
        fault = await super().bind(server, holder)
        if not fault:
            self.tools = (*self.tools, RUN_AGENT)
        return fault


def family(servers: Watched, *of_the_agent: Reply, **arguments: Any) -> Family:
    return Family(
        {ROOT: [Reply(calls=(start(TASK, **arguments),)), Reply("end")], TASK: of_the_agent},
        tools=(LOOK,),
        extra={
            "skills": SkillSet([SKILL]),
            "skill_servers": servers,
            "more_tools": servers.current,
        },
    )


def offered(run: Family, request: int = 0) -> set[str]:
    return {tool.name for tool in run.provider.requests_of(TASK)[request].tools}


async def test_an_agent_has_the_tools_of_the_servers_that_its_skill_needs() -> None:
    servers = Watched()
    run = family(servers, Reply(calls=(("git__log", {}),)), Reply("done"))
    await run.run()
    assert "git__log" in offered(run)
    holder = f"{run.child_id(TASK)}/deploy"
    assert servers.told == [
        ("bind", "git", holder),
        ("bind", "gone", holder),
        ("release", "git", holder),
        ("release", "gone", holder),
    ]
    (warning,) = run.child_of(TASK, "notice")
    assert warning.text == "The skill deploy needs the MCP server gone: it did not start."


async def test_an_agent_whose_tools_were_named_gets_no_others_from_its_skills() -> None:
    servers = Watched()
    run = family(servers, Reply("done"), tools=["look"])
    await run.run()
    assert offered(run) == {"look", "load_skill"}
    assert [word for word, *_ in servers.told] == ["bind", "bind", "release", "release"]


async def test_servers_of_an_agent_are_released_however_it_ends() -> None:
    servers = Watched()
    run = family(servers, Reply(error=RuntimeError("a bug")))
    await run.run()
    assert run.updates(TASK)[-1].event == "WorkerFailed"
    assert [word for word, *_ in servers.told] == ["bind", "bind", "release", "release"]


async def test_late_tools_start_no_agents_where_none_may_be_nested() -> None:
    servers = Watched()
    run = Family(
        {
            ROOT: [Reply(calls=(start("one"),)), Reply("end")],
            "one": [Reply(calls=(start("two"),)), Reply("end")],
            "two": [Reply(calls=(start(TASK),)), Reply("end")],
            TASK: [Reply("done")],
        },
        extra={
            "skills": SkillSet([SKILL]),
            "skill_servers": servers,
            "more_tools": servers.current,
        },
    )
    assert (await run.run()).status is LoopStatus.DONE
    assert offered(run) == {"git__log", "load_skill"}
