"""What a server is sent after a restart is what it would have been sent without one."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from harn_tui.events.agent import ToolCall
from harn_tui.events.record import Record
from harn_tui.paths import HOME_VARIABLE
from harn_tui.session.handle import SessionHandle
from harn_tui.wiring.open_session import open_session
from harn_tui.wiring.session_request import SessionRequest
from tests.support.reply_script import Reply
from tests.support.reply_script import ToolCall as ScriptedCall
from tests.support.streaming_server import StreamingServer

KINDS = {"openai": "chat", "openai-responses": "responses", "anthropic": "messages"}


def replies() -> list[Reply]:
    """Three runs: two calls and a steered line, a call that fails, a plan."""
    read = ScriptedCall("read_file", {"path": "a.txt"})
    plan = ScriptedCall("update_plan", {"steps": [{"content": "look", "status": "completed"}]})
    return [
        Reply.tools(read, ScriptedCall("list_directory", {"path": "."}), text="I look.").thinking(
            "hm"
        ),
        Reply.text("Ünicode, and done."),
        Reply.tools(ScriptedCall("read_file", {"path": "nowhere.txt"})),
        Reply.text("It is not there."),
        Reply.tools(plan),
        Reply.text("Planned."),
    ]


async def ask(session: SessionHandle, number: int) -> None:
    """Make a run; the first one is steered while its first call runs."""
    is_steered = number == 0

    def steer(record: Record) -> None:
        nonlocal is_steered
        if is_steered and isinstance(record.event, ToolCall):
            is_steered = False
            asyncio.get_running_loop().call_soon(session.submit, "and only the sources")

    stop = session.subscribe(steer)
    session.submit(f"request {number}")
    await session.wait_idle()
    stop()


async def bodies(home: Path, cwd: Path, kind: str, *, restarts: bool) -> list[dict[str, Any]]:
    """Return what the server was sent in three runs, the program ending in between or not."""
    with StreamingServer(replies()) as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME_VARIABLE, str(home))
        patch.setenv("TEST_MODEL_KEY", "k")
        request = SessionRequest(
            cwd,
            provider="p",
            model="m",
            session_id="one",
            overrides=(
                f'providers.p.kind="{kind}"',
                f'providers.p.base_url="{server.base_url}"',
                'providers.p.api_key_env="TEST_MODEL_KEY"',
            ),
        )
        session = open_session(request)
        await session.start()
        for number in range(3):
            if restarts and number:
                await session.close()
                session = open_session(request)
                await session.start()
            await ask(session, number)
        await session.close()
        return [request.body for request in server.requests]


@pytest.mark.parametrize("kind", KINDS)
async def test_restarts_change_no_request(tmp_path: Path, kind: str) -> None:
    cwd = tmp_path / "work"
    cwd.mkdir()
    (cwd / "a.txt").write_text("content\n")
    through = await bodies(tmp_path / "through", cwd, kind, restarts=False)
    restarted = await bodies(tmp_path / "restarted", cwd, kind, restarts=True)
    assert len(through) == 6
    assert restarted == through
