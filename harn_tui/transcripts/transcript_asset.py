"""What a transcript keeps beside its messages: files, images, the source of a compaction."""

from harn_tui.ids import new_uuid7
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.transcripts.transcript_event import Visibility

_OPTIONAL_KEYS = ("title", "mime_type", "name", "data", "storage", "metadata")


def transcript_asset(value: JsonValue) -> JsonObject:
    """Return ``value`` as an asset: ``_type id kind visibility`` and what else it has.

    Kind defaults to ``blob``, visibility to ``internal``; a missing id is minted. What is not an
    object is taken for a place: it becomes ``storage`` ``{"path": value}``.
    """
    given: JsonObject = value if isinstance(value, dict) else {"storage": {"path": value}}
    asset: JsonObject = {
        "_type": "transcript_asset",
        "id": _text(given, "id") or new_uuid7(),
        "kind": _text(given, "kind") or "blob",
        "visibility": _text(given, "visibility") or Visibility.INTERNAL.value,
    }
    asset.update({key: given[key] for key in _OPTIONAL_KEYS if given.get(key) is not None})
    return asset


def _text(given: JsonObject, key: str) -> str:
    found = given.get(key)
    return found if isinstance(found, str) else ""
