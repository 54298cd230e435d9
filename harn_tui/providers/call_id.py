"""Ids of tool calls as a server takes them: another one may have given longer or stranger ids."""

import hashlib
import re
from typing import Final

_OUTSIDE: Final = re.compile(r"[^a-zA-Z0-9_-]")
_DIGEST_LENGTH: Final = 12


def short_id(call_id: str, longest: int) -> str:
    """Return ``call_id`` in at most ``longest`` characters, which are at least 14.

    The same id always gives the same, and different ones stay different.
    """
    if len(call_id) <= longest:
        return call_id
    return f"{call_id[: longest - _DIGEST_LENGTH - 1]}_{_digest(call_id)}"


def plain_id(call_id: str) -> str:
    """Return ``call_id`` in letters, digits, ``_`` and ``-``; different ones stay different."""
    fitting = _OUTSIDE.sub("_", call_id)
    return call_id if fitting == call_id else f"{fitting}_{_digest(call_id)}"


def _digest(call_id: str) -> str:
    return hashlib.sha256(call_id.encode("utf-8", "replace")).hexdigest()[:_DIGEST_LENGTH]
