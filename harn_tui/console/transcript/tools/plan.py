"""Plans: every step with its state."""

from harn_tui.console.transcript.pen import Margin
from harn_tui.console.transcript.roles import Role
from harn_tui.console.transcript.text_bodies import counted
from harn_tui.console.transcript.text_units import NoteUnit, TextUnit
from harn_tui.console.transcript.tools.look import (
    BODY_MARGIN,
    ToolLook,
    folded_result,
    lines_hint,
)
from harn_tui.console.transcript.unit import Unit
from harn_tui.json_types import JsonObject
from harn_tui.view.model import ToolBlock

MAX_STEPS = 200
"""Steps that are drawn."""

_STATES = {
    "completed": ("✓ ", Role.SUCCESS, Role.MUTED),
    "in_progress": ("● ", Role.RUNNING, Role.STRONG),
    "blocked": ("◆ ", Role.WARNING, Role.TEXT),
    "cancelled": ("■ ", Role.MUTED, Role.FAINT),
}
_PENDING = ("○ ", Role.MUTED, Role.TEXT)


def plan_steps(block: ToolBlock) -> list[JsonObject]:
    """Return the steps of the plan that the call recorded, or was asked to record."""
    plan = block.details.get("plan")
    source = plan if isinstance(plan, dict) else block.arguments
    steps = source.get("steps") if isinstance(source, dict) else None
    return [step for step in steps if isinstance(step, dict)] if isinstance(steps, list) else []


def _step_unit(step: JsonObject) -> Unit:
    mark, mark_role, role = _STATES.get(str(step.get("status")), _PENDING)
    margin = BODY_MARGIN + Margin(((mark, mark_role),), (("  ", Role.TEXT),))
    return TextUnit([" ".join(str(step.get("content", "")).split())], role, margin)


def _body(block: ToolBlock, is_folded: bool) -> list[Unit]:
    steps = plan_steps(block)
    if not steps:
        return folded_result(block, is_folded)
    units = [_step_unit(step) for step in steps[:MAX_STEPS]]
    if len(steps) > MAX_STEPS:
        units.append(NoteUnit(f"… {counted(len(steps) - MAX_STEPS, 'more step')}", BODY_MARGIN))
    return units


def _hint(block: ToolBlock, is_folded: bool) -> str:
    steps = plan_steps(block)
    if not steps:
        return lines_hint(block, is_folded)
    done = sum(step.get("status") == "completed" for step in steps)
    return f"{done} of {len(steps)} done"


PLAN_LOOK = ToolLook(body=_body, hint=_hint)
