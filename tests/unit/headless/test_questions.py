"""A headless run and the questions of its model: answered over standard input, or by nobody."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harn_tui.events.host import QuestionAsked
from harn_tui.events.record import Record
from harn_tui.headless.run import HeadlessOptions, HeadlessRun
from harn_tui.json_types import JsonObject
from harn_tui.loop.asking import ask_person
from harn_tui.loop.sub_agents.run_agent_tool import RUN_AGENT
from harn_tui.tools.ask_user import ask_user_tool
from tests.conformance.agent_driver import ScriptByTask, start
from tests.conformance.loop_driver import Reply
from tests.unit.session.opened import open_scripted

ASK_USER = ask_user_tool(ask_person)
QUESTION: JsonObject = {
    "question": "Which\x1b[31m colour?",
    "options": [{"label": "Red"}, {"label": "Blue"}],
    "allow_text": False,
}


class Headless:
    """A run whose model, or whose agent's, asks one question.

    ``on_ask`` gets the question's id as soon as it is asked.
    """

    def __init__(self, folder: Path, *, by_agent: bool = False, **arguments: Any) -> None:
        asking = Reply(calls=(("ask_user", QUESTION | arguments),))
        replies = {"go": [asking, Reply("end")]}
        if by_agent:
            begin = Reply(calls=(start("ask", name="asker"),))
            replies = {"go": [begin, Reply("end")], "ask": [asking, Reply("asked")]}
        self.script = ScriptByTask(replies)
        self.session, _ = open_scripted(
            folder, [], tools=(ASK_USER, RUN_AGENT), provider=self.script
        )
        self.on_ask: Callable[[str], None] = lambda question_id: None
        self.session.subscribe(self._note)
        self._input = -1

    def _note(self, record: Record) -> None:
        if isinstance(record.event, QuestionAsked):
            self.on_ask(record.event.question_id)

    async def run(self, **options: Any) -> str:
        """Return what the model read of the answer."""
        assert await HeadlessRun(self.session, HeadlessOptions(**options)).run("go") == 0
        task = "ask" if self.script._by_task.keys() >= {"ask"} else "go"
        return str(self.script.requests_of(task)[-1].messages[-1]["content"])

    async def run_with_input(self, monkeypatch: pytest.MonkeyPatch, **options: Any) -> str:
        reader, self._input = os.pipe()
        with os.fdopen(reader) as stdin:
            monkeypatch.setattr("sys.stdin", stdin)
            try:
                return await self.run(reads_control=True, **options)
            finally:
                self.end_input()

    def say(self, **members: Any) -> None:
        os.write(self._input, json.dumps({"type": "answer", **members}).encode() + b"\n")

    def end_input(self) -> None:
        if self._input >= 0:
            os.close(self._input)
            self._input = -1


@pytest.mark.parametrize("by_agent", [False, True])
@pytest.mark.parametrize(
    ("members", "result"),
    [
        ({"answer": "2"}, "The person answered: Blue"),
        ({"answers": ["red"]}, "The person answered: Red"),
        ({"decline": True}, "The person declined to answer."),
    ],
)
async def test_answer_line_answers(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    members: dict[str, Any],
    result: str,
    by_agent: bool,
) -> None:
    run = Headless(tmp_path / "s", by_agent=by_agent)
    run.on_ask = lambda question_id: run.say(question_id=question_id, **members)
    assert (await run.run_with_input(monkeypatch)).startswith(result)


async def test_wrong_answers_are_told_and_the_question_stays_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def answer(question_id: str) -> None:
        run.say(question_id="question_none", answer="1")
        run.say(question_id=question_id, answer="green")
        run.say(question_id=question_id, answers=["1", "2"])
        run.say(question_id=question_id, answer="")
        run.say(question_id=question_id)
        run.say(question_id=question_id, answer="1")

    run = Headless(tmp_path / "s")
    run.on_ask = answer
    assert await run.run_with_input(monkeypatch) == "The person answered: Red"
    told = [line for line in capsys.readouterr().err.splitlines() if "skipped" in line]
    assert "no question question_none is open" in told[0]
    assert "choose one of 1: Red, 2: Blue" in told[1]
    assert "one answer is asked for" in told[2]
    assert "an answer is needed" in told[3]
    assert "control line skipped: give one of" in told[4]
    assert len(told) == 5


@pytest.mark.parametrize("by_agent", [False, True])
async def test_without_control_lines_nobody_can_be_asked(tmp_path: Path, by_agent: bool) -> None:
    run = Headless(tmp_path / "s", by_agent=by_agent)
    assert (await run.run(approves_all=True)).startswith("Nobody can be asked in this run.")


async def test_when_the_input_ends_nobody_can_be_asked_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Headless(tmp_path / "s")
    run.on_ask = lambda _: run.end_input()
    assert (await run.run_with_input(monkeypatch)).startswith("Nobody can be asked in this run.")


async def test_where_nobody_is_there_the_default_counts(tmp_path: Path) -> None:
    run = Headless(tmp_path / "s", default="2")
    assert await run.run() == "Nobody can be asked in this run; the default counts: Blue"


async def test_question_and_answer_are_a_line_each_on_stderr(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Headless(tmp_path / "s", by_agent=True)
    run.on_ask = lambda question_id: run.say(question_id=question_id, answer="1")
    await run.run_with_input(monkeypatch)
    err = capsys.readouterr().err
    assert "\x1b" not in err
    (asked,) = [line for line in err.splitlines() if line.startswith("? ")]
    assert asked.startswith("? agent asker: Which")
    assert asked.endswith("colour?  1 Red  2 Blue")
    assert "  answered: Red\n" in err
