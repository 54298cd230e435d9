"""Questions to the person: the answer, and opened the question with all there was to choose."""

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
    answers = [_text(answer) for answer in _items(details.get("answers"))]
    if is_folded:
        said = answers or (["declined"] if details.get("is_declined") is True else [])
        return [_unit(split_lines(text)[:1], _SAID) for text in said]
    options = _items(details.get("options"))
    labels = [_text(option.get("label")) for option in options if isinstance(option, dict)]
    said = [text for text in answers if text not in labels]
    return [
        _unit(split_lines(_text(details.get("question"))), ("", Role.TEXT, Role.TEXT)),
        *(_unit(split_lines(label), _mark(label, answers)) for label in labels),
        *(_unit(split_lines(text), _SAID) for text in said),
    ]


def _hint(block: ToolBlock, is_folded: bool) -> str:
    if "question_id" not in block.details:
        return lines_hint(block, is_folded)
    return "▸" if is_folded else "▾"


def _mark(label: str, answers: list[str]) -> tuple[str, Role, Role]:
    return _CHOSEN if label in answers else _LEFT


def _unit(lines: list[str], look: tuple[str, Role, Role]) -> Unit:
    sign, sign_role, role = look
    margin = BODY_MARGIN + Margin(((sign, sign_role),), ((" " * len(sign), Role.TEXT),))
    return TextUnit(lines, role, margin)


def _items(value: JsonValue) -> list[JsonValue]:
    return list(value) if isinstance(value, list) else []


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else ""


QUESTION_LOOK = ToolLook(body=_body, hint=_hint)
