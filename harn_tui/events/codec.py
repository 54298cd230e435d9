"""Encode a record as one line of a log, and decode it.

A line is ``{"index":…,"emitted_at_ms":…,"frame_depth":…,"type":…,"session_id":…,…}``: compact
JSON, UTF-8 unescaped, envelope first, then the event's fields in declared order. The field rules
are those of ``events.agent``. Decoding keeps an unknown ``type`` as it was read.
"""

import json
from dataclasses import MISSING, dataclass, fields
from enum import Enum
from typing import Any, get_args

from harn_tui.events.record import EVENT_CLASSES, Event, Record, UnknownEvent
from harn_tui.json_types import JsonObject

_ENVELOPE_KEYS = frozenset({"index", "emitted_at_ms", "frame_depth"})

_encode_as_built = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_encode_sorted = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


class RecordDecodeError(ValueError):
    """A line that is not a record; the message says why."""


@dataclass(frozen=True, slots=True)
class _FieldPlan:
    """How one field of one event class is written and read."""

    name: str
    key: str
    omit_when_none: bool
    declared_order: bool
    required: bool
    accepted: tuple[type, ...] | None
    """JSON types the field may hold; ``None`` when any JSON value will do."""
    enum: type[Enum] | None


def _accepted_types(hint: object) -> tuple[type, ...] | None:
    if isinstance(hint, str):  # the alias JsonValue is recursive, hence a string at run time
        return None
    accepted: list[type] = []
    for option in get_args(hint) if _is_union(hint) else (hint,):
        origin = getattr(option, "__origin__", option)
        if not isinstance(origin, type) or issubclass(origin, Enum):
            accepted.append(str)
        elif origin is float:
            accepted += (float, int)
        else:
            accepted.append(origin)
    return tuple(accepted)


def _is_union(hint: object) -> bool:
    return type(None) in get_args(hint)


def _enum_class(hint: object) -> type[Enum] | None:
    for option in (hint, *get_args(hint)):
        if isinstance(option, type) and issubclass(option, Enum):
            return option
    return None


def _build_plan(cls: type[Any]) -> tuple[_FieldPlan, ...]:
    return tuple(
        _FieldPlan(
            name=item.name,
            key=f',"{item.name}":',
            omit_when_none=bool(item.metadata.get("omit_when_none")),
            declared_order=bool(item.metadata.get("declared_order")),
            required=item.default is MISSING,
            accepted=_accepted_types(item.type),
            enum=_enum_class(item.type),
        )
        for item in fields(cls)
    )


_plans: dict[type[Any], tuple[_FieldPlan, ...]] = {}


def _plan(cls: type[Any]) -> tuple[_FieldPlan, ...]:
    plan = _plans.get(cls)
    if plan is None:
        plan = _plans[cls] = _build_plan(cls)
    return plan


def encode_event(event: Event) -> str:
    """Return the event's own JSON object, without the envelope."""
    return "{" + _encode_members(event)[1:] + "}"


def encode_record(record: Record) -> str:
    """Return the record as one line of text, without the line end.

    Lone surrogates, which UTF-8 cannot carry, are replaced by U+FFFD.
    """
    depth = "null" if record.frame_depth is None else str(record.frame_depth)
    line = (
        f'{{"index":{record.index},"emitted_at_ms":{record.emitted_at_ms},"frame_depth":{depth}'
        f"{_encode_members(record.event)}}}"
    )
    if line.isascii():
        return line
    return line.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _encode_members(event: Event) -> str:
    """Return the event's members, each led by a comma."""
    if isinstance(event, UnknownEvent):
        return "".join(
            f",{_encode_as_built(k)}:{_encode_as_built(v)}" for k, v in event.payload.items()
        )
    parts = [f',"type":"{event.type}"']
    for plan in _plan(type(event)):
        value = getattr(event, plan.name)
        if value is None and plan.omit_when_none:
            continue
        encode = _encode_as_built if plan.declared_order else _encode_sorted
        parts += (plan.key, encode(value))
    return "".join(parts)


def decode_record(line: str | bytes) -> Record:
    """Return the record on ``line``.

    Missing optional and nullable fields take their defaults and extra keys are ignored, so that
    older and newer logs load. Raises RecordDecodeError for anything that is not a record.
    """
    try:
        members = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise RecordDecodeError(f"not JSON: {error}") from error
    if not isinstance(members, dict):
        raise RecordDecodeError("not a JSON object")
    index, at, depth = (members.get(k) for k in ("index", "emitted_at_ms", "frame_depth"))
    if type(index) is not int or index < 0:
        raise RecordDecodeError("no usable `index`")
    if type(at) is not int:
        raise RecordDecodeError("no usable `emitted_at_ms`")
    if depth is not None and type(depth) is not int:
        raise RecordDecodeError("`frame_depth` is neither a number nor null")
    return Record(index, at, depth, decode_event(members))


def decode_event(members: JsonObject) -> Event:
    """Return the event in a decoded object; envelope keys in it are ignored.

    Raises RecordDecodeError when ``type`` or ``session_id`` is missing, or when a field of a
    known type is missing or holds a value of the wrong type.
    """
    tag, session_id = members.get("type"), members.get("session_id")
    if not isinstance(tag, str):
        raise RecordDecodeError("no `type`")
    if not isinstance(session_id, str):
        raise RecordDecodeError("no `session_id`")
    cls = EVENT_CLASSES.get(tag)
    if cls is None:
        payload = {k: v for k, v in members.items() if k not in _ENVELOPE_KEYS}
        return UnknownEvent(tag, session_id, payload)
    values: dict[str, Any] = {}
    for plan in _plan(cls):
        value = members.get(plan.name)
        if value is None and plan.name not in members and not plan.required:
            continue
        values[plan.name] = _decode_field(tag, plan, value)
    event: Event = cls(**values)
    return event


def _decode_field(tag: str, plan: _FieldPlan, value: Any) -> Any:
    if plan.accepted is None:
        return value
    if type(value) not in plan.accepted:
        if value is None and type(None) in plan.accepted:
            return None
        raise RecordDecodeError(f"`{plan.name}` of {tag} has a value of the wrong type")
    if plan.enum is not None and value is not None:
        try:
            return plan.enum(value)
        except ValueError as error:
            raise RecordDecodeError(f"`{plan.name}` of {tag}: {error}") from error
    return value
