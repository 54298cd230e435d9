"""The screen on which a person chooses a stored session: a box, a list, a preview."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content
from textual.widgets import Input, Static
from textual.worker import WorkType

from harn_tui.console.action import Scope
from harn_tui.console.actions import bindings_for, bindings_of, key_of
from harn_tui.console.keys_in_order import InputLine
from harn_tui.console.panels.listing import Listing
from harn_tui.console.picker.changes import Changes
from harn_tui.console.picker.choice_list import ChoiceList
from harn_tui.console.picker.foot import Foot
from harn_tui.console.picker.narrowing import Narrowing
from harn_tui.console.picker.port import Choice, SessionsPort
from harn_tui.console.picker.preview import preview_content
from harn_tui.console.picker.rows import HitRows, SessionRows
from harn_tui.console.picker.title_box import TitleBox
from harn_tui.console.ports import Clock
from harn_tui.console.screens.performing import PerformingScreen
from harn_tui.errors import HarnError
from harn_tui.store.index.search import SearchHit
from harn_tui.store.listing import SessionSummary

SEARCH_PREFIX = "/"
_PREVIEWED = 40
_PAUSE_S = 0.04
"""How long a person has to stay on a row before its log is looked at."""
_SHARED_ACTIONS = (
    "help",
    "palette",
    "settings",
    "choose_theme",
    "next_theme",
    "suspend",
    "quit",
)


_CSS = """
PickerScreen Input, PickerScreen Input:focus {
    height: 3; margin: 0 1; border: round $primary; background: $background;
    border-title-color: $primary; border-title-style: bold; border-subtitle-color: $muted;
}
PickerScreen #main { height: 1fr; margin: 0 1; layout: vertical; }
PickerScreen.-wide #main { layout: horizontal; }
PickerScreen ChoiceList { height: 1fr; width: 1fr; }
PickerScreen #preview {
    height: 1fr; width: 1fr; padding: 0 1; border-top: solid $line; overflow: hidden;
}
PickerScreen.-wide #preview { border-top: none; border-left: solid $line; }
PickerScreen.-short #preview { display: none; }
PickerScreen.-short Input, PickerScreen.-short Input:focus {
    height: 1; border: none; padding: 0 1; margin: 0;
}
PickerScreen.-short #main { margin: 0; }
"""


class PickerScreen(PerformingScreen):
    """Narrows, searches, previews. ``choice`` is ``None`` until something was chosen."""

    SCOPES = (Scope.SESSIONS,)
    BINDINGS: ClassVar = [*bindings_of(Scope.SESSIONS), *bindings_for(*_SHARED_ACTIONS)]
    DEFAULT_CSS = _CSS

    def __init__(
        self,
        store: SessionsPort,
        here: str,
        now_ms: Clock,
        *,
        leave: Callable[[Choice | None], str | None] | None = None,
    ) -> None:
        """``here`` is the folder whose sessions come first.

        ``leave`` is called with what was chosen, ``None`` for nothing, and closes the list, or
        returns what a person has to know first. Without it the list is all there is to the app.
        """
        super().__init__()
        self.choice: Choice | None = None
        self._leave = leave or self._end_app
        self.is_loaded = False
        """Whether the list is there and all logs have been read."""
        self._store = store
        self._here = here
        self._now_ms = now_ms
        self._narrowing: Narrowing | None = None
        self._is_here_only = False
        self._is_leaving = False
        self._box = InputLine(
            placeholder=f"type to narrow, {key_of('picker_search')} to search what was said"
        )
        self._list = ChoiceList()
        self._preview = Static(id="preview", markup=False)
        self._foot = Foot()
        self._changes = Changes(
            store,
            self._foot,
            list_again=self._list_again,
            start=partial(self._start, group="change"),
            ask=self._ask,
        )

    def compose(self) -> ComposeResult:
        """Compose the screen from top to bottom."""
        self._box.border_title = Content(" Sessions ")
        yield self._box
        with Container(id="main"):
            yield self._list
            yield self._preview
        yield self._foot

    def on_mount(self) -> None:
        """Take what is typed from the first key on."""
        self._box.focus()

    def on_unmount(self) -> None:
        """Let the reading of logs end."""
        self._is_leaving = True

    async def open(self) -> None:
        """List the sessions, then read the logs for searching. Runs after the first frame."""
        await self._list_again()
        loop = asyncio.get_running_loop()

        def tell(done: int, total: int) -> None:
            loop.call_soon_threadsafe(self._foot.show_progress, done, total)

        try:
            await asyncio.to_thread(self._store.read_logs, tell, lambda: self._is_leaving)
        except HarnError as error:
            self._foot.tell(str(error))
        await self._list_again()
        self.is_loaded = True

    @property
    def is_searching(self) -> bool:
        """Whether the box holds a query instead of letters to narrow by."""
        return self._box.value.startswith(SEARCH_PREFIX)

    @property
    def chosen(self) -> tuple[SessionSummary, SearchHit | None] | None:
        """The session under the cursor, with the hit in it when that is one."""
        source, place = self._list.source, self._list.cursor
        if isinstance(source, SessionRows) and place < len(source.sessions):
            return source.sessions[place], None
        if isinstance(source, HitRows) and place < len(source.hits):
            return source.hits[place].session, source.hits[place]
        return None

    def commands(self) -> Mapping[str, Callable[[], object]]:
        """Return what each action of this screen calls."""
        return {
            "help": lambda: self._app_action("show_help"),
            "palette": lambda: self._app_action("command_palette"),
            "settings": lambda: self._app_action("show_settings"),
            "choose_theme": lambda: self._app_action("choose_theme"),
            "next_theme": lambda: self._app_action("next_theme"),
            "suspend": lambda: self._app_action("suspend_process"),
            "quit": self.app.exit,
            "picker_open": partial(self._leave_with, replays=False),
            "picker_replay": partial(self._leave_with, replays=True),
            "picker_search": self._toggle_search,
            "picker_scope": self._toggle_scope,
            "picker_up": lambda: self._move(self._list.move_cursor, -1),
            "picker_down": lambda: self._move(self._list.move_cursor, 1),
            "picker_page_up": lambda: self._move(self._list.move_page, -1),
            "picker_page_down": lambda: self._move(self._list.move_page, 1),
            "picker_rename": lambda: self._with_chosen(self._changes.rename),
            "picker_delete": lambda: self._with_chosen(self._changes.delete),
            "picker_escape": self._escape,
        }

    def on_input_changed(self, message: Input.Changed) -> None:
        """Narrow the list, or search."""
        message.stop()
        self._changes.forget()
        self._show_list()

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Do what Enter means: this comes behind what was typed before it."""
        message.stop()
        self.action_perform("picker_open")

    def on_listing_chosen(self, message: Listing.Chosen) -> None:
        """Show what was clicked on; a second click takes it."""
        message.stop()
        message.prevent_default()  # the other screens show an event of their panel
        if message.is_double:
            self._leave_with(replays=False)
        else:
            self._show_chosen()

    def on_resize(self) -> None:
        """Show as much of the preview as fits now."""
        self._show_chosen()

    def _move(self, go: Callable[[int], None], step: int) -> None:
        self._changes.forget()
        go(step)
        self._show_chosen()

    def _toggle_search(self) -> None:
        text = self._box.value
        self._box.value = text.removeprefix(SEARCH_PREFIX) if self.is_searching else f"/{text}"
        self._box.cursor_position = len(self._box.value)

    def _toggle_scope(self) -> None:
        self._is_here_only = not self._is_here_only
        self._show_list()

    def _escape(self) -> None:
        if self._box.value:
            self._box.value = ""
        else:
            self._leave(None)

    def _end_app(self, choice: Choice | None) -> None:
        self.choice = choice
        self.app.exit()

    def _leave_with(self, *, replays: bool) -> None:
        chosen = self.chosen
        if chosen is not None:
            session, hit = chosen
            choice = Choice(session, replays, hit.event_index if hit is not None else None)
            first = self._leave(choice)
            if first is not None:
                self._foot.tell(first)

    def _ask(self, box: TitleBox, take: Callable[[str | None], None]) -> None:
        self.app.push_screen(box, take)

    def _with_chosen(self, change: Callable[[SessionSummary], None]) -> None:
        chosen = self.chosen
        if chosen is not None:
            change(chosen[0])

    async def _list_again(self) -> None:
        try:
            found = await asyncio.to_thread(self._store.sessions)
        except HarnError as error:
            self._foot.tell(str(error))
            return
        self._narrowing = Narrowing(found.summaries, self._here)
        if found.notice is not None:
            self._foot.tell(found.notice)
        self._show_list(keeps_place=True)

    def _show_list(self, *, keeps_place: bool = False) -> None:
        text = self._box.value
        if self.is_searching:
            query = text.removeprefix(SEARCH_PREFIX)
            self._start(partial(self._search, query), "search", is_latest=True)
        elif self._narrowing is not None:
            sessions = self._narrowing.find(text, is_here_only=self._is_here_only)
            place = self._list.cursor if keeps_place else 0
            self._list.show(SessionRows(sessions, self._here, self._now_ms()))
            self._list.go_to(place)
            scope = "this folder" if self._is_here_only else "all folders"
            self._foot.count(f"{_counted(len(sessions), 'session')} · {scope}")
            self._show_chosen()

    async def _search(self, text: str) -> None:
        try:
            result = await asyncio.to_thread(self._store.search, text)
        except HarnError as error:
            self._foot.tell(str(error))
            return
        if not self.is_searching:
            return
        hits = result.hits
        if self._is_here_only:
            hits = [hit for hit in hits if hit.session.cwd == self._here]
        self._list.show(HitRows(hits, self._now_ms()))
        self._foot.count(_counted(len(hits), "place"))
        self._foot.tell(" ".join(result.problems) if text.strip() else "")
        self._show_chosen()

    def _show_chosen(self) -> None:
        chosen = self.chosen
        if chosen is None:
            self._preview.update("")
            return
        self._start(partial(self._load_preview, *chosen), "preview", is_latest=True)

    async def _load_preview(self, session: SessionSummary, hit: SearchHit | None) -> None:
        rows = self._preview.content_size.height
        self._preview.update(preview_content(session, hit, (), rows))
        await asyncio.sleep(_PAUSE_S)
        try:
            words = await asyncio.to_thread(self._store.last_words, session, _PREVIEWED)
        except HarnError:
            return  # what is wrong with the log is among the session's problems
        self._preview.update(preview_content(session, hit, words, rows))

    def _start(self, work: WorkType[None], group: str, *, is_latest: bool = False) -> None:
        """Let the screen own ``work``; the ``is_latest`` one ends those of its group.

        What may be ended before it has begun comes as a function: a coroutine would never run.
        """
        self.run_worker(work, group=group, exclusive=is_latest, exit_on_error=True)


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
