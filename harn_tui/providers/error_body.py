"""Find what a server says went wrong, and make its text safe to show."""

import json
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.providers.wire_json import object_of, objects_of, text_of

MAX_MESSAGE_CHARS = 500
"""Longest server message that an error text carries."""

_HIDDEN_SECRET = "[secret]"


@dataclass(frozen=True, slots=True)
class ServerMessage:
    """A server's own account of an error.

    ``text`` is raw: pass it through ``clean_text`` before it goes into an error. ``codes`` are
    the identifiers found in ``type``, ``code`` and ``status``, lower-case. ``status`` is a code
    that is an HTTP status, ``None`` when there was none.
    """

    text: str
    codes: frozenset[str] = frozenset()
    status: int | None = None


def message_in_body(body: bytes) -> ServerMessage:
    """Return the account in an error response's body: JSON of any common shape, or plain text."""
    text = body.decode("utf-8", "replace")
    try:
        value: JsonValue = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return ServerMessage("" if "<html" in text[:2000].lower() else text)
    found = message_in_json(value)
    return found if found.text or found.codes else ServerMessage(text, found.codes, found.status)


def message_in_json(value: JsonValue) -> ServerMessage:
    """Return the account in decoded JSON.

    Understands ``{"error": {…}}``, ``{"error": "…"}``, ``{"detail": …}``, ``{"message": …}``, a
    list that holds one of these, and an ``error`` whose text is one of these, as servers write it
    that pass on another's.
    """
    if isinstance(value, list):
        value = next(iter(objects_of(value)), {})
    if isinstance(value, str):
        return ServerMessage(value)
    outer = object_of(value)
    error = outer.get("error")
    if isinstance(error, str):
        return _nested(error) or ServerMessage(error, _codes(outer), _status(outer))
    inner = error if isinstance(error, dict) else outer
    return ServerMessage(_text(inner), _codes(inner), _status(inner))


def _nested(text: str) -> ServerMessage | None:
    """Return the account in ``text`` that is an error object itself, else ``None``."""
    if not text.startswith("{"):
        return None
    try:
        value = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None
    inner = object_of(object_of(value).get("error"))
    return ServerMessage(_text(inner), _codes(inner), _status(inner)) if inner else None


def clean_text(text: str, secrets: Iterable[str] = (), limit: int = MAX_MESSAGE_CHARS) -> str:
    """Return ``text`` on one line, without control or invisible characters and ``secrets``.

    At most ``limit`` characters, the last one an ellipsis when it was cut.
    """
    for secret in secrets:
        if secret:
            text = text.replace(secret, _HIDDEN_SECRET)
    # Bounded before the slow walk: the body may be large.
    shown = "".join(_visible(character) for character in text[: limit * 4])
    shown = " ".join(shown.split())
    return shown if len(shown) <= limit else shown[: limit - 1].rstrip() + "…"


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if category in {"Cc", "Zl", "Zp"}:
        return " "
    return "" if category in {"Cf", "Cs", "Co", "Cn"} else character


def _text(error: JsonObject) -> str:
    for key in ("message", "detail", "error_description", "title"):
        value = error.get(key)
        if isinstance(value, str) and value:
            return value
        if isinstance(value, list | dict) and value:
            return json.dumps(value, ensure_ascii=False)
    return ""


def _codes(error: JsonObject) -> frozenset[str]:
    values = (text_of(error.get(key)) for key in ("type", "code", "status"))
    return frozenset(value.lower() for value in values if value)


def _status(error: JsonObject) -> int | None:
    for key in ("code", "status", "status_code"):
        value = error.get(key)
        if isinstance(value, str) and value.isdecimal() and len(value) == 3:
            value = int(value)
        if isinstance(value, int) and 400 <= value <= 599:
            return int(value)
    return None
