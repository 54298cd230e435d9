"""The effects of the keys in the transcript, in the find line and in a review of changes."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from textual.pilot import Pilot

from harn_tui.console.find.bar import FindLine
from harn_tui.console.review.comment_editor import CommentEditor
from harn_tui.console.review.feedback_preview import FeedbackPreview
from harn_tui.console.review.verdicts import HunkDecision, Verdict
from harn_tui.console.screens.block_menu import BlockMenu
from harn_tui.console.screens.help import HelpScreen
from harn_tui.console.screens.review import ReviewScreen
from harn_tui.console.transcript.browsed_transcript import BrowsedTranscript
from harn_tui.console.transcript.reader import Reader
from harn_tui.kinds import ToolKind
from tests.unit.console import review_scenes, scenes
from tests.unit.console.conftest import Console
from tests.unit.console.key_effects.effect import Effect
from tests.unit.console.key_effects.in_a_session import home

MIDDLE = 7
"""A block with each kind of place on both sides of it."""


async def begin(console: Console) -> None:
    """Fill the session so that each jump has somewhere to go in both directions."""
    await console.emit(scenes.session_start())
    for number in range(3):
        call, edit = f"r{number}", f"e{number}"
        await console.emit(
            *scenes.run_start(f"look at needle {number}"),
            scenes.call_start(),
            scenes.tool(call, "run_command", ToolKind.EXECUTE, {"command": "make test"}),
            scenes.tool_runs(call, "run_command"),
            scenes.tool_failed(call, "run_command", "boom\n" * 30),
            *review_scenes.edit(edit, f"{number}.txt", "one\n", "two\n"),
            scenes.text("A paragraph of the **answer**.\n\nAnother one."),
            scenes.call_end(),
            scenes.run_end(),
        )


def _reader(console: Console) -> Reader:
    return console.get(BrowsedTranscript).reader


def _block(console: Console) -> Any:
    return _reader(console).cursor.block


async def _browse(console: Console, *keys: str, block: int | None = None) -> int:
    await home(console)
    await console.pilot.press("ctrl+b")
    await console.until(lambda: console.get(BrowsedTranscript).has_focus)
    _reader(console).selecting.drop()
    place = MIDDLE if block is None else block
    console.get(BrowsedTranscript).jump_to(place)
    await console.pilot.pause()
    _reader(console).stand_on(place)
    if keys:
        await console.pilot.press(*keys)
    return place


async def _last_block(console: Console) -> int:
    return await _browse(console, block=_block_count(console) - 1)


def _block_count(console: Console) -> int:
    view = console.screen.shown_view()
    assert view is not None
    return len(view.blocks)


def _call_block(console: Console) -> int:
    view = console.screen.shown_view()
    assert view is not None
    return min(view.tools_by_id.values())


def _height(console: Console) -> int:
    return console.get(BrowsedTranscript).virtual_size.height


async def _on_call(console: Console) -> int:
    await _browse(console, block=_call_block(console))
    return _height(console)


async def _on_answer(console: Console) -> str:
    await _last_block(console)
    return _drawn(console)


def _drawn(console: Console) -> str:
    transcript = console.get(BrowsedTranscript)
    return "\n".join(transcript.render_line(y).text for y in range(transcript.size.height))


def _selected(console: Console) -> str:
    selecting = _reader(console).selecting
    return selecting.text() if selecting.selection is not None else ""


async def _selecting(console: Console) -> str:
    await _last_block(console)
    await console.pilot.press("v")
    return _selected(console)


async def _to_copy(console: Console) -> None:
    await _last_block(console)
    console.app._clipboard = ""


def _pages(console: Console, _: object) -> bool:
    return any("Another one." in note.message for note in console.app._notifications)


async def _typed_in_vain(console: Console) -> None:
    await _browse(console)
    await console.pilot.press("ü")


def _moves(step: int) -> Effect[Console]:
    return Effect(_browse, lambda c, was: (_block(c) - was) * step > 0)


async def _found(console: Console, *keys: str) -> int:
    """Look for what is there twice, stay at a hit; return its number."""
    await _browse(console, block=0)
    await console.pilot.press("slash", *"needle", "enter", *keys)
    await console.until(lambda: console.get(BrowsedTranscript).has_focus)
    return _hit(console)


async def _finding(console: Console) -> int:
    await _browse(console, block=0)
    await console.pilot.press("slash", *"needle")
    await console.until(lambda: _reader(console).finder.state.total == 3)
    return _hit(console)


def _hit(console: Console) -> int:
    return _reader(console).finder.state.number


def _browses(console: Console, _: object = None) -> bool:
    return console.get(BrowsedTranscript).has_focus


TRANSCRIPT: dict[str, Effect[Console]] = {
    "read_down": _moves(1),
    "read_up": _moves(-1),
    "read_first": Effect(_browse, lambda c, _: _block(c) == 0),
    "read_last": Effect(_browse, lambda c, _: _block(c) == _block_count(c) - 1),
    "read_fold": Effect(_on_call, lambda c, was: _height(c) != was),
    "read_fold_tool": Effect(_on_call, lambda c, was: _height(c) != was),
    "read_fold_all": Effect(_on_call, lambda c, was: _height(c) != was),
    "next_user_line": _moves(1),
    "last_user_line": _moves(-1),
    "next_error": _moves(1),
    "last_error": _moves(-1),
    "next_call": _moves(1),
    "last_call": _moves(-1),
    "next_change": _moves(1),
    "last_change": _moves(-1),
    "read_find": Effect(_browse, lambda c, _: c.get(FindLine).has_focus),
    "next_hit": Effect(_found, lambda c, was: _hit(c) != was),
    "last_hit": Effect(_found, lambda c, was: _hit(c) != was),
    "read_select": Effect(_last_block, lambda c, _: "Another one." in _selected(c)),
    "select_up": Effect(_selecting, lambda c, was: len(_selected(c)) != len(was)),
    "select_down": Effect(lambda c: _browse(c, block=0), lambda c, _: bool(_selected(c))),
    "read_copy": Effect(_to_copy, lambda c, _: "of the **answer**" in c.app.clipboard),
    "read_raw": Effect(_on_answer, lambda c, was: _drawn(c) != was),
    "read_menu": Effect(_browse, lambda c, _: isinstance(c.app.screen, BlockMenu)),
    "read_pager": Effect(_last_block, _pages),
    "read_help": Effect(_browse, lambda c, _: isinstance(c.app.screen, HelpScreen)),
    "read_type": Effect(_typed_in_vain, lambda c, _: c.prompt.text == "ü"),
    "read_escape": Effect(_browse, lambda c, _: c.prompt.has_focus),
}
FIND: dict[str, Effect[Console]] = {
    "find_accept": Effect(_finding, _browses),
    "find_next": Effect(_finding, lambda c, was: _hit(c) != was),
    "find_last": Effect(_finding, lambda c, was: _hit(c) != was),
    "find_cancel": Effect(_finding, lambda c, _: _browses(c) and _block(c) == 0),
}


@dataclass
class OpenReview:
    """A review over a console."""

    console: Console
    screen: ReviewScreen

    @property
    def pilot(self) -> Pilot[int]:
        return self.console.pilot


async def _at_hunk(review: OpenReview, hunk: int = 1) -> int:
    """Take back what was said, close what is open, and go to a hunk."""
    console, screen = review.console, review.screen
    while console.app.screen is not screen:
        if screen in console.app.screen_stack:
            console.app.screen.dismiss(None)
        else:
            await console.pilot.press("alt+e")
            await console.until(lambda: isinstance(console.app.screen, ReviewScreen))
            assert isinstance(console.app.screen, ReviewScreen)
            screen = review.screen = console.app.screen
        await console.pilot.pause()
    for place in range(4):
        screen.diff.go_to(place)
        screen.action_perform("review_clear")
    screen.diff.go_to(hunk)
    await console.pilot.pause()
    return hunk


def _goes(check: Callable[[int, int], bool], hunk: int = 1) -> Effect[OpenReview]:
    return Effect(
        partial(_at_hunk, hunk=hunk), lambda r, was: check(r.screen.diff.current or 0, was)
    )


def _verdict(review: OpenReview, hunk: int) -> Verdict:
    return review.screen._verdicts.of(review.screen._review.hunks[hunk].key)


async def _rejected(review: OpenReview) -> int:
    await _at_hunk(review)
    await review.pilot.press("x")
    review.screen.diff.go_to(1)
    await review.pilot.pause()
    return 1


async def _scrolled(review: OpenReview, *keys: str) -> float:
    await _at_hunk(review, 0)
    review.screen.diff.scroll_to(0, 0, animate=False, force=True, immediate=True)
    await review.pilot.press(*keys)
    await review.pilot.pause()
    return review.screen.diff.scroll_offset.y


async def _sideways(review: OpenReview, *keys: str) -> list[str]:
    await _scrolled(review, *keys)
    return _lines(review)


def _lines(review: OpenReview) -> list[str]:
    diff = review.screen.diff
    return [diff.render_line(y).text for y in range(diff.size.height)]


async def _layout(review: OpenReview) -> bool:
    await _at_hunk(review)
    return review.screen.diff.is_split


def _scrolls(step: int, *keys: str) -> Effect[OpenReview]:
    return Effect(
        lambda r: _scrolled(r, *keys),
        lambda r, was: (r.screen.diff.scroll_offset.y - was) * step > 0,
    )


REVIEW: dict[str, Effect[OpenReview]] = {
    "review_next": _goes(lambda now, was: now == was + 1),
    "review_previous": _goes(lambda now, was: now == was - 1),
    "review_next_file": _goes(lambda now, was: now > was, hunk=0),
    "review_previous_file": _goes(lambda now, was: now == 0, hunk=2),
    "review_accept": Effect(
        _at_hunk, lambda r, hunk: _verdict(r, hunk).decision is HunkDecision.ACCEPTED
    ),
    "review_reject": Effect(
        _at_hunk, lambda r, hunk: _verdict(r, hunk).decision is HunkDecision.REJECTED
    ),
    "review_comment": Effect(
        _at_hunk, lambda r, _: isinstance(r.console.app.screen, CommentEditor)
    ),
    "review_clear": Effect(_rejected, lambda r, hunk: _verdict(r, hunk).decision is None),
    "review_send": Effect(
        _rejected, lambda r, _: isinstance(r.console.app.screen, FeedbackPreview)
    ),
    "review_layout": Effect(_layout, lambda r, was: r.screen.diff.is_split is not was),
    "review_down": _scrolls(1),
    "review_up": _scrolls(-1, "down", "down"),
    "review_page_down": _scrolls(1),
    "review_page_up": _scrolls(-1, "pagedown"),
    "review_first": _goes(lambda now, was: now == 0),
    "review_last": _goes(lambda now, was: now == 3),
    "review_right": Effect(_sideways, lambda r, was: _lines(r) != was),
    "review_left": Effect(lambda r: _sideways(r, "right"), lambda r, was: _lines(r) != was),
    "review_close": Effect(_at_hunk, lambda r, _: r.console.app.screen is r.console.screen),
}
