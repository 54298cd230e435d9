"""Skills of a run (docs/skills.md): what a loop with skills offers, tells, refuses and keeps."""

from collections.abc import Callable
from typing import Any

import pytest

from harn_tui.config.loop_options import LoopOptions
from harn_tui.feedback.queue import FeedbackQueue
from harn_tui.json_types import JsonObject
from harn_tui.kinds import LoopStatus, ToolErrorCategory
from harn_tui.loop.callbacks import LoopCallbacks
from harn_tui.loop.config import LoopRequest
from harn_tui.sinks.base import CollectingSink
from harn_tui.skills.skill import Skill
from harn_tui.skills.skill_set import SkillSet
from harn_tui.tools.base import ToolContext, ToolResult
from harn_tui.transcripts.session_store import SessionStore
from tests.conformance.loop_driver import SESSION_ID, Reply, Run, Setup, make_tool
from tests.conformance.text_replies import tagged

DEPLOY = Skill(
    "deploy",
    description="Release the service to production servers",
    prompt="Deploy body: ask before you release.",
    allowed_tools=("ship",),
)
REVIEW = Skill(
    "review",
    description="Criticise patches and diffs thoroughly",
    prompt="Review body.",
    allowed_tools=("look",),
)
ASK_DEPLOY = "deploy this"
TOOLS = (make_tool("ship"), make_tool("look"), make_tool("wipe"))
END = Reply("end")


def _setup(*replies: Reply, **changes: Any) -> Setup:
    extra = {"skills": SkillSet([DEPLOY, REVIEW]), **changes.pop("extra", {})}
    return Setup(replies, tools=changes.pop("tools", TOOLS), extra=extra, **changes)


def _offered(run: Run, request: int) -> set[str]:
    return {tool.name for tool in run.provider.requests[request].tools}


def _system(run: Run, request: int) -> str:
    return run.provider.requests[request].system or ""


def _active(run: Run) -> list[str]:
    return [event.skill_name for event in run.of("skill_activated")]


def _push(queue: FeedbackQueue, text: str, kind: str = "user") -> Callable[[], object]:
    return lambda: queue.push(SESSION_ID, kind, text)


def _load(name: str) -> Reply:
    return Reply(calls=(("load_skill", {"name": name}),))


async def test_tools_5_matching_skill_is_active_before_the_first_turn_begins() -> None:
    run = await _setup(END).run(ASK_DEPLOY)
    types = [t for t in run.types() if t.startswith("skill_") or t == "turn_start"]
    assert types == ["skill_activated", "skill_scope_tools", "turn_start"]
    (activated,), (scoped,) = run.of("skill_activated"), run.of("skill_scope_tools")
    assert (activated.skill_name, activated.iteration) == ("deploy", 0)
    assert (scoped.skill_name, scoped.allowed_tools) == ("deploy", ["ship"])
    assert "Deploy body" in _system(run, 0)
    assert "Review body" not in _system(run, 0)
    assert _offered(run, 0) == {"ship", "load_skill"}
    assert run.result.active_skills == ("deploy",)


async def test_tools_5_request_that_no_skill_fits_narrows_nothing() -> None:
    run = await _setup(END).run("hello there")
    assert _active(run) == []
    assert _offered(run, 0) == {"ship", "look", "wipe", "load_skill"}
    assert "Active skills" not in _system(run, 0)


@pytest.mark.parametrize("tool_format", ["native", "text"])
async def test_tools_odd_16_call_outside_the_scope_is_refused_and_never_runs(
    tool_format: str,
) -> None:
    ran: list[JsonObject] = []

    async def wipe(arguments: JsonObject, context: ToolContext) -> ToolResult:
        ran.append(arguments)
        return ToolResult("wiped")

    def call(name: str) -> Reply:
        if tool_format == "native":
            return Reply(calls=((name, {}),))
        return Reply(tagged(f'{name}({{ path: "a" }})'))

    run = await _setup(
        call("wipe"),
        call("ship"),
        Reply("<done>##DONE##</done>" if tool_format == "text" else "end"),
        tools=(make_tool("ship"), make_tool("wipe", run=wipe)),
        options=LoopOptions(tool_format=tool_format, max_iterations=3),
    ).run(ASK_DEPLOY)
    assert ran == []
    assert "wipe" not in _offered(run, 0)
    assert "wipe" not in _system(run, 0)
    assert "wipe" in run.contents(1)[-1]
    assert run.result.tools_successful == ("ship",)
    assert "ship [" in run.contents(2)[-1]


