"""The callbacks with which a program takes part in compaction: what they get and may return."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from harn_tui.errors import HarnError
from harn_tui.json_types import JsonObject

CompactCallback: TypeAlias = Callable[[list[JsonObject]], object]
"""Gets copies of the archived messages and returns their summary: text, an object with
``summary`` or ``text``, ``None`` for none, or any other JSON."""

MaskCallback: TypeAlias = Callable[[list[JsonObject]], object]
"""Gets copies of the archived messages and returns a list as long: text for a message that is
too long to stay, anything else to leave it to the strategy. What is no list overrides nothing."""

CompressCallback: TypeAlias = Callable[[JsonObject], object]
"""Gets ``tool_name``, ``output`` and ``max_chars`` and returns the shorter output as text."""


@dataclass(frozen=True, slots=True)
class CompactionCallbacks:
    """The callbacks of one policy, each a plain or an async function; ``None`` when unset.

    They run on the event loop, so a plain one must be quick.
    """

    compact: CompactCallback | None = None
    mask: MaskCallback | None = None
    compress: CompressCallback | None = None


def as_summary(returned: object) -> str:
    """Return the summary in what a compact callback returned, empty for none.

    Raises HarnError for what is no JSON.
    """
    if returned is None:
        return ""
    if isinstance(returned, dict):
        found = (returned.get(key) for key in ("summary", "text"))
        returned = next((text for text in found if isinstance(text, str)), returned)
    if isinstance(returned, str):
        return returned
    try:
        return json.dumps(returned, indent=2, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise HarnError(
            f"The compact callback returned what is no summary: {error}",
            hint="Have it return text, or an object with `summary`.",
        ) from error
