"""The gate of a run (docs/tools.md, 4): what no policy lets through never runs."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.config.loop_options import LoopOptions
from harn_tui.errors import ConfigError, LoopConfigError
from harn_tui.json_types import JsonObject
from harn_tui.kinds import Decision, LoopStatus, ToolErrorCategory, ToolKind
from harn_tui.loop.config import PermissionQuestion
from harn_tui.loop.run import run_agent_loop
from harn_tui.permissions.broker import Answer
from harn_tui.permissions.policy_set import PolicySet
from harn_tui.permissions.rules import PermissionRules
from harn_tui.skills.skill import Skill
from harn_tui.skills.skill_set import SkillSet
from harn_tui.tools.base import Tool, ToolAnnotations, ToolContext, ToolResult
from tests.conformance.agent_driver import ROOT, Family, start
from tests.conformance.loop_driver import Reply, Run, Script, Setup, make_tool

END = Reply("end")
LEVELS = {
    ToolKind.READ: "read_only",
    ToolKind.EDIT: "workspace_write",
    ToolKind.EXECUTE: "process_exec",
}


class Canary:
    """Tools that tell which of their calls ran."""

    def __init__(self) -> None:
        self.ran: list[tuple[str, JsonObject]] = []

    def tool(self, name: str, kind: ToolKind = ToolKind.READ) -> Tool:
        async def run(arguments: JsonObject, context: ToolContext) -> ToolResult:
            self.ran.append((name, arguments))
            return ToolResult(f"{name} ran")

        tool = make_tool(name, kind=kind, run=run)
        level = LEVELS[kind]
        properties: JsonObject = {
            "path": {"type": "string"},
            "command": {"type": "string"},
            "n": {"type": "integer"},
        }
        return replace(
            tool,
            parameters={"type": "object", "properties": properties},
            annotations=ToolAnnotations(kind, level, ("path",)),
        )

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.ran]


def _policies(**policies: Any) -> PolicySet:
    return PolicySet.parse(**policies, cwd=Path.cwd())


def _ended(run: Run) -> dict[str, Any]:
    return {e.tool_name: e for e in run.of("tool_call_update") if e.status.is_terminal}


async def _yes(question: PermissionQuestion) -> Answer:
    return Answer(Decision.ALLOW)


def _calls(*calls: tuple[str, JsonObject]) -> Reply:
    return Reply(calls=calls)


def _reads(name: str, paths: Iterable[object]) -> Reply:
    return Reply(calls=tuple((name, {"path": str(path)}) for path in paths))


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        ({"tools": ["look*"]}, "exceeds tool ceiling"),
        ({"side_effect_level": "read_only"}, "exceeds side-effect ceiling"),
    ],
)
async def test_tools_4_4_policy_denies_what_it_does_not_allow_whatever_a_person_says(
    policy: JsonObject, words: str
) -> None:
    canary = Canary()
    setup = Setup(
        [_calls(("look", {}), ("write", {})), END],
        tools=(canary.tool("look"), canary.tool("write", ToolKind.EDIT)),
        permissions=PermissionRules.parse({"allow": ["write"]}),
        extra={"policies": _policies(policy=policy), "ask_permission": _yes},
    )
    run = await setup.run()
    assert canary.names == ["look"]
    assert run.of("permission_request") == []
    refused = _ended(run)["write"]
    assert refused.error_category is ToolErrorCategory.PERMISSION_DENIED
    assert words in refused.error
    assert run.result.tools_rejected == ("write",)
    assert run.result.status is LoopStatus.DONE


SKILLS = SkillSet([Skill("paint", description="Colours and brushes", prompt="Paint body.")])
SEARCH = "__harn_tool_search"


async def test_tools_4_4_listed_tools_leave_the_runtime_its_own_ones() -> None:
    canary = Canary()
    hidden = replace(canary.tool("hidden"), defer_loading=True)
    calls: tuple[tuple[str, JsonObject], ...] = (
        ("load_skill", {"name": "paint"}),
        (SEARCH, {"query": "hidden"}),
        ("ledger", {"action": "add", "text": "more"}),
        ("wipe", {}),
    )
    run = await Setup(
        [_calls(*calls), _calls(("hidden", {})), END],
        tools=(canary.tool("look"), canary.tool("wipe"), hidden),
        options=LoopOptions(
            tool_search=True, task_ledger={"deliverables": [{"id": "a", "text": "it"}]}
        ),
        extra={"policies": _policies(policy={"tools": ["look"]}), "skills": SKILLS},
    ).run()
    ended = _ended(run)
    assert {n: e.status.value for n, e in ended.items() if e.error is None} == {
        "load_skill": "completed",
        SEARCH: "completed",
        "ledger": "completed",
    }
    assert "exceeds tool ceiling" in ended["wipe"].error
    # What a search loads is as little allowed as before.
    assert "exceeds tool ceiling" in ended["hidden"].error
    assert canary.names == []


@pytest.mark.parametrize(
    ("name", "policies", "rules"),
    [
        ("load_skill", {}, {"deny": ["load_skill"]}),
        ("load_skill", {"approval": {"auto_deny": ["load_*"]}}, {}),
        (SEARCH, {"policy": {"side_effect_level": "none"}}, {}),
    ],
)
async def test_tools_4_4_runtime_tools_are_held_by_every_limit_but_the_list(
    name: str, policies: dict[str, Any], rules: JsonObject
) -> None:
    canary = Canary()
    run = await Setup(
        [_calls((name, {"name": "paint"} if name == "load_skill" else {"query": "hidden"})), END],
        tools=(canary.tool("look"), replace(canary.tool("hidden"), defer_loading=True)),
        options=LoopOptions(tool_search=True),
        permissions=PermissionRules.parse(rules),
        extra={"policies": _policies(**policies), "skills": SKILLS},
    ).run()
    assert _ended(run)[name].error_category is ToolErrorCategory.PERMISSION_DENIED


async def test_tools_4_4_tool_of_a_program_called_load_skill_must_be_listed() -> None:
    canary = Canary()
    run = await Setup(
        [_calls(("load_skill", {})), END],
        tools=(canary.tool("load_skill"), canary.tool("look")),
        extra={"policies": _policies(policy={"tools": ["look"]}), "skills": SKILLS},
    ).run()
    assert canary.names == []
    assert "exceeds tool ceiling" in _ended(run)["load_skill"].error


async def test_tools_odd_7_capabilities_that_a_tool_says_of_itself_are_limited() -> None:
    canary = Canary()
    look = canary.tool("look")
    annotations = replace(look.annotations, capabilities={"workspace": ("list",)})
    run = await Setup(
        [_calls(("look", {})), END],
        tools=(replace(look, annotations=annotations),),
        extra={"policies": _policies(policy={"capabilities": {"workspace": ["read_text"]}})},
    ).run()
    assert canary.names == []
    assert "exceeds capability ceiling: workspace.list" in _ended(run)["look"].error


async def test_tools_4_4_roots_hold_where_a_link_really_leads(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    (inside / "link").symlink_to(outside)
    canary = Canary()
    paths = ["in/a", "in/link/b", "in/../out/c", "out/d"]
    run = await Setup(
        [_reads("look", (tmp_path / path for path in paths)), END],
        tools=(canary.tool("look"),),
        extra={"policies": _policies(policy={"workspace_roots": [str(inside)]})},
    ).run()
    assert canary.ran == [("look", {"path": str(inside / "a")})]
    texts = [str(m["content"]) for m in run.result.messages if m["role"] == "tool"]
    assert ["sandbox violation" in text for text in texts] == [False, True, True, True]


@pytest.mark.parametrize("spelling", [7, "7", "+7", " 7 ", "007"])
async def test_tools_4_arguments_that_validation_changed_are_decided_again(spelling: Any) -> None:
    canary = Canary()
    deny: JsonObject = {"look": {"arg_key": "n", "patterns": ["7"]}}
    run = await Setup(
        [_calls(("look", {"n": spelling}), ("look", {"n": 8})), END],
        tools=(canary.tool("look"),),
        permissions=PermissionRules.parse({"deny": deny}),
    ).run()
    assert canary.ran == [("look", {"n": 8})]
    assert run.result.status is LoopStatus.DONE


async def test_loop_10_17_denied_read_never_runs_whatever_runs_beside_it(tmp_path: Path) -> None:
    secret, open_file = tmp_path / "secret.txt", tmp_path / "open.txt"
    secret.write_text("canary-4711")
    open_file.write_text("hello")

    async def read(arguments: JsonObject, context: ToolContext) -> ToolResult:
        path = Path(str(arguments["path"]))
        return ToolResult(await asyncio.to_thread(path.read_text))

    tool = replace(
        make_tool("read", run=read), annotations=ToolAnnotations(ToolKind.READ, "read_only")
    )
    reads = [secret, open_file, tmp_path / "." / "x" / ".." / "secret.txt", open_file]
    run = await Setup(
        [_reads("read", reads), END],
        tools=(tool,),
        permissions=PermissionRules.parse({"deny": {"read": ["*secret*"]}}),
        extra={"ask_permission": _yes},
    ).run()
    texts = [str(m["content"]) for m in run.result.messages if m["role"] == "tool"]
    assert ["permission_denied" in text for text in texts] == [True, False, True, False]
    assert "hello" in texts[1]
    assert not any("canary-4711" in str(event) for event in run.events)
    assert "canary-4711" not in str(run.result.messages)


@given(st.lists(st.sampled_from(["look", "hidden", "write", "wipe"]), max_size=6))
async def test_tools_4_in_any_batch_exactly_the_allowed_calls_run(names: list[str]) -> None:
    canary = Canary()
    run = await Setup(
        [Reply(calls=tuple((name, {"n": i}) for i, name in enumerate(names))), END],
        tools=(
            canary.tool("look"),
            canary.tool("hidden"),
            canary.tool("write", ToolKind.EDIT),
            canary.tool("wipe", ToolKind.EDIT),
        ),
        permissions=PermissionRules.parse({"deny": ["hidden"], "allow": ["write"]}),
    ).run()
    wanted = [(n, {"n": i}) for i, n in enumerate(names) if n in {"look", "write"}]
    assert sorted(canary.ran, key=str) == sorted(wanted, key=str)
    answers = [m for m in run.result.messages if m["role"] == "tool"]
    assert len(answers) == len(names)


async def test_tools_4_15_risks_of_a_command_stand_in_the_question() -> None:
    asked: list[PermissionQuestion] = []

    async def no(question: PermissionQuestion) -> Answer:
        asked.append(question)
        return Answer(Decision.DENY)

    canary = Canary()
    run = await Setup(
        [_calls(("run_command", {"command": "sudo rm -r build"})), END],
        tools=(canary.tool("run_command", ToolKind.EXECUTE),),
        extra={"ask_permission": no},
    ).run()
    (request,) = run.of("permission_request")
    assert request.risks is not None
    assert {"destructive", "sudo"} <= set(request.risks)
    assert asked[0].risks == tuple(request.risks)
    assert canary.ran == []


async def test_tools_4_15_command_policy_denies_what_a_person_would_allow() -> None:
    canary = Canary()
    run = await Setup(
        [
            _calls(
                ("run_command", {"command": "true && rm -r build"}),
                ("run_command", {"command": "true"}),
            ),
            END,
        ],
        tools=(canary.tool("run_command", ToolKind.EXECUTE),),
        extra={"ask_permission": _yes, "policies": _policies(command_policy={})},
    ).run()
    assert [arguments["command"] for _, arguments in canary.ran] == ["true"]
    assert len(run.of("permission_request")) == 1


async def test_tools_4_6_approval_policy_asks_and_denies() -> None:
    canary = Canary()
    approval = {"require_approval": ["look"], "auto_deny": ["peek"]}
    run = await Setup(
        [_calls(("look", {}), ("peek", {})), END],
        tools=(canary.tool("look"), canary.tool("peek")),
        extra={"policies": _policies(approval=approval), "ask_permission": _yes},
    ).run()
    assert [event.tool_name for event in run.of("permission_request")] == ["look"]
    assert canary.names == ["look"]


@pytest.mark.parametrize(
    "policies",
    [
        {"policy": {"tools": ["look"]}},
        {"policy": {"side_effect_level": "read_only"}},
        {"approval": {"auto_deny": ["write"]}},
    ],
)
async def test_tools_4_4_nested_loops_are_held_by_the_policies_of_those_around(
    policies: dict[str, Any],
) -> None:
    canary = Canary()
    if "tools" in policies.get("policy", {}):
        policies = {"policy": {"tools": ["look", "run_agent"]}}
    family = Family(
        {
            ROOT: [Reply(calls=(start("outer"),)), END],
            "outer": [_calls(("write", {}), ("look", {}), start("inner")), END],
            "inner": [_calls(("write", {}), ("look", {})), END],
        },
        tools=(canary.tool("look"), canary.tool("write", ToolKind.EDIT)),
        extra={"policies": _policies(**policies), "ask_permission": _yes},
    )
    await family.run()
    assert canary.names == ["look", "look"]
    assert "permission_denied" in family.result_texts("inner")[0]


def _inner_loop(canary: Canary, policies: PolicySet | None, provider: Script) -> Tool:
    """Return a tool that runs a loop of its own, as a program's tool may."""

    async def run(arguments: JsonObject, context: ToolContext) -> ToolResult:
        inner = Setup(
            [], tools=(canary.tool("look"), canary.tool("write", ToolKind.EDIT)), session_id="inner"
        )
        config = replace(inner.config(), provider=provider, policies=policies, ask_permission=_yes)
        try:
            result = await run_agent_loop("go", config)
        except LoopConfigError as error:
            return ToolResult(f"refused: {error}")
        return ToolResult(result.status.value)

    return make_tool("nest", run=run)


