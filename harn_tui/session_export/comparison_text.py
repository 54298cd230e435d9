"""A comparison of two sessions as lines for people."""

import json

from harn_tui.json_types import JsonValue
from harn_tui.session_export.comparison import Comparison, Divergence, Side, Turn
from harn_tui.view.durations import duration_words
from harn_tui.view.plain import one_line

_NAME_CELLS = 20
_VALUE_CELLS = 36
_SHOWN_CHARACTERS = 300
_PART_WORDS = {
    "request": "what was asked",
    "calls": "the tool calls",
    "reply": "what the model said",
    "results": "what the tools gave",
    "end": "one session ends before it",
}


def comparison_text(comparison: Comparison) -> str:
    """Return the lines, without a line end at the end."""
    left, right = comparison.left, comparison.right
    lines = [_row("", left.session_id, right.session_id)]
    lines += [_row(name, one, other) for name, one, other in _figures(left, right)]
    lines += ["", _divergence(comparison.divergence), ""]
    lines += _turns(comparison)
    return "\n".join(line.rstrip() for line in lines)


def _figures(left: Side, right: Side) -> list[tuple[str, str, str]]:
    facts = zip(_facts(left), _facts(right), strict=True)
    rows = [(name, one, other) for (name, one), (_, other) in facts]
    tools = sorted(left.tools.keys() | right.tools.keys())
    rows += [(f"· {tool}", str(left.tools[tool]), str(right.tools[tool])) for tool in tools]
    rows.append(("files", str(len(left.files)), str(len(right.files))))
    paths = sorted(left.files.keys() | right.files.keys())
    return rows + [(f"· {path}", _lines(left, path), _lines(right, path)) for path in paths]


def _facts(side: Side) -> list[tuple[str, str]]:
    cost = "unknown" if side.cost_usd is None else f"${side.cost_usd:.4f}"
    return [
        ("model", side.model or "-"),
        ("ended", side.status or "-"),
        ("turns", str(len(side.turns))),
        ("time", duration_words(side.active_ms)),
        ("tokens", f"{side.input_tokens:,} sent, {side.output_tokens:,} received"),
        ("cost", cost),
        ("tool calls", f"{sum(side.tools.values())} ({side.failed_calls} failed)"),
    ]


def _lines(side: Side, path: str) -> str:
    added, removed = side.files.get(path, (0, 0))
    return f"+{added} -{removed}" if path in side.files else "-"


def _divergence(found: Divergence | None) -> str:
    if found is None:
        return "All turns are the same."
    head = f"They part in turn {found.turn}: {_PART_WORDS[found.part]}."
    if found.part == "end":
        return head
    return f"{head}\n  left:  {_shown(found.left)}\n  right: {_shown(found.right)}"


def _turns(comparison: Comparison) -> list[str]:
    differing = set(comparison.differing_turns)
    lines = []
    for number in range(1, max(len(comparison.left.turns), len(comparison.right.turns)) + 1):
        sign = "≠" if number in differing else "="
        one, other = (_summary(side.turns, number) for side in (comparison.left, comparison.right))
        lines.append(_row(f"{sign} turn {number}", one, other))
    return lines


def _summary(turns: list[Turn], number: int) -> str:
    if number > len(turns):
        return "-"
    turn = turns[number - 1]
    calls = ", ".join(name for name, _ in turn.calls.values())
    spent = duration_words(max(0, turn.ended_at_ms - turn.started_at_ms))
    return f"{spent}  {calls or turn.said or '(nothing)'}"


def _shown(value: JsonValue) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return one_line(text, _SHOWN_CHARACTERS)


def _row(name: str, left: str, right: str) -> str:
    one, other = one_line(left, _VALUE_CELLS), one_line(right, _VALUE_CELLS)
    return f"{one_line(name, _NAME_CELLS * 2):<{_NAME_CELLS}} {one:<{_VALUE_CELLS}}  {other}"
