"""Moving in the transcript with keys: in and out of it, jumps, selecting."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Protocol

from textual.screen import Screen

from harn_tui.console.actions import key_of
from harn_tui.console.fold_memory import FoldMemory
from harn_tui.console.landmark import Landmark
from harn_tui.console.screens.block_acts import BlockActs
from harn_tui.console.screens.body import SessionBody
from harn_tui.console.screens.finding import Finding

if TYPE_CHECKING:
    from harn_tui.console.ports import TranscriptWidget
    from harn_tui.console.transcript.reader import Reader

_JUMPS = {
    "user_line": Landmark.USER_LINE,
    "error": Landmark.ERROR,
    "call": Landmark.TOOL_CALL,
    "change": Landmark.FILE_CHANGE,
}


class BrowsingHost(Protocol):
    """What the screen offers to its browsing."""

    @property
    def body(self) -> SessionBody:
        """Transcript and side panel."""
        ...

    def go_home(self, typed: str = "") -> None:
        """Give the keys back to where they belong, with text that was typed on the way."""
        ...

    def flash(self, text: str, holds: Callable[[], bool] | None = None) -> None:
        """Say something for a moment, and not longer than ``holds`` is true."""
        ...

    def drop_passed_flash(self) -> None:
        """Take away what was said for a moment when it does not hold any more."""
        ...


class Browsing:
    """One screen's way into its transcript. It does nothing until the transcript is there."""

    def __init__(self, screen: Screen[None], host: BrowsingHost, memory: FoldMemory) -> None:
        self._screen = screen
        self._host = host
        self._transcript: TranscriptWidget | None = None
        self._reader: Reader | None = None
        self._typed_in_vain = ""
        self._acts = BlockActs(screen, host.flash, memory)
        self._finding = Finding(self.enter, host.go_home, host.flash)

    @property
    def is_finding(self) -> bool:
        """Whether the find line is open."""
        return self._finding.is_open

    @property
    def is_away(self) -> bool:
        """Whether the transcript or the find line has the keys."""
        return self.is_finding or (self._reader is not None and self._reader.is_browsing)

    @property
    def has_selection(self) -> bool:
        """Whether something of the transcript is selected."""
        return self._reader is not None and self._reader.selecting.selection is not None

    async def attach(self, transcript: TranscriptWidget) -> None:
        """Take the transcript once it is there."""
        self._transcript, reader = transcript, transcript.reader
        if reader is None:
            return
        self._reader = reader
        self._finding.attach(reader)
        await self._screen.query_one("#transcript-place").mount(self._finding.bar)
        await self._acts.attach(transcript, reader)

    def commands(self) -> dict[str, Callable[[], object]]:
        """Return what each action for reading calls."""
        with_reader = self._with_reader
        jumps = {
            f"{where}_{name}": partial(self._jump, kind, step)
            for name, kind in _JUMPS.items()
            for where, step in (("next", 1), ("last", -1))
        }
        return (
            jumps
            | self._finding.commands()
            | self._acts.commands()
            | {
                "browse": self.enter,
                "find": self._find,
                "read_find": self._find,
                "read_down": with_reader(lambda reader: reader.move(1)),
                "read_up": with_reader(lambda reader: reader.move(-1)),
                "read_first": with_reader(lambda reader: reader.go_to_end(is_first=True)),
                "read_last": with_reader(lambda reader: reader.go_to_end(is_first=False)),
                "read_select": with_reader(self._toggle_selecting),
                "select_down": with_reader(lambda reader: reader.selecting.extend(1)),
                "select_up": with_reader(lambda reader: reader.selecting.extend(-1)),
                "read_type": self._type,
                "read_escape": self._escape,
            }
        )

    def enter(self) -> None:
        """Give the keys to the transcript."""
        self._uncover()
        if self._transcript is None or not self._transcript.take_focus():
            self._host.flash("There is nothing to browse yet.")
            return
        self._typed_in_vain = ""
        keys = f"{key_of('read_escape')} back · {key_of('read_find')} find · {key_of('help')} keys"
        self._host.flash(f"Browsing: {keys}", self._has_keys)

    def left(self) -> None:
        """Take up that the keys went elsewhere."""
        if not self.is_finding and self._reader is not None:
            self._reader.leave()
        self._host.drop_passed_flash()

    def typed_in_vain(self, character: str) -> None:
        """Keep a character that means nothing here, and say how it is not lost."""
        self._typed_in_vain += character
        key, escape = key_of("read_type"), key_of("read_escape")
        typed = self._typed_in_vain
        told = f"“{typed}” means nothing here: {key} types it below, {escape} goes back"
        self._host.flash(told, self._has_keys)

    def copy(self) -> None:
        """Copy what is selected, else the block of the cursor."""
        self._acts.copy()

    def say_selected(self) -> None:
        """Say that something was selected with the mouse, and how it is copied."""
        self._host.flash("Selected: Ctrl+C copies it", lambda: self.has_selection)

    def drop_selection(self) -> bool:
        """End selecting; false when nothing was selected."""
        return self._reader is not None and self._reader.selecting.drop()

    def cancel_find(self) -> None:
        """Close the find line and go back to where it was opened."""
        self._finding.cancel()

    def _find(self) -> None:
        self._uncover()
        self._finding.open()

    def _uncover(self) -> None:
        if self._host.body.covers_transcript:
            self._host.body.toggle_panel()

    def _jump(self, kind: Landmark, step: int) -> None:
        reader = self._reader
        if reader is None:
            return
        before = reader.cursor.block
        if not reader.jump(kind, step):
            self._host.flash(f"There is no {kind.value}.")
            return
        after = reader.cursor.block
        if before is not None and after is not None and (after - before) * step <= 0:
            side = "below: on from the top" if step > 0 else "above: on from the end"
            self._host.flash(f"No other {kind.value} {side}")

    def _toggle_selecting(self, reader: Reader) -> None:
        reader.selecting.toggle()
        if reader.selecting.is_on:
            told = f"Selecting: moving selects more, {key_of('read_copy')} copies"
            self._host.flash(told, lambda: reader.selecting.is_on)
        else:
            self._host.drop_passed_flash()

    def _has_keys(self) -> bool:
        return self._reader is not None and self._reader.is_browsing

    def _escape(self) -> None:
        if not self.drop_selection():
            self._host.go_home()
        self._host.drop_passed_flash()

    def _type(self) -> None:
        typed, self._typed_in_vain = self._typed_in_vain, ""
        self._host.go_home(typed)

    def _with_reader(self, act: Callable[[Reader], object]) -> Callable[[], object]:
        def perform() -> None:
            if self._reader is not None:
                act(self._reader)

        return perform
