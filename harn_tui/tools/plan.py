"""The plan tools ``update_plan`` and ``emit_plan``: the model says what it is going to do."""

import json
from collections.abc import Sequence

from harn_tui.errors import ToolError
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import ToolErrorCategory, ToolKind
from harn_tui.tools.base import Tool, ToolAnnotations, ToolContext, ToolFunction, ToolResult
from harn_tui.tools.plan_artifact import plan_artifact


def _recorder(tool_name: str) -> ToolFunction:
    async def run(arguments: JsonObject, _context: ToolContext) -> ToolResult:
        plan = plan_artifact(tool_name, arguments)
        if not plan["steps"]:
            raise ToolError(
                "missing required parameter `steps`: no step has any text in `content`.",
                category=ToolErrorCategory.SCHEMA_VALIDATION,
                hint="Send the complete list of steps.",
            )
        text = json.dumps(plan, indent=2, sort_keys=True, ensure_ascii=False)
        return ToolResult(text, details={"plan": plan})

    return run


def _summarize(arguments: JsonObject) -> str:
    steps = plan_artifact("update_plan", arguments)["steps"]
    done = [step for step in _objects(steps) if step["status"] == "completed"]
    total = len(_objects(steps))
    return f"plan of {total} {'step' if total == 1 else 'steps'}, {len(done)} completed"


def _objects(value: JsonValue) -> Sequence[JsonObject]:
    items = value if isinstance(value, list) else []
    return [item for item in items if isinstance(item, dict)]


def _texts_schema(description: str) -> JsonObject:
    return {"type": "array", "items": {"type": "string"}, "description": description}


_STEP_SCHEMA: JsonObject = {
    "type": "object",
    "properties": {
        "content": {"type": "string", "description": "What is to be done, in one sentence."},
        "status": {
            "type": "string",
            "default": "pending",
            "description": "pending, in_progress, completed, blocked or cancelled.",
        },
        "priority": {"type": "string", "description": "high, medium or low, when it matters."},
        "id": {"type": "string", "description": "A name for the step; default step-N."},
    },
    "required": ["content"],
    "additionalProperties": False,
}
_PARAMETERS: JsonObject = {
    "type": "object",
    "properties": {
        "title": {"type": "string", "description": "A short name of the plan."},
        "summary": {"type": "string", "description": "The aim in one or two sentences."},
        "steps": {
            "type": "array",
            "items": _STEP_SCHEMA,
            "description": "All steps in order, also those already completed.",
        },
        "assumptions": _texts_schema("What is taken for granted."),
        "open_questions": _texts_schema("What the person should answer."),
        "verification_commands": _texts_schema("Commands that show that the work is right."),
        "approval": {
            "type": "object",
            "properties": {
                "state": {
                    "type": "string",
                    "enum": ["unrequested", "requested", "approved", "rejected"],
                    "description": "Whether the person was asked to approve the plan.",
                }
            },
            "description": "Leave out unless the person is to approve the plan.",
        },
    },
    "required": ["steps"],
    "additionalProperties": False,
}


def _plan_tool(name: str, description: str) -> Tool:
    return Tool(
        name=name,
        description=description,
        parameters=_PARAMETERS,
        annotations=ToolAnnotations(ToolKind.THINK, "read_only"),
        run=_recorder(name),
        summarize=_summarize,
    )


UPDATE_PLAN = _plan_tool(
    "update_plan",
    "Show the person the plan and how far it is. Send the complete list of steps each time; keep"
    " exactly one step in_progress while you work.",
)
EMIT_PLAN = _plan_tool(
    "emit_plan",
    "Put a first plan before the person, before any work begins. Use update_plan afterwards.",
)
