"""The start-up room: everything that the first frame does not need is imported here, after it.

The only file of the console with imports inside functions. They run in a thread, in small steps,
so that the prompt takes keys meanwhile.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from textual.widget import Widget

if TYPE_CHECKING:
    from harn_tui.console.ports import Fold

_WARMED_MODULES = ("markdown_it", "pygments", "pygments.lexers")
"""Imported early so that the first reply does not wait for them."""


@dataclass(frozen=True, slots=True)
class ConsoleParts:
    """What comes after the first frame: the fold and the transcript."""

    apply: Fold
    make_transcript: Callable[[], Widget]


LoadParts: TypeAlias = Callable[[Sequence[str]], Awaitable[ConsoleParts]]


async def load_parts(preload: Sequence[str] = ()) -> ConsoleParts:
    """Import the heavy half of the console, then the modules named in ``preload``."""
    parts = await asyncio.to_thread(_import_parts)
    for name in (*_WARMED_MODULES, *preload):
        await asyncio.to_thread(importlib.import_module, name)
    return parts


def _import_parts() -> ConsoleParts:
    from harn_tui.console.transcript.transcript import Transcript
    from harn_tui.view.fold import apply

    return ConsoleParts(apply=apply, make_transcript=Transcript)