async def test_tools_odd_16_text_format_says_of_a_tool_out_of_scope_what_the_native_one_says() -> (
    None
):
    run = await _setup(
        Reply(tagged("wipe({})")),
        Reply("<done>##DONE##</done>"),
        options=LoopOptions(tool_format="text"),
    ).run(ASK_DEPLOY)
    assert "The active skills do not allow 'wipe'. They allow: ship." in str(run.contents(1)[-1])


async def test_tools_odd_16_refusal_says_which_tools_the_skills_allow() -> None:
    run = await _setup(Reply(calls=(("wipe", {}),)), END).run(ASK_DEPLOY)
    assert "The active skills do not allow 'wipe'. They allow: ship." in run.contents(1)[-1]
    (refused,) = (e for e in run.of("tool_call_update") if e.status.is_terminal)
    assert refused.error_category is ToolErrorCategory.PERMISSION_DENIED
    assert (refused.executor, refused.execution_duration_ms) == (None, None)
    assert run.result.tools_rejected == ("wipe",)


async def test_tools_5_ledger_stays_callable_in_every_scope() -> None:
    run = await _setup(
        Reply(calls=(("ledger", {"action": "add", "text": "more"}),)),
        END,
        options=LoopOptions(
            task_ledger={"deliverables": [{"id": "a", "text": "do"}]}, max_iterations=2
        ),
    ).run(ASK_DEPLOY)
    assert _offered(run, 0) == {"ship", "load_skill", "ledger"}
    assert "do not allow" not in "\n".join(run.contents(1))


async def test_tools_5_matched_skill_stays_when_the_person_goes_on_about_something_else() -> None:
    queue = FeedbackQueue()
    run = await _setup(
        Reply(calls=(("ship", {}),), before=_push(queue, "review the patches and diffs")),
        END,
        feedback=queue,
    ).run(ASK_DEPLOY)
    assert _active(run) == ["deploy"]
    assert run.of("skill_deactivated") == []
    assert "Deploy body" in _system(run, 1)


async def test_tools_5_skill_that_does_not_stay_gives_way_to_the_one_that_fits_now() -> None:
    queue = FeedbackQueue()
    run = await _setup(
        Reply(calls=(("ship", {}),), before=_push(queue, "review the patches and diffs")),
        Reply(calls=(("ship", {}),)),
        END,
        feedback=queue,
        options=LoopOptions(skill_match={"sticky": False}),
    ).run(ASK_DEPLOY)
    assert _active(run) == ["deploy", "review"]
    changes = [t for t in run.types() if t.startswith("skill_")]
    assert changes[2:] == ["skill_deactivated", "skill_activated", "skill_scope_tools"]
    assert _offered(run, 2) == {"look", "load_skill"}


async def test_tools_5_loaded_skills_tools_count_from_the_next_turn() -> None:
    run = await _setup(
        Reply(calls=(("load_skill", {"name": "review"}), ("look", {}))),
        Reply(calls=(("look", {}),)),
        END,
    ).run(ASK_DEPLOY)
    results = [str(m["content"]) for m in run.result.messages if m["role"] == "tool"]
    assert "Review body." in results[0]
    assert "The active skills do not allow 'look'" in results[1]
    assert results[2] == "look []"
    assert [_offered(run, i) for i in range(2)] == [
        {"ship", "load_skill"},
        {"ship", "look", "load_skill"},
    ]


async def test_tools_5_unknown_skill_is_a_failed_call_that_changes_nothing() -> None:
    run = await _setup(_load("nothing"), END).run(ASK_DEPLOY)
    (ended,) = (e for e in run.of("tool_call_update") if e.status.is_terminal)
    assert ended.error_category is ToolErrorCategory.SCHEMA_VALIDATION
    assert "skill_not_found" in run.contents(1)[-1]
    assert run.result.active_skills == ("deploy",)


async def test_tools_5_skills_of_the_last_result_are_active_in_the_next_run() -> None:
    first = await _setup(_load("review"), END).run(ASK_DEPLOY)
    again = await _setup(END).run(
        LoopRequest(prompt="hello", skills_before=first.result.active_skills)
    )
    assert _active(again) == ["deploy"]
    assert "Deploy body" in _system(again, 0)
    assert _offered(again, 0) == {"ship", "look", "load_skill"}
    assert again.result.active_skills == first.result.active_skills


