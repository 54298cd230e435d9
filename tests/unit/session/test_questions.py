"""A session's questions: answered once, by whoever comes first, and told alike live and later."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from harn_tui.events.record import Record
from harn_tui.json_types import JsonObject
from harn_tui.kinds import LoopStatus
from harn_tui.loop.asking import ask_person
from harn_tui.session.handle import SessionHandle
from harn_tui.session.questions import OpenQuestions
from harn_tui.store.log_reader import read_records
from harn_tui.tools.ask_user import ask_user_tool
from harn_tui.tools.user_question import QuestionOption, UserAnswer, UserQuestion
from harn_tui.view.fold import apply, apply_all
from harn_tui.view.model import SessionView
from tests.conformance.loop_driver import Reply, until
from tests.unit.session.opened import open_scripted

ASK_USER = ask_user_tool(ask_person)
COLOURS = (QuestionOption("Red"), QuestionOption("Blue"))


def question(question_id: str = "q1", **fields: Any) -> UserQuestion:
    return UserQuestion(question_id, "s", "Which colour?", COLOURS, **fields)


async def test_answer_comes_to_the_question_that_it_names() -> None:
    questions = OpenQuestions()
    first, second = questions.ask(question("q1")), questions.ask(question("q2"))
    assert questions.pending() == ("q1", "q2")
    assert questions.answer("q2", "blue")
    assert questions.pending() == ("q1",)
    assert questions.decline("q1")
    assert (await first, await second) == (UserAnswer(), UserAnswer(("Blue",)))
    assert questions.pending() == ()


async def test_only_the_first_answer_counts() -> None:
    questions = OpenQuestions()
    pending = questions.ask(question())
    assert questions.answer("q1", "1")
    assert not questions.answer("q1", "2")
    assert not questions.decline("q1")
    assert not questions.give_up("q1")
    assert await pending == UserAnswer(("Red",))
    assert not questions.answer("q1", "1")
    assert not questions.answer("never asked", "1")


async def test_what_is_no_answer_leaves_the_question_open() -> None:
    questions = OpenQuestions()
    pending = questions.ask(question(allows_text=False))
    with pytest.raises(ValueError, match="choose one of 1: Red, 2: Blue"):
        questions.answer("q1", "green")
    assert questions.pending() == ("q1",)
    assert questions.give_up("q1")
    assert await pending is None


async def test_cancelled_wait_closes_the_question() -> None:
    questions = OpenQuestions()
    task = asyncio.ensure_future(questions.ask(question()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert questions.pending() == ()
    assert not questions.answer("q1", "1")


def _ask(words: str) -> tuple[str, JsonObject]:
    return ("ask_user", {"question": words})


class Asking:
    """A stored session whose model asks twice at once, and the live view of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        calls = tuple(_ask(f"{number}?") for number in (1, 2))
        replies = [Reply("I ask.", calls=calls), Reply("end")]
        self.session, self.script = open_scripted(folder, replies, tools=(ASK_USER,))
        self.live = SessionView()
        self.session.subscribe(self._fold)

    def _fold(self, record: Record) -> None:
        apply(self.live, record)

    async def start(self) -> SessionHandle:
        await self.session.start()
        self.session.submit("go")
        await until(lambda: len(self.live.questions) == 2)
        return self.session

    async def end(self) -> None:
        await self.session.wait_idle()
        await self.session.close()
        replayed = SessionView()
        apply_all(replayed, read_records(self.folder / "event_log.jsonl"))
        assert self.live == replayed
        assert replayed.questions == []


async def test_questions_of_one_turn_wait_together_and_live_equals_replayed(
    tmp_path: Path,
) -> None:
    asking = Asking(tmp_path / "s")
    session = await asking.start()
    first, second = session.questions.pending()
    assert session.questions.answer(second, "two")
    await until(lambda: len(asking.live.questions) == 1)
    assert session.questions.answer(first, "one")
    await asking.end()
    results = [m["content"] for m in asking.script.requests[-1].messages if m["role"] == "tool"]
    assert results == ["The person answered: one", "The person answered: two"]


async def test_interrupted_run_withdraws_its_questions(tmp_path: Path) -> None:
    asking = Asking(tmp_path / "s")
    session = await asking.start()
    (first, _) = session.questions.pending()
    session.interrupt()
    await until(lambda: not asking.live.questions)
    assert not session.questions.answer(first, "too late")
    await asking.end()
    assert session.last_result is not None
    assert session.last_result.status is LoopStatus.CANCELLED


async def test_closed_session_leaves_no_question_open(tmp_path: Path) -> None:
    asking = Asking(tmp_path / "s")
    session = await asking.start()
    await session.close()
    assert session.questions.pending() == ()
    assert asking.live.questions == []
