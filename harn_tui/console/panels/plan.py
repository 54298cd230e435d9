"""The side panel's plan and task ledger: each step with a glyph and a word for its state."""

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from harn_tui.console.plain_text import one_line
from harn_tui.json_types import JsonObject, JsonValue

_LOOKS = {
    "completed": ("✓", "done", "$success"),
    "done": ("✓", "done", "$success"),
    "in_progress": ("●", "now", "$primary"),
    "active": ("●", "now", "$primary"),
    "pending": ("○", "to do", "$muted"),
    "blocked": ("▲", "blocked", "$warning"),
    "failed": ("✗", "failed", "$error"),
    "cancelled": ("✗", "dropped", "$muted"),
    "skipped": ("–", "skipped", "$muted"),
    "open": ("○", "open", "$muted"),
    "dropped": ("✗", "dropped", "$muted"),
}
_STEP_KEYS = ("steps", "entries")
_SHOWN_OBSERVATIONS = 5


class PlanList(VerticalScroll, can_focus=False):
    """Draws the newest plan."""

    DEFAULT_CSS = """
    PlanList { height: 1fr; background: $surface; padding: 0 1; scrollbar-size: 0 1;
        scrollbar-gutter: stable;
    }
    PlanList Static { height: auto; }
    """

    def __init__(self) -> None:
        super().__init__(id="plan-list")

    def compose(self) -> ComposeResult:
        """Compose the text of the plan."""
        yield Static(plan_content(None), id="plan-text", markup=False)

    def show(self, plan: JsonObject | None, ledger: JsonObject | None) -> None:
        """Draw both; ``None`` for what the model did not make."""
        parts = [plan_content(plan)] if plan_steps(plan) or ledger is None else []
        if ledger is not None:
            parts.append(ledger_content(ledger))
        self.query_one("#plan-text", Static).update(Content("\n\n").join(parts))


def plan_content(plan: JsonObject | None) -> Content:
    """Return the plan as one line a step."""
    steps = plan_steps(plan)
    if not steps:
        return Content.styled("No plan yet.", "$muted")
    lines: list[Content] = []
    for text, state in steps:
        glyph, word, style = _LOOKS.get(state, ("○", one_line(state.replace("_", " ")), "$muted"))
        is_past = word in {"done", "dropped", "skipped"}
        lines.append(
            Content.assemble(
                (f"{glyph} ", style), (text, "$muted" if is_past else ""), (f"  {word}", style)
            )
        )
    return Content("\n").join(lines)


def ledger_content(ledger: JsonObject) -> Content:
    """Return the task ledger: its deliverables with their notes, and the newest observations."""
    lines = [Content.styled("Task ledger", "bold")]
    for item in _members(ledger, "deliverables"):
        state = str(item.get("status", ""))
        glyph, word, style = _LOOKS.get(state, ("○", one_line(state), "$muted"))
        text = one_line(str(item.get("text", "")))
        note = f"\n  {one_line(str(item['note']))}" if item.get("note") else ""
        lines.append(
            Content.assemble((f"{glyph} ", style), text, (f"  {word}", style), (note, "$muted"))
        )
    observations = ledger.get("observations")
    newest = observations[-_SHOWN_OBSERVATIONS:] if isinstance(observations, list) else []
    lines += [Content.styled(f"· {one_line(str(text))}", "$muted") for text in newest]
    return Content("\n").join(lines)


def _members(ledger: JsonObject, key: str) -> list[JsonObject]:
    found = ledger.get(key)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def plan_progress(plan: JsonObject | None) -> str:
    """Return finished and all steps as ``2/5``; empty without a plan."""
    steps = plan_steps(plan)
    done = sum(_LOOKS.get(state, ("", "", ""))[1] == "done" for _, state in steps)
    return f"{done}/{len(steps)}" if steps else ""


def plan_steps(plan: JsonObject | None) -> list[tuple[str, str]]:
    """Return (text, state) of each step of a ``harn.plan.v1``; what is not a step is left out."""
    if plan is None:
        return []
    found = next((plan[key] for key in _STEP_KEYS if isinstance(plan.get(key), list)), [])
    steps = found if isinstance(found, list) else []
    return [step for entry in steps if (step := _step(entry)) is not None]


def _step(entry: JsonValue) -> tuple[str, str] | None:
    if isinstance(entry, str):
        return one_line(entry), "pending"
    if not isinstance(entry, dict):
        return None
    text, state = entry.get("content"), entry.get("status")
    if not isinstance(text, str) or not text.strip():
        return None
    return one_line(text), state if isinstance(state, str) else "pending"
