"""The JSON of a reply that was asked for as JSON (docs/loop.md, structured replies)."""

import json
import re
from dataclasses import dataclass
from itertools import islice

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.tools.json_schema import schema_fault

_FENCED = re.compile(r"```(?:json)?[ \t]*\n(.*?)\n[ \t]*```", re.DOTALL)
_MOST_STARTS = 64


@dataclass(frozen=True, slots=True)
class StructuredReply:
    """What a reply holds. ``fault`` says, in words, why ``data`` is not what was wanted."""

    data: JsonValue = None
    fault: str | None = None


def read_structured(text: str, schema: JsonObject | None) -> StructuredReply:
    """Return the JSON in ``text``: all of it, the content of a fence, or the first value in it."""
    found, data = _find_json(text)
    if not found:
        return StructuredReply(fault="there is no JSON in it")
    return StructuredReply(data, None if schema is None else schema_fault(data, schema))


def _find_json(text: str) -> tuple[bool, JsonValue]:
    for candidate in (text, *_FENCED.findall(text)):
        try:
            return True, json.loads(candidate)
        except (ValueError, RecursionError):
            continue
    decoder = json.JSONDecoder()
    for start in islice(re.finditer(r"[{\[]", text), _MOST_STARTS):
        try:
            return True, decoder.raw_decode(text, start.start())[0]
        except (ValueError, RecursionError):
            continue
    return False, None
