"""How a person answers the question dock: by choosing inside it, or in words from the prompt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from harn_tui.console.asking_ports import QuestionsPort
from harn_tui.console.plain_text import one_line
from harn_tui.console.prompt.prompt import Prompt
from harn_tui.console.questions.dock import QuestionDock
from harn_tui.view.pending import PendingQuestion

_TITLE_CHARS = 60
_TAKES_THE_PROMPT = (
    *("deny_with_note", "edit_last", "queue_edit", "steer_agent"),
    *("send_after_run", "send_now"),
)


class Answering:
    """What the keys for questions do.

    ``is_taken`` tells whether the prompt holds something else than a new line; ``tell`` shows a
    warning to the person.
    """

    def __init__(
        self,
        dock: QuestionDock,
        prompt: Prompt,
        *,
        is_taken: Callable[[], bool],
        tell: Callable[[str], None],
    ) -> None:
        self._dock = dock
        self._prompt = prompt
        self._is_taken = is_taken
        self._tell = tell
        self._questions: QuestionsPort | None = None
        self._addressed: PendingQuestion | None = None

    @property
    def is_writing(self) -> bool:
        """Whether the prompt's next line is an answer."""
        return self._addressed is not None

    def attach(self, questions: QuestionsPort) -> None:
        """Take the session's questions."""
        self._questions = questions

    def commands(self) -> dict[str, Callable[[], object]]:
        """Return what each action for questions calls.

        While an answer is written, so do the actions that would use the prompt for something else.
        """
        blocked = _TAKES_THE_PROMPT if self.is_writing else ()
        return {
            **dict.fromkeys(blocked, self._insist),
            "answer_question": self._answer_in_words,
            "question_up": partial(self._dock.move, -1),
            "question_down": partial(self._dock.move, 1),
            "question_mark": self._dock.mark,
            "question_number": lambda: self._dock.mark(self._dock.pressed_number),
            "question_answer": self._answer_choice,
            "question_words": self._write,
            "question_decline": self._decline,
        }

    def take_line(self) -> bool:
        """Answer with the prompt's text when an answer is written; false when none is."""
        if self._addressed is None:
            return False
        if self._prompt.is_blank:
            self._insist()
        else:
            self._give_text(self._addressed)
        return True

    def stop_writing(self) -> bool:
        """Let the next line go to the session again; false when it would anyway."""
        was_writing = self.is_writing
        if was_writing:
            self._address(None)
        return was_writing

    def note_open(self, questions: Sequence[PendingQuestion]) -> None:
        """Stop writing an answer that nobody waits for any more; its text stays."""
        if self._addressed is not None and self._addressed not in questions:
            self._address(None)
            self._tell("The question is gone. Your text is here; Enter sends it as a new line.")

    def _answer_choice(self) -> None:
        """Answer with what is marked, or by its default; without either, in words."""
        question = self._dock.shown
        if question is None or not self._dock.accepts("answer"):
            return
        if not self._dock.given and question.default is None and not question.options:
            self._write()
        elif not self._dock.given and question.default is None:
            self._tell("Choose an answer first, by its number or with the arrow keys.")
        else:
            self._give(question, self._dock.given)

    def _answer_in_words(self) -> None:
        """Answer with the prompt's text; with none, have the next line be the answer."""
        question = self._dock.shown
        if question is None:
            self._tell("No question is shown.")
        elif self.is_writing:
            self.take_line()
        elif self._is_taken():
            self._tell("The prompt is taken by something else. Finish that first.")
        elif self._prompt.is_blank:
            self._write()
        elif self._dock.accepts("words"):
            self._give_text(question)

    def _write(self) -> None:
        question = self._dock.shown
        if question is not None and not question.takes_text:
            self._tell("Only the options are answers to this question.")
        elif self._is_taken():
            self._tell("The prompt is taken by something else. Finish that first.")
        else:
            self._address(question)

    def _decline(self) -> None:
        question = self._dock.shown
        if question is None or self._questions is None or not self._dock.accepts("decline"):
            return
        self._questions.decline(question.question_id)

    def _give_text(self, question: PendingQuestion) -> None:
        """Answer with the prompt's text; it stays there when it is no answer."""
        if self._give(question, self._prompt.real_text):
            self._address(None)
            self._prompt.take()

    def _give(self, question: PendingQuestion, given: str | Sequence[str]) -> bool:
        if self._questions is None:
            return False
        try:
            was_open = self._questions.answer(question.question_id, given)
        except ValueError as error:
            self._tell(f"That is no answer: {one_line(str(error))}.")
            return False
        if not was_open:
            self._tell("The question is gone. Your answer came too late.")
        return was_open

    def _insist(self) -> None:
        self._tell("An answer is being written: Enter gives it, Esc goes back.")

    def _address(self, question: PendingQuestion | None) -> None:
        self._addressed = question
        prompt = self._prompt
        if question is None:
            prompt.say_purpose()
        else:
            words = f"Your answer to: {one_line(question.question)}"
            title = f"{words[:_TITLE_CHARS]}…" if len(words) > _TITLE_CHARS else words
            prompt.say_purpose(title, "Enter answers · Esc goes back", "Type the answer")
        prompt.focus()
