import subprocess
import sys
from pathlib import Path

import pytest

from harn_tui.errors import StoreError
from harn_tui.events.agent import AgentMessageChunk
from harn_tui.events.host import LlmCallEnd, LlmCallStart, LlmRetry, LoopEnd, MessageRecorded
from harn_tui.kinds import LoopStatus, ProviderErrorCategory
from harn_tui.providers.script_entry import read_script
from harn_tui.session_export.model_script import model_script, played_replies, recorded_replies
from harn_tui.session_export.saved_test import write_saved_test
from tests.unit.session_export.sessions import recorded
from tests.unit.store.log_building import numbered


def _run(folder: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder)]
    return subprocess.run(command, capture_output=True, check=False, text=True, cwd=folder)


def test_saved_test_passes_and_fails_once_the_session_shows_something_else(tmp_path: Path) -> None:
    write_saved_test(recorded(), tmp_path / "saved")
    passed = _run(tmp_path / "saved")
    assert "2 passed" in passed.stdout, passed.stdout
    log = tmp_path / "saved" / "event_log.jsonl"
    log.write_text(
        log.read_text(encoding="utf-8").replace("harn-demo-notes", "x"), encoding="utf-8"
    )
    failed = _run(tmp_path / "saved")
    assert "2 failed" in failed.stdout, failed.stdout


async def test_script_plays_what_the_session_recorded(tmp_path: Path) -> None:
    session = recorded()
    write_saved_test(session, tmp_path / "saved")
    script = tmp_path / "saved" / "script.jsonl"
    replies = await played_replies(script)
    assert replies == recorded_replies(session.records)
    assert len(replies) == session.view.totals.calls == len(read_script(script))


def test_failed_attempts_and_cut_replies_are_in_the_script() -> None:
    records = numbered(
        [
            LlmCallStart("s1", 1, 0, "m", 1, 1),
            AgentMessageChunk("s1", "void"),
            LlmRetry("s1", 1, 1, 0, ProviderErrorCategory.OVERLOADED, "too busy"),
            AgentMessageChunk("s1", "half an ans"),
            LlmCallEnd("s1", 1, {}, partial=True, stop_reason="stop"),
            LlmCallStart("s1", 2, 0, "m", 1, 1),
            LlmCallEnd("s1", 2, {}, stop_reason="error"),
            LoopEnd("s1", "l", LoopStatus.ERROR, "no answer", 1, {}),
        ]
    )
    assert model_script(records) == [
        {"error": {"category": "overloaded", "message": "too busy"}},
        {
            "blocks": [{"type": "output_text", "text": "half an ans"}],
            "no_usage": True,
            "stop_reason": "stop",
            "model": "m",
        },
        {"error": {"category": "generic", "message": "no answer"}},
    ]


def test_malformed_arguments_stay_as_they_were_written() -> None:
    call = {"id": "c1", "name": "read", "arguments": {}, "raw_arguments": '{"path": '}
    message = {"role": "assistant", "content": "", "tool_calls": [call]}
    records = numbered(
        [
            LlmCallStart("s1", 1, 0, "", 1, 1),
            LlmCallEnd("s1", 1, {"input_tokens": 3, "output_tokens": 4}),
            MessageRecorded("s1", message),  # type: ignore[arg-type]
        ]
    )
    assert model_script(records) == [
        {
            "blocks": [{"type": "tool_call", "id": "c1", "name": "read", "arguments": '{"path": '}],
            "input_tokens": 3,
            "output_tokens": 4,
        }
    ]


def test_folder_that_is_there_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("kept", encoding="utf-8")
    with pytest.raises(StoreError, match="is there already"):
        write_saved_test(recorded(), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
