"""The plan tools."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.errors import ToolError
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.tools.plan_artifact import plan_artifact
from tests.unit.tools.conftest import Workspace


def steps_of(*steps: JsonValue) -> list[JsonObject]:
    plan = plan_artifact("update_plan", {"steps": list(steps)})
    kept = plan["steps"]
    assert isinstance(kept, list)
    return [step for step in kept if isinstance(step, dict)]


async def test_events_1_9_the_pinned_plan_gets_its_pinned_id(workspace: Workspace) -> None:
    result = await workspace.call(
        "emit_plan",
        summary="Ship plan events.",
        steps=[
            {"content": "Emit plan event.", "status": "done"},
            {"content": "Verify fixtures."},
        ],
        verification_commands=["cargo test -p harn-serve acp"],
    )
    assert result.details["plan"] == {
        "_type": "plan_artifact",
        "approval": {"state": "unrequested"},
        "assumptions": [],
        "id": "plan_835c9eaf0b1e",
        "open_questions": [],
        "schema_version": "harn.plan.v1",
        "steps": [
            {
                "content": "Emit plan event.",
                "id": "step-1",
                "priority": None,
                "status": "completed",
            },
            {"content": "Verify fixtures.", "id": "step-2", "priority": None, "status": "pending"},
        ],
        "summary": "Ship plan events.",
        "title": "Plan",
        "tool": "emit_plan",
        "verification_commands": ["cargo test -p harn-serve acp"],
    }
    assert json.loads(result.text) == result.details["plan"]
    assert "\n" in result.text


@pytest.mark.parametrize(
    ("given_status", "status"),
    [
        ("pending", "pending"),
        ("todo", "pending"),
        ("not_started", "pending"),
        ("whatever", "pending"),
        ("in_progress", "in_progress"),
        ("In Progress", "in_progress"),
        ("in-progress", "in_progress"),
        ("active", "in_progress"),
        ("running", "in_progress"),
        ("started", "in_progress"),
        ("completed", "completed"),
        ("complete", "completed"),
        ("done", "completed"),
        ("blocked", "blocked"),
        ("waiting", "blocked"),
        ("cancelled", "cancelled"),
        ("canceled", "cancelled"),
        ("dropped", "cancelled"),
        ("skipped", "cancelled"),
    ],
)
def test_loop_c_2_step_statuses_have_aliases(given_status: str, status: str) -> None:
    assert steps_of({"content": "x", "status": given_status})[0]["status"] == status


def test_loop_9_14_plan_and_step_are_other_words_for_steps_and_content() -> None:
    plan = plan_artifact("update_plan", {"plan": [{"step": "x"}, "y"], "approved": True})
    steps = plan["steps"]
    assert isinstance(steps, list)
    assert [step["content"] for step in steps if isinstance(step, dict)] == ["x", "y"]
    assert plan["approval"] == {"state": "approved"}


@pytest.mark.parametrize(
    ("approval", "expected"),
    [
        (None, {"state": "unrequested"}),
        ("requested", {"state": "requested"}),
        ({"state": "rejected", "by": "me"}, {"state": "rejected", "by": "me"}),
        ({"state": "maybe"}, {"state": "unrequested"}),
    ],
)
def test_approval_has_four_states(approval: JsonValue, expected: JsonObject) -> None:
    assert plan_artifact("update_plan", {"approval": approval})["approval"] == expected


def test_the_id_follows_the_content() -> None:
    first = plan_artifact("update_plan", {"steps": ["a"]})
    assert first["id"] == plan_artifact("update_plan", {"steps": [{"content": " a "}]})["id"]
    assert first["id"] != plan_artifact("emit_plan", {"steps": ["a"]})["id"]
    assert first["id"] != plan_artifact("update_plan", {"steps": ["b"]})["id"]


def test_given_ids_and_priorities_stay() -> None:
    step = steps_of({"content": "x", "id": "one", "priority": "high"})[0]
    assert step == {"id": "one", "content": "x", "status": "pending", "priority": "high"}


async def test_a_plan_without_steps_is_refused(workspace: Workspace) -> None:
    cases: list[JsonObject] = [{}, {"steps": []}, {"steps": [{"content": " "}]}]
    for arguments in cases:
        with pytest.raises(ToolError, match="missing required parameter `steps`"):
            await workspace.call("update_plan", **arguments)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["content", "id"]), inner),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(["steps", "plan", "title", "approval"]), JSON))
def test_any_arguments_make_a_plan_of_the_same_shape(arguments: JsonObject) -> None:
    plan = plan_artifact("update_plan", arguments)
    assert list(plan) == list(plan_artifact("update_plan", {}))
    assert str(plan["id"]).startswith("plan_")
