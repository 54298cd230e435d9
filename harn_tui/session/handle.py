"""The façade of a session: what every front end calls, and the rule that starts runs.

The rule: when the queue is not empty, no run is active and the queue is not paused, a run
starts with the oldest line. It is applied after every submit and after every run's end.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TypeAlias

from harn_tui.errors import HarnError, SessionClosedError
from harn_tui.events.host import SessionStart
from harn_tui.events.record import Record
from harn_tui.events.run_reasons import INTERRUPTED_BY_PERSON
from harn_tui.feedback.item import USER_KIND, AttachedImage, FeedbackItem
from harn_tui.kinds import Boundary, Decision, DecisionScope
from harn_tui.loop.result import LoopResult
from harn_tui.loop.sub_agents.registry import SubAgents
from harn_tui.permissions.chosen_rule import ChosenRule
from harn_tui.session.active_run import ActiveRun
from harn_tui.session.approvals import Approvals
from harn_tui.session.asking_again import can_ask_again
from harn_tui.session.conversation import Conversation
from harn_tui.session.files import SessionFiles
from harn_tui.session.images import SessionImages
from harn_tui.session.kept_state import KeptState
from harn_tui.session.lines import QueuedLines
from harn_tui.session.models import SessionModels
from harn_tui.session.opening_notices import opening_notices
from harn_tui.session.outside_requests import OutsideRequests
from harn_tui.session.parts import SessionParts
from harn_tui.session.prompt_sources import PromptSources
from harn_tui.session.questions import OpenQuestions
from harn_tui.session.queue_handling import QueueHandling
from harn_tui.session.rewinding import Rewinding
from harn_tui.session.run_task import SessionRun
from harn_tui.session.services import SessionServices
from harn_tui.session.soft_stop import SoftStop
from harn_tui.sinks.emit import emit
from harn_tui.sinks.registry import current_registry
from harn_tui.tools.command_loads import CommandLoads

_FOR_A_LINE = "interrupted to deliver a line now"
Images: TypeAlias = tuple[AttachedImage, ...]


class SessionHandle:
    """One open session. All methods are called on the event loop that ``start`` ran on."""

    def __init__(self, parts: SessionParts) -> None:
        self.session_id: str = parts.session_id
        """Also the name of the session's folder."""
        self.folder: Path | None = parts.files.path if parts.files else None
        """Where the session is stored, ``None`` when it is not."""
        self.cwd: Path = parts.cwd
        """The folder that commands run in."""
        self._active = ActiveRun(self._after_run)
        self.models = SessionModels(parts, self._active.is_on)
        self.agents: SubAgents = parts.agents
        self.questions: OpenQuestions = parts.questions
        self.command_loads: CommandLoads = parts.command_loads
        self.rewinding: Rewinding | None = parts.rewinding
        self.approvals: Approvals = Approvals(parts.session_id, parts.broker, parts.rule_files)
        self._parts = parts
        self.kept = KeptState(parts.files)
        past = self._conversation = Conversation(parts.past)
        self.services = SessionServices(parts, self.models, OutsideRequests(self).take, past)
        self.compaction = self.services.compaction
        self.preparation = self.services.preparation
        """What can be done before a first line is sent."""
        self.images: SessionImages = self.services.images
        sources = parts.cwd, parts.mcp_servers, self.services.shell
        self.prompt_sources = PromptSources(*sources, self.images)
        self._lines = QueuedLines(parts.session_id, parts.feedback)
        queued = parts.session_id, self._lines, parts.feedback
        self.queue = QueueHandling(*queued, self._active.is_on)
        self.soft_stop = SoftStop(self.interrupt)
        self._is_paused = False
        self._is_closed = False
        self._is_used = False

    @property
    def is_running(self) -> bool:
        """Whether a run is active."""
        return self._active.is_on()

    @property
    def last_result(self) -> LoopResult | None:
        """How the newest run of this process ended."""
        return self._active.last_result

    @property
    def is_paused(self) -> bool:
        """Whether queued lines wait: after an interruption, failure or restart, or on request."""
        return self._is_paused or self.queue.is_paused

    @property
    def draft(self) -> str:
        """The unsent prompt text that was saved last."""
        return self._parts.files.draft if self._parts.files else ""

    def past_records(self) -> Sequence[Record]:
        """Return what the log held when it was opened; fold these before any live record."""
        return self._parts.past.records

    def subscribe(self, listener: Callable[[Record], None]) -> Callable[[], None]:
        """Call ``listener`` with every live record; returns the way to stop it."""
        return self._parts.recorder.subscribe(listener)

    def subscribe_lines(self, listener: Callable[[str], None]) -> Callable[[], None]:
        """Call ``listener`` with every line of the log as it is written."""
        return self._parts.recorder.subscribe_lines(listener)

    async def start(self) -> None:
        """Open the session: announce it, and put back what was left waiting.

        A run that asked for an approval goes on, and takes its lines; without one they wait on.
        """
        parts = self._parts
        current_registry().register_sink(self.session_id, parts.recorder)
        parts.recorder.subscribe(self._conversation.take)
        parts.recorder.subscribe(self.soft_stop.take)
        parts.recorder.subscribe(self.models.take)
        _announce(parts)
        self.services.start()
        self._lines.restore(parts.past.waiting)
        if parts.past.has_waiting_calls:
            self._start_run(None)
        else:
            self._is_paused = bool(parts.past.waiting)

    def submit(
        self,
        text: str,
        boundary: Boundary = Boundary.NEXT_PREFLIGHT,
        *,
        kind: str = USER_KIND,
        images: Images = (),
        feedback_id: str | None = None,
    ) -> str:
        """Queue ``text`` and return its feedback id; starts a run when none is active.

        The line is journalled before this returns. ``Boundary.NOW`` interrupts the active run
        and delivers the line with the next one. A ``kind`` other than the person's own words
        never starts a run by itself: it waits for one. ``images`` came from ``images.attach``.
        ``feedback_id`` is one that was minted elsewhere. Raises HarnError for blank text and for
        images that the model does not take, SessionClosedError after ``close``.
        """
        if self._is_closed:
            raise SessionClosedError("The session is closed.", hint="Take it up with --continue.")
        if not text.strip():
            raise HarnError("There is nothing to send.", hint="Type a line first.")
        if images:
            self.images.check(images)
        self._is_used = True
        item = self._lines.add(text, boundary, kind, images, feedback_id)
        self._is_paused = False
        if boundary is Boundary.NOW:
            self._active.cancel(_FOR_A_LINE)
        self._start_run_if_due()
        return item.feedback_id

    def withdraw(self, feedback_id: str) -> bool:
        """Take a queued line back; false when it is already claimed or delivered."""
        return self._lines.withdraw(feedback_id)

    def hold(self, feedback_id: str) -> bool:
        """Keep a queued line back while it is edited."""
        return self._lines.hold(feedback_id)

    def release(
        self, feedback_id: str, text: str | None = None, images: Images | None = None
    ) -> bool:
        """End the editing of a held line, with new words and images where given."""
        is_released = self._lines.release(feedback_id, text, images)
        self._start_run_if_due()
        return is_released

    def send_now(self, feedback_id: str) -> bool:
        """Deliver a queued line at once: the active run is interrupted for it."""
        if not self._lines.retarget(feedback_id, Boundary.NOW):
            return False
        self._end_pause()
        self._active.cancel(_FOR_A_LINE)
        self._start_run_if_due()
        return True

    def resume_queue(self) -> None:
        """End a pause: lines enter the active run again, or the oldest one starts a run."""
        self._end_pause()
        self._start_run_if_due()

    def answer(
        self,
        request_id: str,
        decision: Decision,
        scope: DecisionScope = DecisionScope.ONCE,
        note: str | None = None,
        *,
        rule: ChosenRule | None = None,
    ) -> bool:
        """Answer a permission request; false when it is not open (any more).

        A note on an approval reaches the model as feedback at the next preflight, one on a
        refusal in the call's result; a nested loop that asked gets it. ``rule`` goes with
        ``ALWAYS``, which keeps the proposed one by default. Raises UsageError for a rule that
        this call cannot be given; it then still waits.
        """
        note = (note or "").strip() or None
        if not self.approvals.answer(request_id, decision, scope, note, rule):
            return False
        if note and decision is Decision.ALLOW and not self.agents.asks(request_id):
            self._lines.add(note, Boundary.NEXT_PREFLIGHT)
        return True

    def interrupt(self, reason: str = INTERRUPTED_BY_PERSON) -> bool:
        """Stop the active run for ``reason``, a clause; partial text is kept, the queue waits."""
        self._is_paused = self._is_paused or self.is_running
        return self._active.cancel(reason)

    def open_requests(self) -> tuple[str, ...]:
        """Return the ids of the permission requests that wait for an answer, oldest first."""
        return self._parts.broker.pending()

    def save_draft(self, text: str) -> None:
        """Keep the unsent prompt text across restarts."""
        if self._parts.files:
            self._parts.files.save_draft(text)

    async def wait_idle(self) -> LoopResult | None:
        """Wait until no run is active and none is due; return the last run's result."""
        await self._active.wait_idle()
        return self.last_result

    async def close(self, *, leaves_approvals: bool = False) -> None:
        """End the run, close the provider and the files; queued lines stay journalled.

        ``leaves_approvals`` leaves a run in the log as it is that waits for one, where the next
        process can ask again. All of it is tried, whatever fails; the last failure is raised.
        """
        if self._is_closed:
            return
        self._is_closed = True
        parts = self._parts
        async with AsyncExitStack() as last_first:
            if parts.files:
                last_first.push_async_callback(self._close_files, parts.files)
            _close_sinks(parts, last_first)
            last_first.push_async_callback(parts.first_model.provider.aclose)
            last_first.push_async_callback(self.models.stop)
            last_first.push_async_callback(self.services.stop)
            last_first.callback(parts.broker.cancel_all)
            asked = self._active, self.approvals, self._conversation
            if leaves_approvals and can_ask_again(parts, *asked):
                current_registry().clear_session_sinks(self.session_id)
            self._active.cancel("the console was closed")
            await self._active.wait_idle()

    async def _close_files(self, files: SessionFiles) -> None:
        is_used = self._is_used or self.services.shell.is_used
        is_kept = is_used or self._parts.past.records or files.draft.strip()
        await files.close(is_empty=not is_kept)

    def _end_pause(self) -> None:
        self._is_paused = False
        self.queue.resume()

    def _start_run_if_due(self) -> None:
        if self.is_running or self.is_paused or self._is_closed:
            return
        item = self._lines.claim_for_run()
        if item is None:
            return
        self._start_run(item)

    def _start_run(self, prompt: FeedbackItem | None) -> None:
        if self._parts.files and prompt is not None:
            self._parts.files.save_title(prompt.content)
        run = SessionRun(
            self._parts,
            prompt=prompt,
            conversation=self._conversation,
            services=self.services,
            models=self.models,
            ask=self.approvals.ask,
            on_end=self._active.ended,
        )
        self._active.start(run)

    def _after_run(self, run: SessionRun) -> None:
        if run.prompt is not None:
            self._lines.give_back(run.prompt)
        self._is_paused = self._is_paused or run.would_end_alike
        self.models.settle()
        self._start_run_if_due()


def _close_sinks(parts: SessionParts, last_first: AsyncExitStack) -> None:
    """Have nothing more written to the logs, and then have them closed."""
    if parts.llm_log is not None:
        last_first.push_async_callback(asyncio.to_thread, parts.llm_log.close)
    last_first.push_async_callback(parts.recorder.close)
    last_first.callback(current_registry().clear_session_sinks, parts.session_id)


def _announce(parts: SessionParts) -> None:
    """Say that the session is open, and what the person should know of it."""
    emit(
        SessionStart(
            session_id=parts.session_id,
            cwd=str(parts.cwd),
            model=parts.first_model.model,
            provider=parts.first_model.provider.name,
            tool_format=parts.options.tool_format,
            base_url=parts.first_model.base_url,
        )
    )
    for notice in opening_notices(parts):
        emit(notice)
