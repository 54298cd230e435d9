"""The console as a conversation in plain lines: nothing on the screen is ever drawn over.

The same session, queue and approvals as the screen's. A line on standard input is a request, a
steered line, an answer by number, or a command; what happens is said in sentences.
"""

import asyncio
import signal
import sys

from harn_tui.errors import HarnError
from harn_tui.kinds import Decision
from harn_tui.linear.models import LinearModels
from harn_tui.linear.spoken import Spoken
from harn_tui.linear.typed_line import (
    AnswerLine,
    Command,
    ModelLine,
    ReplyLine,
    SayLine,
    StrayAnswer,
    UnknownCommand,
    read_line,
)
from harn_tui.session.handle import SessionHandle
from harn_tui.standard_input import LineInput
from harn_tui.view.pending import PendingQuestion
from harn_tui.view.plain import printable

HELP = (
    "Type a request and press Enter; while a run is active it is heard before its next call.",
    "/after TEXT sends a line after the run, /now TEXT interrupts it and sends at once.",
    "/stop stops the run, after a tool call that is running; /stop again stops at once.",
    "/queue says what waits, /resume sends it, /again repeats an open question.",
    "/answer TEXT answers a question of the model, /decline refuses to.",
    "/model says which models there are, /model NAME goes over to one with the next call.",
    "/compact has older messages summarised before the next call.",
    "/quit leaves; so does the end of the input. // begins a line that starts with a slash.",
)


class LinearRun:
    """One session from its first line to its last."""

    def __init__(self, session: SessionHandle) -> None:
        self._session = session
        self._spoken = Spoken(_say)
        self._models = LinearModels(session.models, lambda line: _say(printable(line)))
        self._input = LineInput(self._take_line)
        self._over = asyncio.Event()
        self._is_left = False
        """Whether the person said so; the end of a pipe reads no advice."""
        self._leaving: asyncio.Task[None] | None = None

    async def run(self, prompt: str | None) -> int:
        """Talk until the person leaves or the input ends; the session is closed then."""
        session, loop = self._session, asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, self._interrupt)
        try:
            self._spoken.fold_past(list(session.past_records()))
            session.subscribe(self._spoken.take)
            await session.start()
            _say(HELP[0])
            _say("/help says what else can be typed.")
            if prompt:
                session.submit(prompt)
            self._input.start(on_end=self._end_input)
            await self._over.wait()
        finally:
            self._input.stop()
            await self._models.stop()
            if self._leaving is not None:
                await asyncio.gather(self._leaving, return_exceptions=True)
            loop.remove_signal_handler(signal.SIGINT)
            await session.close(leaves_approvals=True)
        if self._is_left and session.folder is not None and session.folder.exists():
            _say(f"To go on with this session: harn-tui --linear --resume {session.session_id}")
        return 0

    def _take_line(self, line: str) -> None:
        try:
            self._act(line)
        except HarnError as error:
            _say(f"Not done: {error}")

    def _act(self, line: str) -> None:
        match read_line(line, is_asked=bool(self._spoken.view.permissions)):
            case SayLine(text, boundary):
                self._session.submit(text, boundary)
            case AnswerLine(decision, scope, note):
                self._answer(AnswerLine(decision, scope, note))
            case ReplyLine(text):
                self._reply(text)
            case ModelLine(words):
                self._models.take(words)
            case StrayAnswer(number):
                _say(f"Nothing waits for an answer, so {number} was not sent. Say it in words.")
            case UnknownCommand(name):
                _say(f"There is no command /{name}. /help names them all.")
            case Command() as command:
                self._perform(command)
            case None:
                if self._session.is_paused:
                    self._session.resume_queue()

    def _answer(self, answer: AnswerLine) -> None:
        request_id = self._spoken.view.permissions[0].request_id
        if not self._session.answer(request_id, answer.decision, answer.scope, answer.note):
            _say("That question no longer waits.")

    def _reply(self, text: str) -> None:
        """Answer the model's oldest question; numbers stand for its options."""
        if not self._spoken.view.questions:
            _say("The model asks nothing.")
            return
        pending = self._spoken.view.questions[0]
        try:
            given = [option_named(part, pending) for part in _parts(text, pending)]
            if not self._session.questions.answer(pending.question_id, given):
                _say("That question no longer waits.")
        except ValueError as error:
            _say(f"Not an answer: {error}")

    def _decline(self) -> None:
        waiting = self._spoken.view.questions
        if not waiting or not self._session.questions.decline(waiting[0].question_id):
            _say("The model asks nothing.")

    def _perform(self, command: Command) -> None:
        match command:
            case Command.HELP:
                _say_all(HELP)
            case Command.STOP:
                self._stop()
            case Command.QUEUE:
                _say_all(self._spoken.queue())
            case Command.RESUME:
                self._session.resume_queue()
            case Command.COMPACT:
                _say(self._session.compaction.ask())
            case Command.AGAIN:
                open_ones = [*self._spoken.question(), *self._spoken.asked()]
                _say_all(open_ones or ["Nothing is asked."])
            case Command.DECLINE:
                self._decline()
            case Command.QUIT:
                self._is_left = True
                self._over.set()

    def _stop(self) -> None:
        if not self._session.is_running:
            _say("No run is active.")
        elif self._session.soft_stop.arm():
            _say("Stopping when this tool call ends; its result is kept. /stop again is at once.")
        else:
            self._session.interrupt()

    def _interrupt(self) -> None:
        """Ctrl+C stops a run, and leaves when there is none."""
        if not self._session.is_running:
            self._is_left = True
            self._over.set()
        elif self._spoken.view.run_ended_at_ms is None:
            self._stop()
        elif self._leaving is None:  # its end was told, and what it leaves is just being put away
            self._session.interrupt()
            self._leaving = asyncio.create_task(self._leave(), name="leave after the run")

    def _end_input(self) -> None:
        """Nobody can answer or steer any more: finish what was asked for, then leave."""
        self._session.subscribe(lambda _: self._refuse_questions())
        self._refuse_questions()
        self._leaving = asyncio.create_task(self._leave(), name="leave after the run")

    async def _leave(self) -> None:
        if self._session.is_running:
            await self._session.wait_idle()
        self._over.set()

    def _refuse_questions(self) -> None:
        for question_id in self._session.questions.pending():
            self._session.questions.give_up(question_id)
        for request_id in self._session.open_requests():
            self._session.answer(
                request_id, Decision.DENY, note="the input ended, so nobody can be asked"
            )


def _parts(text: str, question: PendingQuestion) -> list[str]:
    return text.split(",") if question.allows_several and question.options else [text]


def option_named(text: str, question: PendingQuestion) -> str:
    """Return the label of the option whose number ``text`` is, else the text itself."""
    word = text.strip()
    is_number = word.isascii() and word.isdigit() and 1 <= int(word) <= len(question.options)
    return question.options[int(word) - 1][0] if is_number else word


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _say_all(lines: "list[str] | tuple[str, ...]") -> None:
    for line in lines:
        _say(line)
