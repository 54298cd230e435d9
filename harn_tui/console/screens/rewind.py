"""The screen on which a person goes back: their lines, what would change, and the scope."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from harn_tui.console.actions import REWIND_SCOPES, bindings_for, bindings_of, key_of
from harn_tui.console.panels.listing import Listing
from harn_tui.console.picker.choice_list import ChoiceList
from harn_tui.console.rewind.preview_text import preview_content
from harn_tui.console.rewind.rows import PointRows, RewindRow
from harn_tui.console.screens.performing import PerformingScreen
from harn_tui.console.screens.rewinding import AT_WORK
from harn_tui.errors import HarnError
from harn_tui.loop.cancellation import to_its_end
from harn_tui.session.rewind_scope import OUTSIDE, RewindScope

if TYPE_CHECKING:
    from harn_tui.console.rewind_ports import RewindPort
    from harn_tui.session.rewinding import RewindPreview
    from harn_tui.store.rewind_points import RewindPoint

_PAUSE_S = 0.04
"""How long a person has to stay on a row before its files are compared."""
_SCOPE_WORDS = {
    RewindScope.BOTH: "files and conversation",
    RewindScope.CONVERSATION: "conversation only",
    RewindScope.FILES: "files only",
}
_COMPARING = Content.styled("Comparing files.", "$muted")
_KEYS = (
    ("rewind_go", "rewind"),
    ("rewind_scope", "scope"),
    ("rewind_yours", "with yours"),
    ("rewind_undo", "undo files"),
    ("rewind_close", "back"),
    ("rewind_diff_down", "scroll"),
)


@dataclass(frozen=True, slots=True)
class RewindChoice:
    """What a person decided on."""

    point: RewindPoint
    scope: RewindScope
    with_yours: bool


class RewindScreen(PerformingScreen):
    """Shows ``points``, the newest first. ``act`` carries a choice out and says whether it did.

    ``obstacle`` returns why nothing can be rewound now, empty when nothing is in the way.
    ``comparing`` is held while files are compared, by whichever screen does so.
    """

    SCOPES = REWIND_SCOPES
    BINDINGS: ClassVar = [
        *bindings_of(*REWIND_SCOPES),
        *bindings_for("help", "palette", "next_theme", "suspend", "quit"),
    ]
    DEFAULT_CSS = """
    RewindScreen #rewind-heading {
        height: 1; padding: 0 1; background: $primary 20%; text-wrap: nowrap;
        text-overflow: ellipsis;
    }
    RewindScreen #rewind-main { height: 1fr; layout: vertical; }
    RewindScreen.-wide #rewind-main { layout: horizontal; }
    RewindScreen ChoiceList { height: 1fr; width: 1fr; }
    RewindScreen #rewind-preview {
        height: 2fr; width: 1fr; padding: 0 1; border-top: solid $line; overflow-x: hidden;
        scrollbar-size-vertical: 1;
    }
    RewindScreen.-wide #rewind-preview {
        height: 1fr; border-top: none; border-left: solid $line;
    }
    RewindScreen #rewind-foot {
        height: auto; max-height: 4; padding: 0 1; color: $muted; background: $surface;
    }
    """

    def __init__(
        self,
        port: RewindPort,
        points: Sequence[RewindRow],
        warnings: Sequence[str],
        *,
        obstacle: Callable[[], str],
        act: Callable[[RewindChoice], Awaitable[bool]],
        undo: Callable[[], object],
        comparing: asyncio.Lock,
    ) -> None:
        super().__init__()
        self._port = port
        self._points = points
        self._warnings = warnings
        self._obstacle = obstacle
        self._act = act
        self._undo = undo
        self._comparing = comparing
        self._scope = RewindScope.BOTH
        self._with_yours = False
        self._preview: RewindPreview | None = None
        self._instead = _COMPARING
        """What stands in the place of a preview while there is none."""
        self._is_acting = False
        self._list = ChoiceList()

    def compose(self) -> ComposeResult:
        """Compose the screen from top to bottom."""
        yield Static(id="rewind-heading", markup=False)
        with Container(id="rewind-main"):
            yield self._list
            with VerticalScroll(id="rewind-preview", can_focus=False):
                yield Static(id="rewind-text", markup=False)
        yield Static(id="rewind-foot", markup=False)

    def on_mount(self) -> None:
        """Show the newest line."""
        self._list.show(PointRows(self._points))
        self._draw_words()
        self._show_chosen()

    def on_resize(self) -> None:
        """Name as many keys as fit."""
        self._draw_words()

    @property
    def chosen(self) -> RewindPoint | None:
        """The line under the cursor."""
        place = self._list.cursor
        return self._points[place][0] if place < len(self._points) else None

    def commands(self) -> Mapping[str, Callable[[], object]]:
        """Return what each action of this screen calls."""
        preview = self.query_one("#rewind-preview", VerticalScroll)
        return {
            "rewind_up": partial(self._move, self._list.move_cursor, -1),
            "rewind_down": partial(self._move, self._list.move_cursor, 1),
            "rewind_page_up": partial(self._move, self._list.move_page, -1),
            "rewind_page_down": partial(self._move, self._list.move_page, 1),
            "rewind_diff_up": lambda: preview.scroll_relative(y=-5, animate=False),
            "rewind_diff_down": lambda: preview.scroll_relative(y=5, animate=False),
            "rewind_scope": self._next_scope,
            "rewind_yours": self._toggle_yours,
            "rewind_go": self._go,
            "rewind_undo": self._undo_last,
            "rewind_close": self._close,
            "help": lambda: self._app_action("show_help"),
            "palette": lambda: self._app_action("command_palette"),
            "next_theme": lambda: self._app_action("next_theme"),
            "suspend": lambda: self._app_action("suspend_process"),
            "quit": self.app.exit,
        }

    def on_listing_chosen(self, message: Listing.Chosen) -> None:
        """Show what was clicked on."""
        message.stop()
        message.prevent_default()  # the other screens show an event of their panel
        self._show_chosen()

    def _move(self, go: Callable[[int], None], step: int) -> None:
        go(step)
        self._show_chosen()

    def _next_scope(self) -> None:
        scopes = list(RewindScope)
        self._scope = scopes[(scopes.index(self._scope) + 1) % len(scopes)]
        self._show_preview()

    def _toggle_yours(self) -> None:
        self._with_yours = not self._with_yours
        self._show_preview()

    def _show_chosen(self) -> None:
        point = self.chosen
        self._preview, self._instead = None, _COMPARING if point is not None else Content("")
        self._show_preview()
        if point is not None:
            self.run_worker(self._load_preview(point), group="preview", exclusive=True)

    async def _load_preview(self, point: RewindPoint) -> None:
        await asyncio.sleep(_PAUSE_S)
        async with self._comparing:
            # A thread cannot be stopped, and each takes a snapshot: the next one waits for it.
            outcome, cancellation = await to_its_end(self._compare(point), "preview of a rewind")
        if cancellation is not None:
            raise cancellation
        if not self.query("#rewind-text"):
            return  # the screen was left meanwhile
        if isinstance(outcome, HarnError):
            self._instead = Content.styled(str(outcome), "$warning")
        else:
            self._preview = outcome
        self._show_preview()

    async def _compare(self, point: RewindPoint) -> RewindPreview | HarnError:
        try:
            return await asyncio.to_thread(self._port.preview, _files_at(point))
        except HarnError as error:
            return error

    def _show_preview(self) -> None:
        self._draw_words()
        if not self._scope.has_files:
            self._say(Content.styled("The files stay as they are.", "$muted"))
        elif self._preview is not None:
            self._say(preview_content(self._preview, with_yours=self._with_yours))
        else:
            self._say(self._instead)

    def _say(self, content: Content) -> None:
        self._write("#rewind-text", content)

    def _write(self, where: str, content: Content) -> None:
        # None is there before the screen is composed, and while it is taken away.
        for widget in self.query(where).results(Static):
            widget.update(content)

    def _go(self) -> None:
        point, obstacle = self.chosen, self._obstacle()
        if point is None or self._is_acting:
            return
        if obstacle:
            self.tell(obstacle)
        elif point.index is None and self._scope.has_conversation:
            self.tell("Nothing was said before this line: choose files only.")
        else:
            self._is_acting = True
            self._draw_words()
            choice = RewindChoice(point, self._scope, self._with_yours)
            self.run_worker(self._carry_out(choice), group="rewind", exit_on_error=True)

    async def _carry_out(self, choice: RewindChoice) -> None:
        try:
            is_done = await self._act(choice)
        finally:
            self._is_acting = False
        if is_done and self.is_current:
            self.dismiss()
        elif self.is_attached:
            self._draw_words()

    def _close(self) -> None:
        if self._is_acting:
            self.tell(AT_WORK)
        else:
            self.dismiss()

    def _undo_last(self) -> None:
        obstacle = AT_WORK if self._is_acting else self._obstacle()
        if obstacle:
            self.tell(obstacle)
        else:
            self.dismiss()
            self._undo()

    def _draw_words(self) -> None:
        yours = " · with yours" if self._with_yours and self._scope.has_files else ""
        heading = Content.assemble(
            ("Rewind to before a line of yours", "bold"), f"  {_SCOPE_WORDS[self._scope]}{yours}"
        )
        self._write("#rewind-heading", heading)
        obstacle = AT_WORK if self._is_acting else self._obstacle()
        urgent = [word for word in (obstacle, *self._warnings) if word]
        rows = [Content.styled(word, "$warning") for word in urgent[:2]]
        if self._scope.has_files:
            rows.append(Content(OUTSIDE))
        rows.append(self._key_words(self.size.width - 2))
        self._write("#rewind-foot", Content("\n").join(rows))

    @staticmethod
    def _key_words(width: int) -> Content:
        words: list[Content] = []
        for action, word in _KEYS:
            more = Content.assemble((key_of(action), "$accent"), (f" {word}", "$muted"))
            if Content("  ").join([*words, more]).cell_length > width:
                break
            words.append(more)
        return Content("  ").join(words)


def _files_at(point: RewindPoint) -> int:
    """Return the event to bring files back to; before the first one there is nothing but them."""
    return -1 if point.index is None else point.index
