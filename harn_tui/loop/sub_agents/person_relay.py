"""Takes what a nested loop asks the person to whoever asks them for its parent."""

from collections.abc import Awaitable
from dataclasses import replace

from harn_tui.loop.asking import question_answered, question_asked, question_withdrawn
from harn_tui.loop.config import AskPerson
from harn_tui.loop.sub_agents.parent_side import ParentSide
from harn_tui.tools.user_question import UserAnswer, UserQuestion


def relayed(ask_parent: AskPerson | None, child_name: str, parent: ParentSide) -> AskPerson | None:
    """Return how the nested loop ``child_name`` asks, ``None`` when its parent cannot ask.

    It asks in the parent's name, one level up, and the parent's session has question and answer
    too. A parent that is itself nested passes the question on in the same way, to the root.
    """
    if ask_parent is None:
        return None

    def ask(question: UserQuestion) -> Awaitable[UserAnswer | None]:
        inner = question.source
        asked = replace(
            question,
            session_id=parent.session_id,
            tool_call_id=parent.tool_call_id,
            source=child_name if inner is None else f"{child_name} › {inner}",
        )
        pending = ask_parent(asked)
        parent.tell(question_asked(asked))
        return _answer(pending, asked)

    async def _answer(
        pending: Awaitable[UserAnswer | None], asked: UserQuestion
    ) -> UserAnswer | None:
        try:
            answer = await pending
            told = question_answered(asked, answer)
        except BaseException:
            parent.tell(question_withdrawn(asked))
            raise
        parent.tell(told)
        return answer

    return ask
