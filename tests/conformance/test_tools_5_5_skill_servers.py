"""MCP servers that skills need: bound with it and released with it (docs/skills.md)."""

from typing import Any

from harn_tui.config.loop_options import LoopOptions
from harn_tui.feedback.queue import FeedbackQueue
from harn_tui.loop.config import LoopRequest
from harn_tui.skills.skill import Skill
from harn_tui.skills.skill_set import SkillSet
from harn_tui.tools.base import Tool
from harn_tui.transcripts.session_store import SessionStore
from tests.conformance.loop_driver import SESSION_ID, Reply, Run, Setup, make_tool
from tests.unit.transcripts.messages import kinds, stored

LOOK = make_tool("look")
SERVED = make_tool("git__log")
DEPLOY = Skill("deploy", description="d", requires_mcp=("git", "gone"))
END = Reply("end")


class Servers:
    """Stands for the servers of a session; ``told`` is what was asked of them."""

    def __init__(self) -> None:
        self.told: list[tuple[str, ...]] = []
        self.tools: tuple[Tool, ...] = ()

    async def bind(self, server: str, holder: str) -> str:
        self.told.append(("bind", server, holder))
        if server == "gone":
            return "it did not start"
        self.tools = (SERVED,)
        return ""

    def release(self, server: str, holder: str) -> None:
        self.told.append(("release", server, holder))
        self.tools = ()


def _setup(servers: Servers | None, skill: Skill, *replies: Reply, **changes: Any) -> Setup:
    extra = {
        "skills": SkillSet([skill]),
        "skill_servers": servers,
        "more_tools": lambda: () if servers is None else servers.tools,
        "sessions": SessionStore(),
        **changes.pop("extra", {}),
    }
    return Setup(replies, tools=(LOOK,), extra=extra, **changes)


def _notes(setup: Setup) -> list[str]:
    transcript = stored(setup.extra["sessions"], SESSION_ID)
    return [kind for kind in kinds(transcript) if kind.startswith("skill_")]


def _offered(run: Run, request: int) -> set[str]:
    return {tool.name for tool in run.provider.requests[request].tools}


async def test_tools_5_5_servers_are_bound_between_the_scope_and_the_hook() -> None:
    servers = Servers()

    async def hook() -> None:
        servers.told.append(("hook",))

    skill = Skill(
        "deploy", description="d", requires_mcp=("git",), allowed_tools=("*",), on_activate=hook
    )
    setup = _setup(servers, skill, END)
    run = await setup.run("deploy this")
    assert servers.told == [("bind", "git", f"{SESSION_ID}/deploy"), ("hook",)]
    assert _notes(setup) == [
        "skill_matched",
        "skill_activated",
        "skill_scope_tools",
        "skill_mcp_bound",
    ]
    assert _offered(run, 0) == {"look", "git__log", "load_skill"}


async def test_tools_5_5_a_server_that_cannot_be_bound_is_told_and_stops_nothing() -> None:
    setup = _setup(Servers(), DEPLOY, END)
    run = await setup.run("deploy this")
    assert run.result.active_skills == ("deploy",)
    (notice,) = run.of("notice")
    assert notice.text == "The skill deploy needs the MCP server gone: it did not start."
    assert _notes(setup)[-2:] == ["skill_mcp_bound", "skill_mcp_bind_failed"]


async def test_tools_5_5_without_any_server_the_skill_says_what_it_lacks() -> None:
    run = await _setup(None, DEPLOY, END).run("deploy this")
    assert [notice.text for notice in run.of("notice")] == [
        "The skill deploy needs the MCP server git: no MCP server is configured.",
        "The skill deploy needs the MCP server gone: no MCP server is configured.",
    ]


async def test_tools_5_5_a_skill_that_leaves_releases_its_servers_before_its_hook() -> None:
    servers, queue = Servers(), FeedbackQueue()

    async def hook() -> None:
        servers.told.append(("hook",))

    skill = Skill("deploy", description="d", requires_mcp=("git", "gone"), on_deactivate=hook)
    setup = _setup(
        servers,
        skill,
        Reply(
            calls=(("look", {}),), before=lambda: queue.push(SESSION_ID, "user", "never mind that")
        ),
        Reply(calls=(("look", {}),)),
        END,
        feedback=queue,
        options=LoopOptions(skill_match={"sticky": False}),
    )
    run = await setup.run("deploy this")
    assert [word for word, *_ in servers.told] == ["bind", "bind", "release", "release", "hook"]
    # One that was never bound is released, since it was waited for, and not said to be unbound.
    assert _notes(setup).count("skill_mcp_unbound") == 1
    assert _offered(run, 2) == {"look", "load_skill"}


async def test_tools_odd_41_the_next_run_of_a_session_binds_them_again() -> None:
    servers, extra = Servers(), {"sessions": SessionStore()}
    await _setup(servers, DEPLOY, END, extra=extra).run("deploy this")
    again = await _setup(servers, DEPLOY, END, extra=extra).run("hello")
    assert [server for _, server, _ in servers.told] == ["git", "gone"] * 2
    assert "git__log" in _offered(again, 0)


async def test_tools_odd_41_a_skill_that_the_model_loads_has_its_servers_from_the_next_turn() -> (
    None
):
    servers = Servers()
    skill = Skill("deploy", description="zzz", requires_mcp=("git",))
    load = Reply(calls=(("load_skill", {"name": "deploy"}),))
    run = await _setup(servers, skill, load, Reply(calls=(("look", {}),)), END).run(
        LoopRequest(prompt="hello")
    )
    assert servers.told == [("bind", "git", f"{SESSION_ID}/deploy")]
    assert "git__log" not in _offered(run, 0)
    assert "git__log" in _offered(run, 1)
