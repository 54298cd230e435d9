"""Runs one prompt without a screen: events or text out, control lines in, an exit code back."""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from harn_tui.errors import HarnError
from harn_tui.events.host import PermissionRequest, QuestionAsked
from harn_tui.events.record import Record
from harn_tui.events.run_reasons import INTERRUPTED_BY_PERSON
from harn_tui.feedback.item import USER_KIND
from harn_tui.headless.control_input import ControlInput
from harn_tui.headless.control_lines import (
    AnswerLine,
    CancelLine,
    CompactLine,
    ControlLine,
    DecisionLine,
    FeedbackLine,
    ModelLine,
    ResumeLine,
    UserMessageLine,
)
from harn_tui.headless.exit_codes import ERROR, exit_code
from harn_tui.headless.ordered_lines import OrderedLines
from harn_tui.headless.progress import TextProgress
from harn_tui.kinds import Boundary, Decision, HostMessageMode
from harn_tui.loop.result import LoopResult
from harn_tui.session.background_work import BackgroundWork
from harn_tui.session.handle import SessionHandle
from harn_tui.session.models import OVERTAKEN

TERMINATED = "the program was told to end by SIGTERM"
"""What a cancellation of the task says that a signal asked for."""
_BY_A_LINE = "interrupted by a control line"


@dataclass(frozen=True, slots=True)
class HeadlessOptions:
    """How a headless run talks.

    ``as_json`` prints the log's lines as they happen and a last ``result`` line; otherwise the
    reply is printed. ``reads_control`` takes control lines from standard input. ``approves_all``
    answers yes to everything that policy would ask about.
    """

    as_json: bool = False
    reads_control: bool = False
    approves_all: bool = False


