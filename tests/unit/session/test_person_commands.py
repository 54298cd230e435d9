"""A person's own commands: shown, told to the model, stopped, and kept apart from runs."""

import asyncio
from pathlib import Path

import pytest

from harn_tui.errors import HarnError
from harn_tui.kinds import PERSON_COMMAND, ToolCallStatus
from harn_tui.session.handle import SessionHandle
from harn_tui.session.person_commands import MOST_AT_ONCE
from harn_tui.store.log_reader import read_records
from harn_tui.view.fold import apply_all
from harn_tui.view.model import SessionView, ToolBlock
from tests.conformance.loop_driver import Reply, until
from tests.unit.session.opened import contents, open_scripted


def rows(session: SessionHandle) -> list[ToolBlock]:
    """Return the rows of commands as the log draws them."""
    assert session.folder is not None
    view = SessionView()
    apply_all(view, read_records(session.folder / "event_log.jsonl"))
    return [block for block in view.blocks if isinstance(block, ToolBlock)]


async def ended(session: SessionHandle) -> None:
    async with asyncio.timeout(20):
        while session.prompt_sources.shell.is_running:
            await asyncio.sleep(0.01)


async def test_command_is_shown_and_told_with_the_next_request(tmp_path: Path) -> None:
    session, script = open_scripted(tmp_path / "s", [Reply("I see")])
    await session.start()
    session.prompt_sources.shell.run("echo out; echo err >&2; pwd")
    await ended(session)
    assert not session.is_running
    session.submit("what was that?")
    await session.wait_idle()
    await session.close()
    prompt, told = contents(script, 0)
    assert prompt == "what was that?"
    assert told.startswith(f'<runtime_feedback kind="{PERSON_COMMAND}">\nThe person ran a command')
    assert "$ echo out; echo err >&2; pwd\nout\nerr\n" in told
    assert "exit_code=0" in told
    (row,) = rows(session)
    assert row.status is ToolCallStatus.COMPLETED
    assert row.output.startswith("out\nerr\n")
    assert row.details["exit_code"] == 0


async def test_command_that_fails_says_how(tmp_path: Path) -> None:
    session, _ = open_scripted(tmp_path / "s", [])
    await session.start()
    session.prompt_sources.shell.run("exit 3")
    await ended(session)
    await session.close()
    (row,) = rows(session)
    assert row.status is ToolCallStatus.FAILED
    assert row.error == "exit_code=3"


async def test_stopping_ends_the_command_and_tells_the_model(tmp_path: Path) -> None:
    session, script = open_scripted(tmp_path / "s", [Reply("ok")])
    await session.start()
    shell = session.prompt_sources.shell
    shell.run("sleep 600")
    await asyncio.sleep(0)
    assert shell.stop()
    await ended(session)
    assert not shell.stop()
    session.submit("go on")
    await session.wait_idle()
    await session.close()
    assert "$ sleep 600\nThe person stopped it." in contents(script, 0)[1]
    (row,) = rows(session)
    assert row.error == "The person stopped it."


async def test_end_of_a_run_does_not_end_the_command(tmp_path: Path) -> None:
    session, _ = open_scripted(tmp_path / "s", [Reply("one"), Reply("two")])
    await session.start()
    session.prompt_sources.shell.run("while [ ! -e go ]; do sleep 0.02; done; echo done")
    await asyncio.sleep(0)
    session.submit("hello")
    await session.wait_idle()
    assert session.prompt_sources.shell.is_running
    (tmp_path / "s" / "go").touch()
    await ended(session)
    await session.close()
    (row,) = rows(session)
    assert (row.status, row.interrupted) == (ToolCallStatus.COMPLETED, False)


async def test_closing_the_session_ends_the_command_and_keeps_the_log(tmp_path: Path) -> None:
    session, _ = open_scripted(tmp_path / "s", [])
    await session.start()
    session.prompt_sources.shell.run("sleep 600")
    await asyncio.sleep(0)
    await session.close()
    (row,) = rows(session)
    assert row.status is ToolCallStatus.FAILED
    with pytest.raises(HarnError, match="closed"):
        session.prompt_sources.shell.run("ls")


async def test_output_that_nobody_was_told_waits_for_the_next_process(tmp_path: Path) -> None:
    session, _ = open_scripted(tmp_path / "s", [])
    await session.start()
    session.prompt_sources.shell.run("echo remember")
    await ended(session)
    await session.close()
    session, script = open_scripted(tmp_path / "s", [Reply("ok")])
    await session.start()
    session.submit("go on")
    await session.wait_idle()
    await session.close()
    assert any("remember" in content for content in contents(script, 0))


async def test_command_beside_a_reply_changes_nothing_of_it(tmp_path: Path) -> None:
    session: SessionHandle

    async def run_command() -> None:
        session.prompt_sources.shell.run("true")
        await until(lambda: session.prompt_sources.shell.is_running)

    replies = [Reply("the whole reply", midway=run_command), Reply("and on")]
    session, _ = open_scripted(tmp_path / "s", replies)
    await session.start()
    session.submit("begin")
    await session.wait_idle()
    await ended(session)
    await session.close()
    assert session.folder is not None
    view = SessionView()
    apply_all(view, read_records(session.folder / "event_log.jsonl"))
    texts = [block.text for block in view.blocks if type(block).__name__ == "AssistantBlock"]  # type: ignore[union-attr]
    assert texts[0] == "the whole reply"
    assert view.totals.tool_calls == 0


async def test_only_a_few_commands_run_at_once(tmp_path: Path) -> None:
    session, _ = open_scripted(tmp_path / "s", [])
    await session.start()
    shell = session.prompt_sources.shell
    for _ in range(MOST_AT_ONCE):
        shell.run("sleep 600")
    with pytest.raises(HarnError, match="run already"):
        shell.run("ls")
    await session.close()
