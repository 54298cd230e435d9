"""Puts a tool's question before the person: announces it, waits, and announces what came of it."""

from harn_tui.events.host import QuestionAnswered, QuestionAsked
from harn_tui.kinds import QuestionOutcome
from harn_tui.loop.ambient import current_loop
from harn_tui.sinks.emit import aemit, emit
from harn_tui.tools.user_question import UserAnswer, UserQuestion


async def ask_person(question: UserQuestion) -> UserAnswer | None:
    """Return the person's answer, ``None`` when nobody can be asked.

    Call it inside a running loop: its configuration knows who is there. The answer is asked for
    first, because whoever hears the announcement may answer at once. A cancellation withdraws
    the question.
    """
    loop = current_loop()
    if loop is None or loop.config.ask_person is None:
        return None
    pending = loop.config.ask_person(question)
    emit(question_asked(question))
    try:
        answer = await pending
        told = question_answered(question, answer)
    except BaseException:
        emit(question_withdrawn(question))
        raise
    await aemit(told)
    return answer


def question_asked(question: UserQuestion) -> QuestionAsked:
    """Return the announcement of a question."""
    return QuestionAsked(
        session_id=question.session_id,
        question_id=question.question_id,
        tool_call_id=question.tool_call_id,
        question=question.question,
        options=question.options_json(),
        allows_text=question.allows_text,
        allows_several=question.allows_several,
        default=question.default,
        source=question.source,
    )


def question_answered(question: UserQuestion, answer: UserAnswer | None) -> QuestionAnswered:
    """Return the announcement of an answer, ``None`` for nobody's."""
    if answer is None:
        return _ended(question, QuestionOutcome.NOBODY)
    outcome = QuestionOutcome.DECLINED if answer.is_declined else QuestionOutcome.ANSWERED
    return _ended(question, outcome, answer.answers)


def question_withdrawn(question: UserQuestion) -> QuestionAnswered:
    """Return the announcement that a question waits no more."""
    return _ended(question, QuestionOutcome.WITHDRAWN)


def _ended(
    question: UserQuestion, outcome: QuestionOutcome, answers: tuple[str, ...] = ()
) -> QuestionAnswered:
    return QuestionAnswered(question.session_id, question.question_id, outcome, list(answers))
