"""The callbacks with which a program takes part in compaction: what they get, how they fail."""

import inspect
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from harn_tui.errors import HarnError
from harn_tui.json_types import JsonObject

CompactCallback: TypeAlias = Callable[[list[JsonObject]], object | Awaitable[object]]
"""Gets copies of the archived messages and returns their summary: text, an object with
``summary`` or ``text``, ``None`` for none, or any other JSON."""

MaskCallback: TypeAlias = Callable[[list[JsonObject]], object | Awaitable[object]]
"""Gets copies of the archived messages and returns a list as long: text for a message that is
too long to stay, anything else to leave it to the strategy. What is no list overrides nothing."""

CompressCallback: TypeAlias = Callable[[JsonObject], object | Awaitable[object]]
"""Gets ``tool_name``, ``output`` and ``max_chars`` and returns the shorter output as text."""


@dataclass(frozen=True, slots=True)
class CompactionCallbacks:
    """The callbacks of one policy, each a plain or an async function; ``None`` when unset.

    They run on the event loop, so a plain one must be quick.
    """

    compact: CompactCallback | None = None
    mask: MaskCallback | None = None
    compress: CompressCallback | None = None


async def ask(callback: Callable[..., object], argument: object, *, name: str) -> object:
    """Return what the callback called ``name`` makes of ``argument``.

    Raises HarnError when it fails.
    """
    try:
        result = callback(argument)
        return await result if inspect.isawaitable(result) else result
    except Exception as error:  # boundary: foreign code; its failure joins the error tree
        raise _broken(name, error) from error


def as_summary(result: object, *, name: str) -> str:
    """Return the summary in what a compact callback returned, empty for none.

    Raises HarnError for what is no JSON.
    """
    if result is None:
        return ""
    if isinstance(result, dict):
        found = (result.get(key) for key in ("summary", "text"))
        result = next((text for text in found if isinstance(text, str)), result)
    if isinstance(result, str):
        return result
    try:
        return json.dumps(result, indent=2, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise _broken(name, error) from error


def _broken(name: str, error: Exception) -> HarnError:
    return HarnError(
        f"The callback `{name}` failed: {type(error).__name__}: {error}",
        hint="Mend it, or leave it out.",
    )
