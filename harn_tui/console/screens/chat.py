"""The screen of a live session. It draws from the view and acts through the session handle."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import TextArea

from harn_tui.console.action import Scope
from harn_tui.console.actions import CHAT_SCOPES, bindings_of, key_of
from harn_tui.console.approval.dock import ApprovalDock
from harn_tui.console.banner import Banner
from harn_tui.console.frame import LoopScheduler
from harn_tui.console.line_begun import LineBegun
from harn_tui.console.opening_words import TYPE_ALREADY, welcome
from harn_tui.console.panels.listing import Listing
from harn_tui.console.ports import Clock, ConsoleSession, TranscriptWidget
from harn_tui.console.prompt.draft import DraftSaver
from harn_tui.console.prompt.prompt import Prompt
from harn_tui.console.questions.dock import QuestionDock
from harn_tui.console.queue_strip.strip import QueueStrip
from harn_tui.console.screens.answering import Answering
from harn_tui.console.screens.body import SessionBody
from harn_tui.console.screens.climbing import Climbing, Surface
from harn_tui.console.screens.deciding import Deciding
from harn_tui.console.screens.first_choice import FirstChoice
from harn_tui.console.screens.line_entry import LineEntry
from harn_tui.console.screens.line_keys import prompt_commands, queue_commands
from harn_tui.console.screens.performing import PerformingScreen
from harn_tui.console.screens.quick_help import quick_help_commands
from harn_tui.console.screens.quitting import Quitting
from harn_tui.console.screens.reaching import Reaching
from harn_tui.console.screens.steering import Steering
from harn_tui.console.screens.stray_input import StrayInput
from harn_tui.console.screens.surroundings import Surroundings, SurroundingWidgets
from harn_tui.console.screens.switching import Switching
from harn_tui.console.status.line import DEMO_PROVIDER, StatusLine
from harn_tui.view.model import Changes, SessionView


class ChatScreen(PerformingScreen):
    """Transcript, queue, approval dock, prompt, status line."""

    SCOPES = CHAT_SCOPES
    BINDINGS = bindings_of(Scope.CHAT, Scope.ANYWHERE)

    def __init__(self, now_ms: Clock) -> None:
        super().__init__()
        self._now_ms = now_ms
        self._session: ConsoleSession | None = None
        self._view: SessionView | None = None
        self._prompt = Prompt()
        self._dock = ApprovalDock(now_ms)
        self._question_dock = QuestionDock(now_ms)
        self._strip = QueueStrip()
        self._status_line = StatusLine()
        self._banner = Banner()
        self._steering = Steering(
            self._prompt,
            now_ms=now_ms,
            tell=self.tell,
            redraw=lambda: self._surroundings.draw_queue(),  # noqa: PLW0108 - made below
            show=lambda screen: self.app.push_screen(screen),  # noqa: PLW0108 - no app yet
        )
        self.first_choice = FirstChoice(self._greet, self._status_line.say_opening, self.tell)
        self._deciding = Deciding(
            self._dock, self._prompt, now_ms=now_ms, tell=self.tell, push=self._push
        )
        self._reaching = Reaching(
            self._prompt, self._steering, pick=self._push, tell=self.tell, confirm=self.flash
        )
        self._answering = Answering(
            self._question_dock, self._prompt, is_taken=self._holds_other_text, tell=self.tell
        )
        self._climbing = Climbing(
            self._surface(),
            self._prompt,
            steering=self._steering,
            deciding=self._deciding,
            answering=self._answering,
            reaching=self._reaching,
            quitting=Quitting(now_ms, self._status_line.flash),
        )
        above = self._banner, self._strip, self._dock, self._question_dock
        widgets = SurroundingWidgets(*above, self._prompt, self._status_line)
        self.switching = Switching(self, now_ms, self.flash)
        self._lines = self._line_entry()
        self.line_begun = LineBegun()
        self._stray = StrayInput(self._prompt, self._is_away)
        self._surroundings = Surroundings(
            *(self, widgets, self._steering, self._answering),
            now_ms=now_ms,
            on_beat=lambda at_ms: self.body.tick(at_ms),  # noqa: PLW0108 - there once composed
        )

    def _line_entry(self) -> LineEntry:
        takers = self._deciding.take_reason, self._answering.take_line, self._reaching.take_line
        return LineEntry(
            self,
            self._prompt,
            self._steering,
            takers=takers,
            situation=lambda: self._surroundings.situation(is_covered=self.body.covers_transcript),
            tell=self.tell,
            confirm=self.flash,
            say_mode=self._status_line.say_mode,
            now_ms=self._now_ms,
            takes_text={"rename_session": self.switching.rename},
        )

    def compose(self) -> ComposeResult:
        """Compose the screen from top to bottom."""
        yield SessionBody(welcome(Content(TYPE_ALREADY)))
        yield from (self._banner, self._strip, self._dock, self._question_dock)
        yield from (self._lines.completing.widget, self._prompt, self._status_line)

    def on_mount(self) -> None:
        """Give the prompt the focus; it is the first thing that works."""
        self._prompt.focus()
        self._lines.follow_prompt()
        self._surroundings.draw_hint()

    def on_resize(self, event: events.Resize) -> None:
        """Give the docks what the screen can spare."""
        self._dock.fit(event.size.width, event.size.height)
        self._question_dock.fit(event.size.width, event.size.height)

    def submit_early(self, text: str) -> None:
        """Queue ``text`` of the command line before the session is open."""
        self._prompt.past.add(text)
        self._steering.keep_given(text)

    async def attach(
        self,
        session: ConsoleSession,
        view: SessionView,
        make_transcript: Callable[[], TranscriptWidget],
    ) -> None:
        """Draw ``view`` and take ``session``; lines typed before are submitted."""
        self._session, self._view = session, view
        self._greet(Content(_hello(session, self.first_choice.hint)))
        self.body.tick(self._now_ms())
        self.body.side.rows.context.window = lambda: session.models.context_window
        await self.attach_transcript(make_transcript, view)
        saver = DraftSaver(session.save_draft, LoopScheduler(), session.draft)
        self._steering.attach(session, saver, session.prompt_sources.shell.run)
        self._reaching.attach(session.agents)
        self._answering.attach(session.questions)
        self._deciding.attach(session, view)
        self._climbing.attach(session, lambda: len(view.queue))
        self._lines.attach(session, view)
        self._reviewing.attach(session)
        self.rewinder.attach(session)
        self.switching.attach(session)
        self._surroundings.attach(session, view)

    def shown_view(self) -> SessionView | None:
        """Return the session as it is shown."""
        return self._view

    @property
    def has_typed_text(self) -> bool:
        """Whether something was typed that leaving would lose."""
        return bool(self._prompt.text or self._steering.early.has_typed)

    def fail_to_open(self, text: str) -> None:
        """Say why there is no session; what was typed goes back into the prompt."""
        self._steering.refuse_lines()
        self._greet(Content("There is no session."))
        self._banner.show(text)
        self._status_line.say_closed()
        self._surroundings.draw_queue()

    def draw(self, changes: Changes) -> None:
        """Draw what one frame changed."""
        self.body.update_parts(changes)
        self._surroundings.draw(changes)
        if changes.permissions:
            self._deciding.close_stale()
        self._reviewing.draw(changes)

    def tick(self) -> None:
        """Show all durations as of now."""
        self._surroundings.tick()

    @property
    def is_ticking(self) -> bool:
        """Whether a timer runs to count durations."""
        return self._surroundings.heartbeat.is_on

    async def flush(self) -> None:
        """Save what is not saved yet; called before the program ends."""
        if self._steering.draft_saver is not None:
            self._steering.draft_saver.flush()
        await self._lines.close()

    def commands(self) -> Mapping[str, Callable[[], object]]:
        """Return what each action of this screen calls."""
        return (
            self._shared_commands()
            | prompt_commands(self._prompt, self._lines.send)
            | self._lines.commands()
            | self._lines.windows.commands()
            | queue_commands(self._steering, self._strip, lambda: self._view)
            | self._deciding.commands(is_editing=self._steering.is_editing)
            | quick_help_commands(self._prompt, self.SCOPES)
            | self._reaching.commands()
            | self.first_choice.commands()
            | {
                "panel_steer": lambda: self._reaching.steer(self.body.chosen_agent),
                "panel_cancel": lambda: self._reaching.cancel(self.body.chosen_agent),
                "attach_image": lambda: self._lines.attaching.command(""),
                "dismiss_banner": lambda: self._banner.show(""),
                "focus_dock": lambda: self._dock.enter() or self._question_dock.enter(),
            }
            | self._answering.commands()
            | self._climbing.commands()
            | self.switching.commands()
        )

    def on_text_area_changed(self, message: TextArea.Changed) -> None:
        """Keep the draft, and offer what fits to what is typed."""
        message.stop()
        self._lines.text_changed()
        self.drop_passed_flash()
        self.line_begun.take(lambda: self._prompt.text)

    def on_key(self, event: events.Key) -> None:
        """Take text that nothing else takes."""
        self._stray.take_key(event)

    def on_paste(self, event: events.Paste) -> None:
        """Take pasted text that nothing else takes."""
        self._stray.take_paste(event)

    def on_descendant_blur(self) -> None:
        """Bring the focus back to the prompt when what had it can no longer have it."""
        self.call_after_refresh(self._keep_focus)

    def _keep_focus(self) -> None:
        # While another window has the keys, what had the focus here gets it back.
        if self.focused is None and self.is_current and self.app.app_focus:
            self._prompt.focus()

    def on_listing_chosen(self, message: Listing.Chosen) -> None:
        """Go to the queued line that was chosen in the panel."""
        if message.source is self.body.side.rows.queue:
            message.stop()
            self._strip.enter_at(message.row // message.source.rows_per_entry)

    def _surface(self) -> Surface:
        # Body and app are there once the screen is shown.
        return Surface(
            is_covered=lambda: self.has_popup,
            is_away=self._is_away,
            has_selection=lambda: self.has_selection,
            drop_selection=self.browsing.drop_selection,
            copy_selection=self.copy_selection,
            close_popup=self.close_popup,
            quit=lambda: self.app.exit(),  # noqa: PLW0108 - no app yet
            confirm=self.flash,
        )

    def _is_away(self) -> bool:
        docks = (self._dock, self._question_dock)
        rows = (self._strip, self.body.side.listing)
        has_focus = any(one.has_focus for one in rows) or any(d.has_focus_within for d in docks)
        return has_focus or self.browsing.is_away

    def go_home(self, typed: str = "") -> None:
        """Give the keys back to the prompt."""
        self._prompt.focus()
        if typed:
            self._prompt.type_in(typed)

    def put_into_prompt(self, text: str) -> None:
        """Offer ``text`` to be sent again, unless something else was typed."""
        if not self.has_typed_text:
            self._prompt.insert(text)

    def _holds_other_text(self) -> bool:
        is_elsewhere = self._steering.is_editing or self._reaching.is_addressing
        return is_elsewhere or self._deciding.awaits_reason

    def _greet(self, words: Content) -> None:
        self.body.say(welcome(words))

    def _push(self, screen: ModalScreen[Any], then: Callable[[Any], None]) -> None:
        self.app.push_screen(screen, then)


def _hello(session: ConsoleSession, hint: str) -> str:
    help_key, stop, palette = key_of("help"), key_of("escape"), key_of("palette")
    lines = [
        "Type a request and press Enter.",
        "While it works, keep typing: it hears you before its next step.",
        f"{help_key} shows every key, {stop} stops a run, {palette} finds a command.",
    ]
    if session.models.provider_name == DEMO_PROVIDER:
        lines += ["", "This is the demo provider: a stand-in, no model and no network."]
    if hint:
        lines += ["", hint]
    return "\n".join(lines)
