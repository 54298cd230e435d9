"""The screen of a live session. It draws from the view and acts through the session handle."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import TextArea

from harn_tui.console.action import Scope
from harn_tui.console.actions import CHAT_SCOPES, bindings_of, key_of
from harn_tui.console.approval.dock import ApprovalDock
from harn_tui.console.banner import Banner
from harn_tui.console.frame import LoopScheduler
from harn_tui.console.ladder import LadderState, Step, interrupt, next_step
from harn_tui.console.panels.listing import Listing
from harn_tui.console.ports import Clock, ConsoleSession, TranscriptWidget
from harn_tui.console.prompt.draft import DraftSaver
from harn_tui.console.prompt.prompt import Prompt
from harn_tui.console.queue_strip.strip import QueueStrip
from harn_tui.console.screens.agent_picker import AgentPicker
from harn_tui.console.screens.body import SessionBody
from harn_tui.console.screens.deciding import Deciding
from harn_tui.console.screens.first_choice import FirstChoice
from harn_tui.console.screens.line_keys import prompt_commands, queue_commands
from harn_tui.console.screens.performing import PerformingScreen
from harn_tui.console.screens.quitting import Quitting, quitting_costs
from harn_tui.console.screens.reaching import Reaching
from harn_tui.console.screens.steering import Steering
from harn_tui.console.screens.stray_input import StrayInput
from harn_tui.console.screens.surroundings import Surroundings, SurroundingWidgets
from harn_tui.console.status.line import DEMO_PROVIDER, StatusLine
from harn_tui.kinds import Decision, DecisionScope
from harn_tui.view.model import Changes, SessionView, UserBlock

CONFIRMED_SECONDS = 3.0
MAX_HISTORY_BLOCKS = 2000


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
        self._dock = ApprovalDock(self._answer, now_ms)
        self._strip = QueueStrip()
        self._status_line = StatusLine()
        self._quitting = Quitting(now_ms, self._status_line.flash)
        self._banner = Banner()
        self._steering = Steering(
            self._prompt,
            now_ms=now_ms,
            tell=self._tell,
            redraw=lambda: self._surroundings.draw_queue(),  # noqa: PLW0108 - made below
            show=lambda screen: self.app.push_screen(screen),  # noqa: PLW0108 - no app yet
        )
        self.first_choice = FirstChoice(self._greet, self._status_line.say_opening, self._tell)
        self._deciding = Deciding(self._dock, self._prompt, self._tell)
        self._reaching = Reaching(
            self._prompt, self._steering, pick=self._pick, tell=self._tell, confirm=self._confirm
        )
        widgets = SurroundingWidgets(
            self._banner, self._strip, self._dock, self._prompt, self._status_line
        )
        self._stray = StrayInput(self._prompt, self._is_away)
        self._surroundings = Surroundings(
            self,
            widgets,
            self._steering,
            now_ms=now_ms,
            on_beat=lambda now: self.body.tick(now),  # noqa: PLW0108 - composed later
        )

    def compose(self) -> ComposeResult:
        """Compose the screen from top to bottom."""
        yield SessionBody(_welcome(Content("Opening the session. You can type already.")))
        yield self._banner
        yield self._strip
        yield self._dock
        yield self._prompt
        yield self._status_line

    def on_mount(self) -> None:
        """Give the prompt the focus; it is the first thing that works."""
        self._prompt.focus()
        self._surroundings.draw_hint()

    def on_resize(self, event: events.Resize) -> None:
        """Give the dock what the screen can spare."""
        self._dock.fit(event.size.width, event.size.height)

    def submit_early(self, text: str) -> None:
        """Queue ``text`` before the session is open, as if it had been typed and sent."""
        self._steering.keep_early(text)

    async def attach(
        self,
        session: ConsoleSession,
        view: SessionView,
        make_transcript: Callable[[], TranscriptWidget],
    ) -> None:
        """Draw ``view`` and take ``session``; lines typed before are submitted."""
        self._session, self._view = session, view
        entries = [b.text for b in view.blocks[-MAX_HISTORY_BLOCKS:] if isinstance(b, UserBlock)]
        self._prompt.past.seed(entries)
        self._greet(Content(_hello(session, self.first_choice.hint)))
        self.body.tick(self._now_ms())
        self.body.side.rows.context.context_window = session.context_window
        await self.body.attach(make_transcript, view)
        saver = DraftSaver(session.save_draft, LoopScheduler(), session.draft)
        self._steering.attach(session, saver)
        self._reaching.attach(session.agents)
        self._reviewing.attach(session)
        self._surroundings.attach(session, view)

    def shown_view(self) -> SessionView | None:
        """Return the session as it is shown."""
        return self._view

    @property
    def has_typed_text(self) -> bool:
        """Whether something was typed that leaving would lose."""
        return bool(self._prompt.text or self._steering.early_lines)

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
        self._reviewing.draw(changes)

    def tick(self) -> None:
        """Show all durations as of now."""
        self._surroundings.tick()

    @property
    def is_ticking(self) -> bool:
        """Whether a timer runs to count durations."""
        return self._surroundings.heartbeat.is_on

    def flush(self) -> None:
        """Save what is not saved yet; called before the program ends."""
        if self._steering.draft_saver is not None:
            self._steering.draft_saver.flush()

    def commands(self) -> Mapping[str, Callable[[], object]]:
        """Return what each action of this screen calls."""
        return (
            self._shared_commands()
            | prompt_commands(self._prompt, self._steering, self._send)
            | queue_commands(self._steering, self._strip, lambda: self._view)
            | self._deciding.commands(has_reason=not self._steering.is_editing)
            | self._reaching.commands()
            | self.first_choice.commands()
            | {
                "panel_steer": lambda: self._reaching.steer(self.body.chosen_agent),
                "panel_cancel": lambda: self._reaching.cancel(self.body.chosen_agent),
                "dismiss_banner": lambda: self._banner.show(""),
                "escape": lambda: self._climb("escape"),
                "clear_or_quit": lambda: self._climb("ctrl+c"),
            }
        )

    def on_text_area_changed(self, message: TextArea.Changed) -> None:
        """Keep the draft."""
        message.stop()
        self._steering.text_changed()

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
        if self.focused is None and self.is_current:
            self._prompt.focus()

    def on_listing_chosen(self, message: Listing.Chosen) -> None:
        """Go to the queued line that was chosen in the panel."""
        if message.source is self.body.side.rows.queue:
            message.stop()
            self._strip.enter_at(message.row // message.source.rows_per_entry)

    def _send(self) -> None:
        if self._prompt.take_backslash() or self._deciding.take_reason():
            return
        if not self._reaching.take_line():
            self._steering.send()

    def _answer(
        self, request_id: str, decision: Decision, scope: DecisionScope, note: str | None
    ) -> bool:
        session = self._session
        return session is not None and session.answer(request_id, decision, scope, note)

    def _climb(self, key: str) -> None:
        step = next_step(self._ladder_state(), key)
        if step is not Step.ARM_QUIT:
            self._quitting.disarm()
        self._steps()[step]()

    def _steps(self) -> dict[Step, Callable[[], object]]:
        return {
            Step.CLOSE_POPUP: self.body.toggle_panel,
            Step.CANCEL_EDIT: self._reaching.cancel_edit,
            Step.FOCUS_PROMPT: self._prompt.focus,
            Step.COPY: self._copy_selection,
            Step.CLEAR_DRAFT: self._clear_draft,
            Step.KEEP_CALL: self._deciding.forget_reason,
            Step.INTERRUPT: self._interrupt,
            Step.ARM_QUIT: self._arm_quit,
            Step.QUIT: self.app.exit,
            Step.NOTHING: self._prompt.focus,
        }

    def _ladder_state(self) -> LadderState:
        return LadderState(
            popup=self.body.covers_transcript,
            editing=self._steering.is_editing or self._reaching.is_addressing,
            away=self._is_away(),
            selection=bool(self._prompt.selected_text or self.get_selected_text()),
            draft=bool(self._prompt.text),
            quit_armed=self._quitting.is_armed,
            reason=self._deciding.awaits_reason,
            running=self._session is not None and self._session.is_running,
        )

    def _is_away(self) -> bool:
        return (
            self._strip.has_focus or self._dock.has_focus_within or self.body.side.listing.has_focus
        )

    def _clear_draft(self) -> None:
        self._prompt.clear_draft()
        self._confirm(f"Cleared. {key_of('undo')} brings it back.")

    def _interrupt(self) -> None:
        if self._session is not None:
            interrupt(self._session, self._confirm)
        self._prompt.focus()

    def _arm_quit(self) -> None:
        costs = quitting_costs(
            is_running=self._session is not None and self._session.is_running,
            queued=len(self._view.queue) if self._view else 0,
            unsent=len(self._steering.early_lines),
        )
        self._quitting.arm(costs)

    def _copy_selection(self) -> None:
        if self._prompt.selected_text:
            self._prompt.action_copy()
        else:
            self.action_copy_text()

    def _pick(self, picker: AgentPicker, then: Callable[[str | None], None]) -> None:
        self.app.push_screen(picker, then)

    def _greet(self, words: Content) -> None:
        self.body.say(_welcome(words))

    def _confirm(self, text: str) -> None:
        self._status_line.flash(text, CONFIRMED_SECONDS)

    def _tell(self, text: str) -> None:
        self.app.notify(text, severity="warning", markup=False)


def _welcome(words: Content) -> Content:
    return Content.styled("harn-tui\n\n", "bold $primary") + words.stylize_before("$muted")


def _hello(session: ConsoleSession, hint: str) -> str:
    lines = [
        "Type a request and press Enter.",
        "While it works, keep typing: it hears you before its next step.",
        f"{key_of('help')} shows every key, Esc stops a run, {key_of('palette')} finds a command.",
    ]
    if session.provider_name == DEMO_PROVIDER:
        lines += ["", "This is the demo provider: a stand-in, no model and no network."]
    if hint:
        lines += ["", hint]
    return "\n".join(lines)
