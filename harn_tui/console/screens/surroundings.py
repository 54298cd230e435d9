"""What stands around the transcript of a live session: banner, queue, dock, status line.

Draws them from the view, and only those that a frame changed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from textual.widget import Widget

from harn_tui.console.actions import key_of
from harn_tui.console.approval.dock import ApprovalDock
from harn_tui.console.banner import Banner
from harn_tui.console.breakpoints import MIDDLE_COLUMNS
from harn_tui.console.heartbeat import Heartbeat
from harn_tui.console.opening_words import IDLE_HINT
from harn_tui.console.ports import Clock, ConsoleSession
from harn_tui.console.prompt.prompt import Prompt
from harn_tui.console.questions.dock import QuestionDock
from harn_tui.console.questions.turn import waits_longer
from harn_tui.console.queue_strip.strip import QueueStrip
from harn_tui.console.screens.answering import Answering
from harn_tui.console.screens.receipts import KEEP_SECONDS, Receipts
from harn_tui.console.screens.steering import Steering
from harn_tui.console.screens.usable import Situation
from harn_tui.console.status.line import StatusFacts, StatusLine
from harn_tui.console.status.quiet import is_quiet, running_tool
from harn_tui.kinds import NoticeLevel
from harn_tui.view.model import Changes, NoticeBlock, SessionView

_LOOK_SECONDS, _MOST_LOOKS = 0.05, 40
"""How often, and how many times, a run that is over is looked at until the session has left it."""


@dataclass(frozen=True, slots=True)
class SurroundingWidgets:
    """The widgets of the screen, from top to bottom."""

    banner: Banner
    queue: QueueStrip
    dock: ApprovalDock
    question: QuestionDock
    prompt: Prompt
    status: StatusLine


class Surroundings:
    """Keeps the widgets in step with view and session."""

    def __init__(
        self,
        owner: Widget,
        widgets: SurroundingWidgets,
        steering: Steering,
        answering: Answering,
        *,
        now_ms: Clock,
        on_beat: Callable[[int], None],
    ) -> None:
        """``on_beat`` gets the time at every tick, to count durations elsewhere."""
        self.heartbeat = Heartbeat(owner, self.tick)
        self._on_beat = on_beat
        self._owner = owner
        self._widgets = widgets
        self._steering = steering
        self._answering = answering
        self._now_ms = now_ms
        self._receipts = Receipts()
        self._session: ConsoleSession | None = None
        self._view: SessionView | None = None
        self._looks_left = 0

    def attach(self, session: ConsoleSession, view: SessionView) -> None:
        """Take session and view, and draw everything."""
        self._session, self._view = session, view
        self._receipts.note(view, Changes(blocks=set(range(len(view.blocks)))))
        self._receipts.clear()
        self._draw_docks(view)
        self.draw_queue()
        self._draw_status(session, view)

    def draw(self, changes: Changes) -> None:
        """Draw what one frame changed."""
        view, session = self._view, self._session
        if view is None or session is None:
            return
        self._show_errors(view, changes)
        if self._receipts.note(view, changes):
            self._owner.set_timer(KEEP_SECONDS, self._drop_receipts)
            self._widgets.queue.set_receipts(self._receipts.fresh)
        has_news = changes.permissions or changes.questions
        if has_news or (view.permissions and changes.blocks):
            self._draw_docks(view)
        if changes.queue or changes.status or changes.questions:
            self.draw_queue()
        self._draw_status(session, view)
        if session.is_running and not view.is_running and self._looks_left == 0:
            self._looks_left = _MOST_LOOKS
            self._watch_the_end(session)

    def _watch_the_end(self, session: ConsoleSession) -> None:
        """Draw again once the session has left the run, whose last event came before that.

        Only then is it known whether the queue waits for the person.
        """

        def look() -> None:
            self._looks_left = self._looks_left - 1 if session.is_running else 0
            if self._looks_left:
                self._watch_the_end(session)
            else:
                self.draw_queue()
                self.tick()

        self._owner.set_timer(_LOOK_SECONDS, look)

    def situation(self, *, is_covered: bool) -> Situation:
        """Return what there is to act on; ``is_covered``: something hides the transcript."""
        session, view, widgets = self._session, self._view, self._widgets
        return Situation(
            has_question=widgets.dock.is_pending,
            has_queue=bool(self._steering.early.lines or (view and view.queue)),
            is_paused=session is not None and session.is_paused,
            has_agents=session is not None and bool(session.agents.running),
            can_stop=is_covered or (session is not None and session.is_running),
            has_banner=bool(widgets.banner.text),
        )

    def _draw_docks(self, view: SessionView) -> None:
        """Show what has waited longest for the person, an approval or a question."""
        self._widgets.dock.show(view)
        self._widgets.question.show(view.questions if waits_longer(view) else ())
        is_asked = bool(view.permissions or view.questions)
        self._widgets.queue.set_brief(brief=is_asked)
        self._answering.note_open(view.questions)

    def draw_queue(self) -> None:
        """Draw the queued lines of the session and those typed before it was open."""
        view, session = self._view, self._session
        self._widgets.queue.show(
            [*(view.queue if view else []), *self._steering.early.lines],
            is_running=view is not None and view.is_running,
            is_paused=session is not None and session.is_paused,
            now_ms=self._now_ms(),
        )
        self.draw_hint()

    def draw_hint(self) -> None:
        """Say in the empty prompt what its keys would do."""
        session, view, prompt = self._session, self._view, self._widgets.prompt
        if session is not None and session.is_paused and view is not None and view.queue:
            prompt.set_hint("Enter sends what is queued; or type to add to it")
        elif view is not None and view.questions:
            prompt.set_hint(
                f"{key_of('answer_question')} answers with what you type · Enter steers"
            )
        elif view is not None and view.is_running:
            after, now = key_of("send_after_run"), key_of("send_now")
            is_narrow = prompt.app.size.width < MIDDLE_COLUMNS
            more = "" if is_narrow else f": Enter next call · {after} after the run · {now} now"
            prompt.set_hint(f"Steer it{more}")
        else:
            prompt.set_hint(IDLE_HINT)

    def _draw_status(self, session: ConsoleSession, view: SessionView) -> None:
        facts = StatusFacts(
            provider=view.provider or session.models.provider_name,
            model=view.model or session.models.model,
            next_model=view.next_model,
            context_window=session.models.context_window,
            is_paused=session.is_paused,
            cpu_percent=self._cpu_percent(session, view),
        )
        self._widgets.status.show(view, facts, self._now_ms())
        self.heartbeat.set(on=view.is_running or bool(view.unfinished_tools))

    def _cpu_percent(self, session: ConsoleSession, view: SessionView) -> int | None:
        """Return what the command uses that runs in silence; nothing is measured otherwise."""
        tool = running_tool(view) if view.is_running else None
        if tool is None or not is_quiet(tool, self._now_ms()):
            return None
        return session.command_loads.percent(tool.tool_call_id)

    def _show_errors(self, view: SessionView, changes: Changes) -> None:
        for index in sorted(changes.blocks):
            block = view.blocks[index]
            if not isinstance(block, NoticeBlock) or block.level is not NoticeLevel.ERROR:
                continue
            # How a run ended stands in the transcript and in the status line already.
            if not view.last_reason or not block.text.endswith(view.last_reason):
                self._widgets.banner.show(block.text)

    def tick(self) -> None:
        """Show all durations as of now."""
        now_ms = self._now_ms()
        if self._session is not None and self._view is not None:
            self._draw_status(self._session, self._view)
        else:
            self._widgets.status.tick(now_ms)
        self._widgets.queue.tick(now_ms)
        self._widgets.dock.tick()
        self._widgets.question.tick()
        self._on_beat(now_ms)

    def _drop_receipts(self) -> None:
        self._receipts.clear()
        self._widgets.queue.set_receipts([])