@pytest.mark.parametrize("own", [None, {}, {"tools": ["look"]}])
async def test_tools_4_4_loop_inside_a_tool_never_does_more_than_the_loop_around(
    own: JsonObject | None,
) -> None:
    canary = Canary()
    provider = Script([_calls(("write", {}), ("look", {})), END])
    policies = None if own is None else _policies(policy=own)
    run = await Setup(
        [_calls(("nest", {})), END],
        tools=(_inner_loop(canary, policies, provider),),
        extra={"policies": _policies(policy={"tools": ["nest", "look"]})},
    ).run()
    assert canary.names == ["look"]
    assert run.result.tools_successful == ("nest",)


async def test_tools_4_4_loop_that_names_more_than_the_loop_around_has_is_refused() -> None:
    canary = Canary()
    provider = Script([_calls(("write", {})), END])
    inner = _inner_loop(canary, _policies(policy={"tools": ["look", "write"]}), provider)
    run = await Setup(
        [_calls(("nest", {})), END],
        tools=(inner,),
        extra={"policies": _policies(policy={"tools": ["nest", "look"]})},
    ).run()
    assert provider.requests == []
    assert canary.ran == []
    assert "refused: " in run.contents(1)[-1]
    assert "write" in run.contents(1)[-1]


async def test_tools_4_4_policies_end_with_their_loop() -> None:
    canary = Canary()
    tools = (canary.tool("look"),)
    none = _policies(policy={"tools": []})
    await Setup([_calls(("look", {})), END], tools=tools, extra={"policies": none}).run()
    assert canary.ran == []
    await Setup([_calls(("look", {})), END], tools=tools).run()
    assert canary.names == ["look"]


@pytest.mark.parametrize(
    "policies",
    [
        {"policy": {"tool": ["look"]}},
        {"policy": {"side_effect_level": "some"}},
        {"policy": {"tools": "look"}},
        {"approval": {"auto_deny": "look"}},
        {"command_policy": {"require_approval": ["luck"]}},
    ],
)
def test_tools_4_4_malformed_policy_is_refused_before_any_loop(policies: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        _policies(**policies)