async def test_tools_5_skills_of_a_stored_session_are_active_in_its_next_run() -> None:
    extra = {"sessions": SessionStore()}
    await _setup(_load("review"), END, extra=extra).run(ASK_DEPLOY)
    again = await _setup(END, extra=extra).run("hello")
    assert _active(again) == ["deploy"]
    assert _offered(again, 0) == {"ship", "look", "load_skill"}
    other = await _setup(END, extra=extra, session_id="another").run("hello")
    assert _active(other) == []


async def test_tools_5_skill_that_is_gone_is_dropped_and_matching_begins_anew() -> None:
    run = await _setup(END).run(LoopRequest(prompt=ASK_DEPLOY, skills_before=("gone",)))
    assert _active(run) == ["deploy"]


async def test_loop_10_55_feedback_of_the_runtime_matches_no_skill() -> None:
    queue = FeedbackQueue()
    run = await _setup(
        Reply(calls=(("look", {}),), before=_push(queue, "deploy this", "tool_result")),
        Reply(calls=(("look", {}),)),
        END,
        feedback=queue,
        options=LoopOptions(skill_match={"sticky": False}),
    ).run("hello")
    assert "deploy this" in "\n".join(run.contents(1))
    assert _active(run) == []


async def test_loop_10_55_callback_feedback_matches_a_skill() -> None:
    said = iter(["deploy this"])

    def callback(info: JsonObject) -> str | None:
        return next(said, None)

    run = await _setup(
        Reply(calls=(("look", {}),)),
        Reply(calls=(("look", {}),)),
        END,
        options=LoopOptions(skill_match={"sticky": False}),
        extra={"callbacks": LoopCallbacks(post_turn=callback)},
    ).run("hello")
    assert _active(run) == ["deploy"]


@pytest.mark.parametrize("chosen", ["review", "deploy"])
async def test_tools_5_skills_option_leaves_only_the_named_skills(chosen: str) -> None:
    run = await _setup(END, options=LoopOptions(skills=(chosen,))).run(ASK_DEPLOY)
    assert _active(run) == (["deploy"] if chosen == "deploy" else [])
    (loader,) = (t for t in run.provider.requests[0].tools if t.name == "load_skill")
    other = {"review": "deploy", "deploy": "review"}[chosen]
    assert chosen in loader.description
    assert other not in loader.description


async def test_tools_5_hooks_of_a_skill_run_once_each() -> None:
    heard: list[str] = []

    def hook(word: str) -> Callable[[], Any]:
        async def run() -> None:
            heard.append(word)

        return run

    skill = Skill("deploy", description="d", on_activate=hook("on"), on_deactivate=hook("off"))
    queue = FeedbackQueue()
    await _setup(
        Reply(calls=(("look", {}),), before=_push(queue, "never mind that")),
        Reply(calls=(("look", {}),)),
        END,
        feedback=queue,
        options=LoopOptions(skill_match={"sticky": False}),
        extra={"skills": SkillSet([skill])},
    ).run(ASK_DEPLOY)
    assert heard == ["on", "off"]


@pytest.mark.parametrize("allowed", [(), ("look",)])
async def test_tools_5_activation_is_told_before_its_hook_runs(allowed: tuple[str, ...]) -> None:
    sink = CollectingSink()
    seen: list[list[str]] = []

    async def hook() -> None:
        seen.append([event.type for event in sink.events if event.type.startswith("skill_")])

    skill = Skill("deploy", description="d", allowed_tools=allowed, on_activate=hook)
    await _setup(END, sink=sink, extra={"skills": SkillSet([skill])}).run(ASK_DEPLOY)
    assert seen == [["skill_activated", *(["skill_scope_tools"] if allowed else [])]]


async def test_tools_5_hook_that_fails_ends_the_run_as_an_error_that_names_it() -> None:
    async def hook() -> None:
        raise RuntimeError("boom")

    skill = Skill("deploy", description="d", on_activate=hook)
    run = await _setup(END, extra={"skills": SkillSet([skill])}).run(ASK_DEPLOY)
    assert run.result.status is LoopStatus.ERROR
    assert run.result.error is not None
    assert "on_activate of the skill deploy" in run.result.error.lower()
    assert run.types()[-1] == "loop_end"
