"""Brings the person's answer to the question that waits for it, exactly once."""

import asyncio
from collections.abc import Awaitable, Sequence

from harn_tui.tools.user_question import UserAnswer, UserQuestion


class OpenQuestions:
    """The questions of one session that wait, oldest first. To be used on one event loop only.

    A question is answered by whoever comes first; there is no time limit that would decide for
    the person.
    """

    def __init__(self) -> None:
        self._open: dict[str, tuple[UserQuestion, asyncio.Future[UserAnswer | None]]] = {}

    def ask(self, question: UserQuestion) -> Awaitable[UserAnswer | None]:
        """Accept answers to ``question`` from now on; await what is returned for the answer.

        ``None`` means that nobody was there. When the wait is cancelled the question is closed,
        and later answers to it are refused.
        """
        future: asyncio.Future[UserAnswer | None] = asyncio.get_running_loop().create_future()
        self._open[question.question_id] = (question, future)
        return self._wait(question.question_id, future)

    def answer(self, question_id: str, given: str | Sequence[str]) -> bool:
        """Answer with text, or with one text an answer; false when the question is not open.

        Raises ValueError, in words, for what is no answer to it; the question then stays open.
        """
        question = self.get(question_id)
        if question is None:
            return False
        return self._settle(question_id, UserAnswer(question.answers(given)))

    def decline(self, question_id: str) -> bool:
        """Say that the person will not answer; false when the question is not open."""
        return self._settle(question_id, UserAnswer())

    def give_up(self, question_id: str) -> bool:
        """Say that nobody is there to answer; false when the question is not open."""
        return self._settle(question_id, None)

    def get(self, question_id: str) -> UserQuestion | None:
        """Return a question that waits, ``None`` when it is unknown, answered or withdrawn."""
        entry = self._open.get(question_id)
        return None if entry is None or entry[1].done() else entry[0]

    def pending(self) -> tuple[str, ...]:
        """Return the ids of the questions that wait, oldest first."""
        return tuple(known for known in self._open if self.get(known) is not None)

    async def _wait(
        self, question_id: str, future: "asyncio.Future[UserAnswer | None]"
    ) -> UserAnswer | None:
        try:
            return await future
        finally:
            del self._open[question_id]

    def _settle(self, question_id: str, answer: UserAnswer | None) -> bool:
        if self.get(question_id) is None:
            return False
        self._open[question_id][1].set_result(answer)
        return True
