"""Statements of docs/loop.md and docs/tools.md on the plan tools."""

import hashlib
import json
from typing import Any

import pytest

from harn_tui.json_types import JsonObject
from harn_tui.kinds import ToolCallStatus, ToolErrorCategory
from harn_tui.tools.builtin import builtin_tools
from harn_tui.tools.plan import EMIT_PLAN, UPDATE_PLAN
from harn_tui.tools.plan_artifact import plan_artifact
from tests.conformance.loop_driver import Reply, Run, run_loop

PLAN_TOOLS = (UPDATE_PLAN, EMIT_PLAN)
NAMES = [tool.name for tool in PLAN_TOOLS]


async def planned(name: str, **arguments: Any) -> Run:
    return await run_loop(Reply(calls=((name, arguments),)), Reply("ok"), tools=PLAN_TOOLS)


def test_loop_c_2_both_plan_tools_are_built_in() -> None:
    assert {"emit_plan", "update_plan"} <= {tool.name for tool in builtin_tools()}


@pytest.mark.parametrize("name", NAMES)
async def test_loop_c_2_the_artifact_has_its_keys_and_defaults(name: str) -> None:
    run = await planned(name, steps=[{"content": "look"}])
    (event,) = run.of("plan")
    assert event.session_id == "test_session"
    assert {**event.plan, "id": ""} == {
        "_type": "plan_artifact",
        "schema_version": "harn.plan.v1",
        "tool": name,
        "title": "Plan",
        "summary": "",
        "steps": [{"id": "step-1", "content": "look", "status": "pending", "priority": None}],
        "assumptions": [],
        "open_questions": [],
        "verification_commands": [],
        "approval": {"state": "unrequested"},
        "id": "",
    }


@pytest.mark.parametrize("name", NAMES)
async def test_loop_c_2_the_id_is_a_digest_of_the_rest(name: str) -> None:
    (event,) = (await planned(name, title="T", steps=[{"content": "ä"}])).of("plan")
    rest = {key: value for key, value in event.plan.items() if key != "id"}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert event.plan["id"] == f"plan_{hashlib.sha256(text.encode()).hexdigest()[:12]}"


@pytest.mark.parametrize("name", NAMES)
async def test_tools_2_5_row_18_the_plan_follows_the_end_of_its_call(name: str) -> None:
    run = await planned(name, steps=[{"content": "look"}])
    last_update = run.of("tool_call_update")[-1]
    assert last_update.status is ToolCallStatus.COMPLETED
    assert run.types().index("plan") == run.events.index(last_update) + 1
    assert json.loads(last_update.raw_output["text"]) == run.of("plan")[0].plan


@pytest.mark.parametrize("name", NAMES)
async def test_tools_1_9_the_model_reads_the_artifact_as_json(name: str) -> None:
    run = await planned(name, steps=[{"content": "look"}])
    result = str(run.result.messages[2]["content"])
    assert json.loads(result) == run.of("plan")[0].plan
    assert "\n" in result


@pytest.mark.parametrize(
    ("status", "normalised"),
    [
        *((word, "pending") for word in ("pending", "todo", "not_started", "unheard of")),
        *((word, "in_progress") for word in ("in_progress", "active", "running", "started")),
        *((word, "completed") for word in ("completed", "complete", "done")),
        *((word, "blocked") for word in ("blocked", "waiting")),
        *((word, "cancelled") for word in ("cancelled", "canceled", "dropped", "skipped")),
    ],
)
async def test_loop_c_2_step_statuses_have_five_values(status: str, normalised: str) -> None:
    run = await planned("update_plan", steps=[{"content": "x", "status": status}])
    assert run.of("plan")[0].plan["steps"][0]["status"] == normalised


@pytest.mark.parametrize("state", ["unrequested", "requested", "approved", "rejected"])
async def test_loop_c_2_approval_has_four_states(state: str) -> None:
    run = await planned("emit_plan", steps=[{"content": "x"}], approval={"state": state})
    assert run.of("plan")[0].plan["approval"] == {"state": state}


def test_loop_9_14_update_plan_shape_normalizes_to_artifact() -> None:
    arguments: JsonObject = {"plan": [{"step": "look", "status": "done"}], "approved": True}
    artifact = plan_artifact("update_plan", arguments)
    assert artifact["steps"] == [
        {"id": "step-1", "content": "look", "status": "completed", "priority": None}
    ]
    assert artifact["approval"] == {"state": "approved"}


@pytest.mark.parametrize("steps", [[], [{"content": " "}]])
async def test_a_plan_of_no_steps_fails_its_call_and_is_no_event(steps: list[JsonObject]) -> None:
    run = await planned("update_plan", steps=steps)
    assert not run.of("plan")
    last_update = run.of("tool_call_update")[-1]
    assert last_update.status is ToolCallStatus.FAILED
    assert last_update.error_category is ToolErrorCategory.SCHEMA_VALIDATION
    assert "`steps`" in last_update.error


async def test_each_plan_of_a_turn_is_an_event_of_its_own() -> None:
    run = await run_loop(
        Reply(
            calls=(
                ("emit_plan", {"steps": [{"content": "a"}]}),
                ("update_plan", {"steps": [{"content": "a", "status": "done"}]}),
            )
        ),
        Reply("ok"),
        tools=PLAN_TOOLS,
    )
    assert [event.plan["tool"] for event in run.of("plan")] == ["emit_plan", "update_plan"]
