"""Questions to the person: the question in full, what there was to choose, and the answer."""

from harn_tui.console.transcript.clean import split_lines
from harn_tui.console.transcript.pen import Margin
from harn_tui.console.transcript.roles import Role
from harn_tui.console.transcript.text_units import TextUnit
from harn_tui.console.transcript.tools.look import (
    BODY_MARGIN,
    ToolLook,
    folded_result,
    lines_hint,
)
from harn_tui.console.transcript.unit import Unit
from harn_tui.json_types import JsonValue
from harn_tui.view.model import ToolBlock

_CHOSEN, _LEFT = ("✓ ", Role.SUCCESS, Role.STRONG), ("○ ", Role.MUTED, Role.MUTED)
_SAID = ("> ", Role.MUTED, Role.TEXT)


def _body(block: ToolBlock, is_folded: bool) -> list[Unit]:
    details = block.details
    if "question_id" not in details:
        return folded_result(block, is_folded)
    if is_folded:
        return []
    options = _items(details.get("options"))
    labels = [_text(option.get("label")) for option in options if isinstance(option, dict)]
    answers = [_text(answer) for answer in _items(details.get("answers"))]
    return [
        *_units(_text(details.get("question")), ("", Role.TEXT, Role.TEXT)),
        *(unit for label in labels for unit in _units(label, _mark(label, answers))),
        *(unit for text in answers if text not in labels for unit in _units(text, _SAID)),
    ]


def _hint(block: ToolBlock, is_folded: bool) -> str:
    if "question_id" not in block.details:
        return lines_hint(block, is_folded)
    return "▸" if is_folded else "▾"


def _mark(label: str, answers: list[str]) -> tuple[str, Role, Role]:
    return _CHOSEN if label in answers else _LEFT


def _units(text: str, look: tuple[str, Role, Role]) -> list[Unit]:
    sign, sign_role, role = look
    margin = BODY_MARGIN + Margin(((sign, sign_role),), ((" " * len(sign), Role.TEXT),))
    return [TextUnit(split_lines(text), role, margin)]


def _items(value: JsonValue) -> list[JsonValue]:
    return list(value) if isinstance(value, list) else []


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else ""


QUESTION_LOOK = ToolLook(body=_body, hint=_hint)
