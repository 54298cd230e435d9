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

if TYPE_CHECKING:
    from harn_tui.console.ports import Fold, MakePlayer, TranscriptWidget
    from harn_tui.console.transcript.engines import Engines


@dataclass(frozen=True, slots=True)
class ConsoleParts:
    """What comes after the first frame.

    ``load_engines`` reads what Markdown and syntax colours need: call it in a thread, once the
    transcript is on the screen, and hand the result to the transcript.
    """

    apply: Fold
    make_transcript: Callable[[], TranscriptWidget]
    load_engines: Callable[[], Engines]


LoadParts: TypeAlias = Callable[[Sequence[str]], Awaitable[ConsoleParts]]


async def load_parts(preload: Sequence[str] = ()) -> ConsoleParts:
    """Import fold and transcript, then the modules named in ``preload``, each in a thread."""
    parts = await asyncio.to_thread(_import_parts)
    for name in preload:
        await asyncio.to_thread(importlib.import_module, name)
    return parts


def _import_parts() -> ConsoleParts:
    from harn_tui.console.transcript.browsed_transcript import BrowsedTranscript
    from harn_tui.view.fold import apply

    return ConsoleParts(apply=apply, make_transcript=BrowsedTranscript, load_engines=_load_engines)


async def load_player() -> MakePlayer:
    """Import what plays a recorded session."""
    return await asyncio.to_thread(_import_player)


def _import_player() -> MakePlayer:
    from harn_tui.store.replay_source import ReplaySource

    return ReplaySource


def _load_engines() -> Engines:
    from harn_tui.console.transcript.loaded_engines import load_engines

    return load_engines()
