"""A headless run reaches one agent by control lines, and says how agents begin and end."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from harn_tui.events.agent import WorkerUpdate
from harn_tui.events.record import Record
from harn_tui.feedback.wrapping import wrap_feedback
from harn_tui.headless.run import HeadlessOptions, HeadlessRun
from harn_tui.kinds import ToolKind
from harn_tui.loop.sub_agents.run_agent_tool import RUN_AGENT
from tests.conformance.agent_driver import ScriptByTask, forever, start
from tests.conformance.loop_driver import Reply, make_tool, until
from tests.unit.session.opened import open_scripted

WRITE = make_tool("write", kind=ToolKind.EDIT)
ONE_AGENT = {
    "go": [Reply(calls=(start("count", name="counter"),)), Reply("end")],
    "count": [Reply("three")],
}


class Headless:
    """A run on a session that starts agents; ``say`` writes a control line."""

    def __init__(self, folder: Path, replies: Mapping[str, Sequence[Reply]]) -> None:
        self.script = ScriptByTask(replies)
        self.session, _ = open_scripted(folder, [], tools=(WRITE, RUN_AGENT), provider=self.script)
        self.worker_id = ""
        self.session.subscribe(self._note)
        self._input: int | None = None

    def _note(self, record: Record) -> None:
        if isinstance(record.event, WorkerUpdate):
            self.worker_id = record.event.worker_id

    async def run(self, **options: Any) -> int:
        return await HeadlessRun(self.session, HeadlessOptions(**options)).run("go")

    async def run_with_input(self, monkeypatch: pytest.MonkeyPatch, **options: Any) -> int:
        reader, self._input = os.pipe()
        with os.fdopen(reader) as stdin:
            monkeypatch.setattr("sys.stdin", stdin)
            try:
                return await self.run(reads_control=True, **options)
            finally:
                os.close(self._input)

    def say(self, **members: str) -> None:
        assert self._input is not None
        os.write(self._input, json.dumps(members).encode() + b"\n")


async def test_begin_and_end_of_an_agent_are_a_line_each(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await Headless(tmp_path / "s", ONE_AGENT).run() == 0
    out, err = capsys.readouterr()
    assert out == "end\n"
    begun, ended = [line for line in err.splitlines() if "agent" in line]
    assert begun == "● running agent counter"
    assert ended.startswith("✓ ran agent counter, ")


async def test_question_of_an_agent_says_who_asks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    replies = ONE_AGENT | {"count": [Reply(calls=(("write", {}),)), Reply("three")]}
    assert await Headless(tmp_path / "s", replies).run(approves_all=True) == 0
    err = capsys.readouterr().err
    assert "? agent counter: write asks for permission" in err


async def test_feedback_line_with_an_agent_reaches_only_that_agent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def steer() -> None:
        run.say(type="feedback", agent=run.worker_id, content="only the tests")
        (agent,) = run.session.agents.running
        await until(lambda: bool(agent.unread_lines()))

    run = Headless(tmp_path / "s", ONE_AGENT | {"count": [Reply("so", midway=steer), Reply("3")]})
    assert await run.run_with_input(monkeypatch) == 0
    last = run.script.requests_of("count")[-1].messages[-1]
    assert last["content"] == wrap_feedback("user", "only the tests")
    assert len(run.script.requests_of("go")) == 2


async def test_cancel_line_with_an_agent_ends_that_agent_and_the_run_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def cancel() -> None:
        run.say(type="cancel", agent=run.worker_id)
        await forever()

    run = Headless(tmp_path / "s", ONE_AGENT | {"count": [Reply("so", midway=cancel)]})
    assert await run.run_with_input(monkeypatch) == 0
    assert run.session.last_result is not None
    assert run.session.last_result.visible_text == "end"


async def test_line_for_an_agent_that_is_not_at_work_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def talk() -> None:
        run.say(type="feedback", agent="worker_9", content="hello")
        run.say(type="cancel", agent="worker_9")
        run.say(type="feedback", agent=run.worker_id, content="now")
        (agent,) = run.session.agents.running
        await until(lambda: bool(agent.unread_lines()))

    run = Headless(tmp_path / "s", ONE_AGENT | {"count": [Reply("so", midway=talk), Reply("3")]})
    assert await run.run_with_input(monkeypatch) == 0
    assert capsys.readouterr().err.count("no agent worker_9 is at work; line skipped") == 2
