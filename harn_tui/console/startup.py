"""The start-up room: everything that the first frame does not need is imported here, after it.

The only file of the console with imports inside functions. They run in a thread, in small steps,
so that the prompt takes keys meanwhile.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from textual.command import Provider

    from harn_tui.console.entry import ConsoleRun
    from harn_tui.console.ports import Fold, TranscriptWidget
    from harn_tui.console.replay_ports import MakePlayer, MakeTimeline
    from harn_tui.console.review.changes import Edit, Review
    from harn_tui.console.review.verdicts import Verdicts
    from harn_tui.console.screens.review import ReviewScreen
    from harn_tui.console.screens.settings import SettingsScreen
    from harn_tui.console.screens.theme_picker import ThemePicker
    from harn_tui.console.transcript.engines import Engines
    from harn_tui.events.record import Record
    from harn_tui.view.model import SessionView

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ConsoleParts:
    """What comes after the first frame. ``encode`` writes a record as a line of the log.

    ``load_engines`` reads what Markdown and syntax colours need: call it in a thread, once the
    transcript is on the screen, and hand the result to the transcript.
    """

    apply: Fold
    encode: Callable[[Record], str]
    make_transcript: Callable[[], TranscriptWidget]
    load_engines: Callable[[], Engines]


@dataclass(frozen=True, slots=True)
class ReviewParts:
    """What a review of changes is made with; ``gather`` may take long: call it in a thread."""

    edits_of: Callable[[SessionView], list[Edit]]
    gather: Callable[[list[Edit]], Review]
    find_hunk: Callable[[Review, int | None, str | None], int | None]
    make_verdicts: Callable[[], Verdicts]
    make_screen: type[ReviewScreen]


LoadParts: TypeAlias = Callable[[Sequence[str]], Awaitable[ConsoleParts]]


async def load_parts(preload: Sequence[str] = ()) -> ConsoleParts:
    """Import fold and transcript, then the modules named in ``preload``, each in a thread."""
    parts = await asyncio.to_thread(_import_parts)
    for name in preload:
        await asyncio.to_thread(importlib.import_module, name)
    return parts


def _import_parts() -> ConsoleParts:
    from harn_tui.console.transcript.browsed_transcript import BrowsedTranscript
    from harn_tui.events.codec import encode_record
    from harn_tui.view.fold import apply

    return ConsoleParts(
        apply=apply,
        encode=encode_record,
        make_transcript=BrowsedTranscript,
        load_engines=_load_engines,
    )


async def load_console_run() -> type[ConsoleRun]:
    """Import the chat screen and what drives it."""
    return await asyncio.to_thread(_import_console_run)


def _import_console_run() -> type[ConsoleRun]:
    from harn_tui.console.entry import ConsoleRun

    return ConsoleRun


def load_palette() -> type[Provider]:
    """Import what the command palette offers; Textual calls this when it is opened."""
    from harn_tui.console.palette import ActionProvider

    return ActionProvider


async def load_player() -> MakePlayer:
    """Import what plays a recorded session."""
    return await asyncio.to_thread(_import_player)


def _import_player() -> MakePlayer:
    from harn_tui.store.replay_source import ReplaySource

    return ReplaySource


async def load_timeline() -> MakeTimeline:
    """Import what finds the picture of a recorded session at any place."""
    return await asyncio.to_thread(_import_timeline)


def _import_timeline() -> MakeTimeline:
    from harn_tui.store.replay_source import LONGEST_GAP_MS
    from harn_tui.view.fold import apply
    from harn_tui.view.model import Changes
    from harn_tui.view.timeline import Timeline

    def fold(view: SessionView, record: Record) -> Changes:
        try:
            return apply(view, record)
        except Exception:  # boundary: one bad record must not hide the others
            log.exception("record not folded index=%s", record.index)
            return Changes()

    return partial(Timeline, fold=fold, longest_gap_ms=LONGEST_GAP_MS)


async def load_popups() -> None:
    """Import what keys open, so that the next keys find it open."""
    await load_theme_picker()
    await load_settings_screen()


async def load_theme_picker() -> type[ThemePicker]:
    """Import the choice of themes."""
    return await asyncio.to_thread(_import_theme_picker)


def _import_theme_picker() -> type[ThemePicker]:
    from harn_tui.console.screens.theme_picker import ThemePicker

    return ThemePicker


async def load_settings_screen() -> type[SettingsScreen]:
    """Import the settings."""
    return await asyncio.to_thread(_import_settings_screen)


def _import_settings_screen() -> type[SettingsScreen]:
    from harn_tui.console.screens.settings import SettingsScreen

    return SettingsScreen


async def load_review() -> ReviewParts:
    """Import the review of changes, which most sessions begin without."""
    return await asyncio.to_thread(_import_review)


def _import_review() -> ReviewParts:
    from harn_tui.console.review.changes import edits_of, find_hunk, gather
    from harn_tui.console.review.verdicts import Verdicts
    from harn_tui.console.screens.review import ReviewScreen

    return ReviewParts(edits_of, gather, find_hunk, Verdicts, ReviewScreen)


def _load_engines() -> Engines:
    from harn_tui.console.transcript.loaded_engines import load_engines

    return load_engines()
