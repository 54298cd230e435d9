"""A session as one HTML file with a player in it. It asks nothing of the network.

The events stand in it as JSON that no text in them can end; the player writes texts as texts,
and the page's policy lets no other script run than the player.
"""

import base64
import hashlib
import html
import json
import re
from importlib import resources

from harn_tui.events.codec import encode_event
from harn_tui.events.host import MessageRecorded
from harn_tui.events.record import Event
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import SUMMARY_KIND
from harn_tui.session_export.exported import ExportedSession
from harn_tui.view.plain import printable

_PLACE = re.compile("@(?:title|policy|style|script|data)@")
_IMAGE_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_ESCAPES = {
    ord("<"): "\\u003c",
    ord(">"): "\\u003e",
    ord("&"): "\\u0026",
    0x2028: "\\u2028",
    0x2029: "\\u2029",
}


def html_page(session: ExportedSession) -> str:
    """Return the page."""
    script, style = _resource("player.js"), _resource("player.css")
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    replacements = {
        "@title@": html.escape(printable(session.title)),
        "@policy@": html.escape(policy),
        "@style@": style,
        "@script@": script,
        "@data@": _embedded(_data(session)),
    }
    # In one pass: no text of the session can be taken for one of the places.
    return _PLACE.sub(lambda found: replacements[found[0]], _resource("player.html"))


def _resource(name: str) -> str:
    return (resources.files("harn_tui.session_export") / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"


def _embedded(value: JsonValue) -> str:
    """Return JSON in which nothing can end or change the element that it stands in."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace").decode("utf-8").translate(_ESCAPES)


def _data(session: ExportedSession) -> JsonObject:
    first_ms = session.records[0].emitted_at_ms
    events: list[JsonValue] = [
        {"at": max(0, record.emitted_at_ms - first_ms), **members}
        for record in session.records
        if (members := _members(record.event)) is not None
    ]
    return {"session": session.header(), "events": events, "images": _images(session)}


def _members(event: Event) -> JsonObject | None:
    """Return what the player needs of an event; most messages tell what other events told."""
    if isinstance(event, MessageRecorded):
        message = event.message
        if message.get("kind") != SUMMARY_KIND and not message.get("images"):
            return None
    members: JsonObject = json.loads(encode_event(event))
    members.pop("session_id", None)
    return {key: _printable(value) for key, value in members.items()}


def _printable(value: JsonValue) -> JsonValue:
    """Return the value with the control characters in its texts made visible."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, list):
        return [_printable(item) for item in value]
    if isinstance(value, dict):
        return {printable(key): _printable(item) for key, item in value.items()}
    return value


def _images(session: ExportedSession) -> JsonObject:
    """Return the pictures of the session's messages as addresses that hold them."""
    found: JsonObject = {}
    for record in session.records:
        event = record.event
        images = event.message.get("images") if isinstance(event, MessageRecorded) else None
        for image in images if isinstance(images, list) else []:
            if not isinstance(image, dict):
                continue
            sha256, media_type = str(image.get("blob")), image.get("media_type")
            if sha256 in session.blobs and media_type in _IMAGE_TYPES:
                data = base64.b64encode(session.blobs[sha256]).decode("ascii")
                found[sha256] = f"data:{media_type};base64,{data}"
    return found
