"""The start-up room: everything that the first frame does not need is imported here, after it.

The only file of the console with imports inside functions. They run in a thread, in small steps,
so that the prompt takes keys meanwhile.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from textual.app import App
    from textual.command import Provider

    from harn_tui.console.entry import ConsoleRun
    from harn_tui.console.models.picker import ModelPicker
    from harn_tui.console.picker.screen import PickerScreen
    from harn_tui.console.picker.title_box import TitleBox
    from harn_tui.console.ports import Fold, TranscriptWidget
    from harn_tui.console.prompt.external_editor import Edited
    from harn_tui.console.prompt.history_file import HistoryFile
    from harn_tui.console.prompt.vim.in_prompt import VimInPrompt
    from harn_tui.console.replay_ports import MakePlayer, MakeTimeline
    from harn_tui.console.review.changes import Edit, Review
    from harn_tui.console.review.verdicts import Verdicts
    from harn_tui.console.rewind.rows import RewindRow
    from harn_tui.console.screens.history_search import HistorySearch
    from harn_tui.console.screens.review import ReviewScreen
    from harn_tui.console.screens.rewind import RewindScreen
    from harn_tui.console.screens.settings import SettingsScreen
    from harn_tui.console.screens.theme_picker import ThemePicker
    from harn_tui.console.text_file_for_program import RunProgram
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


@dataclass(frozen=True, slots=True)
class RewindParts:
    """What a rewind is chosen with; ``place_of`` makes a row of the place of a replay."""

    place_of: Callable[[Record], RewindRow]
    make_screen: type[RewindScreen]


@dataclass(frozen=True, slots=True)
class EditingParts:
    """What brings a text into the person's own editor; ``editor_command`` looks at the disk."""

    editor_command: Callable[[Mapping[str, str]], list[str]]
    edit: Callable[[str, Sequence[str], RunProgram], Awaitable[Edited]]
    run_in_terminal: Callable[[App[Any], Sequence[str]], Awaitable[int]]
    ending_words: Callable[[int], str]


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
    await load_model_picker()
    await load_history_search()


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


@dataclass(frozen=True, slots=True)
class PickerParts:
    """What the list of sessions is made with, and what asks for a title."""

    make_screen: type[PickerScreen]
    make_title_box: type[TitleBox]


async def load_picker() -> PickerParts:
    """Import the list of sessions and what names one."""
    return await asyncio.to_thread(_import_picker)


def _import_picker() -> PickerParts:
    from harn_tui.console.picker.screen import PickerScreen
    from harn_tui.console.picker.title_box import TitleBox

    return PickerParts(PickerScreen, TitleBox)


async def load_model_picker() -> type[ModelPicker]:
    """Import the list of models."""
    return await asyncio.to_thread(_import_model_picker)


def _import_model_picker() -> type[ModelPicker]:
    from harn_tui.console.models.picker import ModelPicker

    return ModelPicker


async def load_pager(app: App[Any]) -> Callable[[str], Awaitable[None]]:
    """Import what shows a text in a person's own pager, on the terminal of ``app``.

    Raises HarnError where there is no terminal, or no pager.
    """
    return await asyncio.to_thread(_import_pager, app)


def _import_pager(app: App[Any]) -> Callable[[str], Awaitable[None]]:
    from harn_tui.console.lent_terminal import run_in_terminal
    from harn_tui.console.pager import page, pager_command

    command = pager_command(os.environ)
    return partial(page, command=command, run=partial(run_in_terminal, app))


async def load_history_file(project: Path) -> HistoryFile:
    """Return the file of the lines that were typed in ``project``."""
    return await asyncio.to_thread(_find_history_file, project)


def _find_history_file(project: Path) -> HistoryFile:
    from harn_tui.console.prompt.history_file import HistoryFile, history_path
    from harn_tui.paths import data_directory

    return HistoryFile(history_path(data_directory() / "prompt_history", project))


async def load_history_search() -> type[HistorySearch]:
    """Import the search of the prompt's history."""
    return await asyncio.to_thread(_import_history_search)


def _import_history_search() -> type[HistorySearch]:
    from harn_tui.console.screens.history_search import HistorySearch

    return HistorySearch


async def load_editing() -> EditingParts:
    """Import what opens the person's own editor."""
    return await asyncio.to_thread(_import_editing)


def _import_editing() -> EditingParts:
    from harn_tui.console.lent_terminal import run_in_terminal
    from harn_tui.console.prompt.external_editor import edit, editor_command, ending_words

    return EditingParts(editor_command, edit, run_in_terminal, ending_words)


async def load_vim() -> type[VimInPrompt]:
    """Import vim mode, which most people have off."""
    return await asyncio.to_thread(_import_vim)


def _import_vim() -> type[VimInPrompt]:
    from harn_tui.console.prompt.vim.in_prompt import VimInPrompt

    return VimInPrompt


async def load_review() -> ReviewParts:
    """Import the review of changes, which most sessions begin without."""
    return await asyncio.to_thread(_import_review)


def _import_review() -> ReviewParts:
    from harn_tui.console.review.changes import edits_of, find_hunk, gather
    from harn_tui.console.review.verdicts import Verdicts
    from harn_tui.console.screens.review import ReviewScreen

    return ReviewParts(edits_of, gather, find_hunk, Verdicts, ReviewScreen)


async def load_rewind() -> RewindParts:
    """Import the list of lines to go back to."""
    return await asyncio.to_thread(_import_rewind)


def _import_rewind() -> RewindParts:
    from harn_tui.console.rewind.rows import place_of
    from harn_tui.console.screens.rewind import RewindScreen

    return RewindParts(place_of, RewindScreen)


def _load_engines() -> Engines:
    from harn_tui.console.transcript.loaded_engines import load_engines

    return load_engines()