class HeadlessRun:
    """One prompt on one session, from start to exit code; ``out`` is where it talks."""

    def __init__(
        self, session: SessionHandle, options: HeadlessOptions, out: TextIO | None = None
    ) -> None:
        self._session = session
        self._out = out or sys.stdout
        self._options = options
        self._progress = TextProgress(self._write_out, _write_error)
        self._is_reader_gone = False
        self._why_cancelled = _BY_A_LINE
        self._is_answering = options.reads_control
        self._lines = OrderedLines(self._take_line, lambda: self._switches.is_under_way)
        self._switches = BackgroundWork("switch model", self._lines.go_on)

    async def run(self, prompt: str, images: Sequence[Path] = ()) -> int:
        """Run ``prompt`` and return the exit code; the session is closed on every way out.

        ``images`` go with it. Raises AttachmentError for one that cannot; nothing is sent then.
        """
        session = self._session
        if self._options.as_json:
            session.subscribe_lines(lambda line: self._write_out(line + "\n"))
        else:
            session.subscribe(self._progress.take)
        session.subscribe(self._attend)
        control = (
            ControlInput(self._lines.take, _write_error) if self._options.reads_control else None
        )
        try:
            # Before anything begins that an earlier process left.
            attached = [await session.images.attach(path) for path in images]
            await session.start()
            await session.services.wait_started()
            session.submit(prompt, images=tuple(attached))
            if control is not None:
                control.start(on_end=self._stop_answering)
            result = await self._wait(session)
        finally:
            if control is not None:
                await control.stop()
            await self._switches.stop()
            await session.close()
        return self._finish(result)

    async def _wait(self, session: SessionHandle) -> LoopResult | None:
        try:
            result = await session.wait_idle()
            while self._lines.are_held and self._switches.is_under_way:
                # What waits for a switch may begin another run.
                await self._switches.wait()
                result = await session.wait_idle()
        except asyncio.CancelledError as error:
            # Ctrl+C comes without words.
            self._why_cancelled = str(error.args[0]) if error.args else INTERRUPTED_BY_PERSON
            self._lines.take(CancelLine())
            result = await session.wait_idle()
        return result

    def _finish(self, result: LoopResult | None) -> int:
        if result is None:
            _write_error("The run ended without a result; see the lines above.")
            return ERROR
        if self._options.as_json:
            line = {"type": "result", **result.as_json()}
            text = json.dumps(line, ensure_ascii=False, separators=(",", ":"))
            self._write_out(text + "\n")
        else:
            self._progress.end_line()
        if result.error is not None:
            _write_error(result.error)
        return exit_code(result.status)

    def _write_out(self, text: str) -> None:
        """Write to standard output; a reader that went away ends the run."""
        if self._is_reader_gone:
            return
        try:
            self._out.write(text)
            self._out.flush()
        except BrokenPipeError:
            self._is_reader_gone = True
            _discard_output(self._out)
            self._session.interrupt("the reader of the output went away")

    def _attend(self, record: Record) -> None:
        """Answer a permission request or a question when nobody else will."""
        event = record.event
        if isinstance(event, PermissionRequest):
            self._decide(event)
        elif isinstance(event, QuestionAsked) and not self._is_answering:
            self._session.questions.give_up(event.question_id)

    def _decide(self, event: PermissionRequest) -> None:
        if self._options.approves_all:
            self._answer(event.request_id, Decision.ALLOW, None)
        elif not self._is_answering:
            self._answer(
                event.request_id,
                Decision.DENY,
                "nobody can be asked in a headless run; start it with --yes to approve",
            )

    def _answer(self, request_id: str, decision: Decision, note: str | None) -> None:
        self._session.answer(request_id, decision, note=note)

    def _stop_answering(self) -> None:
        """Standard input has ended: questions are denied, and nobody wakes a daemon any more."""
        self._is_answering = False
        if self._session.services.wake is not None:
            self._session.services.wake.close()
        for request_id in self._session.open_requests():
            self._answer(request_id, Decision.DENY, "standard input ended without an answer")
        for question_id in self._session.questions.pending():
            self._session.questions.give_up(question_id)

    def _take_line(self, line: ControlLine) -> None:
        try:
            self._control(line)
        except HarnError as error:
            _write_error(f"control line skipped: {error}")

    def _control(self, line: ControlLine) -> None:
        match line:
            case FeedbackLine(_, content, str(agent)):
                self._check_agent(agent, self._session.agents.steer(agent, content))
            case FeedbackLine(kind, content):
                self._session.submit(content, kind=kind or USER_KIND)
            case UserMessageLine(content, mode):
                self._session.submit(content, _BOUNDARY_BY_MODE[mode])
            case DecisionLine():
                self._take_decision(line)
            case AnswerLine(question_id, given):
                self._answer_question(question_id, given)
            case ModelLine(name):
                self._switches.begin(self._switch_to(name))
            case CompactLine():
                self._session.compaction.open()
            case CancelLine(str(agent)):
                self._check_agent(agent, self._session.agents.cancel(agent))
            case ResumeLine():
                if self._session.services.wake is not None:
                    self._session.services.wake.resume()
            case CancelLine():
                self._session.interrupt(self._why_cancelled)

    async def _switch_to(self, name: str) -> None:
        try:
            if await self._session.models.switch_to(name) == OVERTAKEN:
                _write_error(f"{name} was not gone over to: a later line named another model")
        except HarnError as error:
            _write_error(f"the model stays: {error}")
        except asyncio.CancelledError:
            _write_error(f"{name} was not gone over to: the run ended before it was found")
            raise

    def _answer_question(self, question_id: str, given: str | tuple[str, ...] | None) -> None:
        questions = self._session.questions
        try:
            if given is None:
                was_open = questions.decline(question_id)
            else:
                was_open = questions.answer(question_id, given)
        except ValueError as error:
            _write_error(f"answer to {question_id} skipped: {error}")
            return
        if not was_open:
            _write_error(f"no question {question_id} is open; line skipped")

    def _take_decision(self, line: DecisionLine) -> None:
        answer = self._session.answer
        try:
            is_taken = answer(line.request_id, line.decision, line.scope, line.note, rule=line.rule)
        except HarnError as error:
            _write_error(f"control line skipped: {error}")
            return
        if not is_taken:
            _write_error(f"no permission request {line.request_id} is open; line skipped")

    def _check_agent(self, agent: str, was_reached: bool) -> None:
        if not was_reached:
            _write_error(f"no agent {agent} is at work; line skipped")


_BOUNDARY_BY_MODE = {
    HostMessageMode.INTERRUPT_IMMEDIATE: Boundary.NOW,
    HostMessageMode.FINISH_STEP: Boundary.NEXT_PREFLIGHT,
    HostMessageMode.WAIT_FOR_COMPLETION: Boundary.AFTER_RUN,
}


def _discard_output(out: TextIO) -> None:
    """Let what is left be flushed at the end without a second complaint."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, out.fileno())
    os.close(nowhere)


def _write_error(text: str) -> None:
    """Write to standard error; nobody who reads it is no reason to end the run."""
    try:
        sys.stderr.write(text + "\n")
        sys.stderr.flush()
    except BrokenPipeError:
        _discard_output(sys.stderr)


OpenSession = Callable[[], SessionHandle]


async def run_headless(
    open_session: OpenSession,
    prompt: str,
    options: HeadlessOptions,
    images: Sequence[Path] = (),
    out: TextIO | None = None,
) -> int:
    """Open a session, run ``prompt`` with ``images``, talk to ``out`` and return the exit code.

    ``out`` ``None`` is standard output.
    """
    return await HeadlessRun(open_session(), options, out).run(prompt, images)
