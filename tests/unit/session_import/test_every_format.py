from pathlib import Path

import pytest

from harn_tui.events.agent import ToolCall, ToolCallUpdate, TurnEnd, TurnStart
from harn_tui.events.codec import encode_record
from harn_tui.events.host import LoopEnd, LoopStart, SessionStart
from harn_tui.events.record import UnknownEvent
from harn_tui.json_types import JsonObject
from harn_tui.providers.anthropic_request import anthropic_body
from harn_tui.providers.base import CompletionRequest
from harn_tui.session_import.source_kind import SourceKind
from harn_tui.store.kept_model import kept_model
from harn_tui.store.listing import list_sessions
from harn_tui.view.fold import apply
from harn_tui.view.model import SessionView
from tests.unit.session_import.imported import SOURCES, Imported, imported

KINDS = {
    "acp_codex.jsonl": SourceKind.ACP,
    "acp_fast-agent.jsonl": SourceKind.ACP,
    "acp_opencode.jsonl": SourceKind.ACP,
    "claude_code.jsonl": SourceKind.CLAUDE_CODE,
    "codex.jsonl": SourceKind.CODEX,
    "codex_old.jsonl": SourceKind.CODEX,
    "llm_mock.jsonl": SourceKind.LLM_MOCK,
    "mini_swe_agent.json": SourceKind.MINI_SWE_AGENT,
    "mini_swe_agent_list.json": SourceKind.MINI_SWE_AGENT,
    "reference_log.jsonl": SourceKind.HARN_LOG,
    "run_record.json": SourceKind.RUN_RECORD,
    "swe_agent.traj": SourceKind.SWE_AGENT,
}
MADE_HERE = sorted(set(KINDS) - {"reference_log.jsonl"})


@pytest.fixture(params=sorted(KINDS))
def session(request: pytest.FixtureRequest, tmp_path: Path) -> Imported:
    return imported(request.param, tmp_path)


def test_every_sample_has_an_expected_format() -> None:
    assert {path.name for path in SOURCES.iterdir()} == set(KINDS)


@pytest.mark.parametrize("name", sorted(KINDS))
def test_format_is_found_out_from_the_content(name: str, tmp_path: Path) -> None:
    copy = tmp_path / "no-hint-in-the-name"
    copy.write_bytes((SOURCES / name).read_bytes())
    from_copy = imported(str(copy), tmp_path / "store")
    assert from_copy.report.kind is KINDS[name]


def test_log_is_one_of_ours(session: Imported) -> None:
    assert isinstance(session.records[0].event, SessionStart)
    assert [record.index for record in session.records] == list(range(len(session.records)))
    assert {r.event.session_id for r in session.records} == {session.report.session_id}
    times = [record.emitted_at_ms for record in session.records]
    assert times == sorted(times)
    lines = session.folder.event_log.read_text(encoding="utf-8").splitlines()
    assert lines == [encode_record(record) for record in session.records]
    assert session.report.events == len(lines)


def test_every_call_of_the_history_is_followed_by_its_one_result(session: Imported) -> None:
    waiting: list[object] = []
    for message in session.messages:
        if message["role"] == "tool":
            assert message["tool_call_id"] == waiting.pop(0)
            continue
        assert not waiting
        if message["role"] == "assistant":
            calls = message.get("tool_calls", [])
            assert isinstance(calls, list)
            waiting = [call["id"] for call in calls if isinstance(call, dict)]
    assert not waiting


def test_history_can_be_sent_to_a_server_that_is_strict_about_it(session: Imported) -> None:
    following: JsonObject = {"role": "user", "content": "go on"}
    body = anthropic_body(CompletionRequest("m", (*session.messages, following)))
    messages = body["messages"]
    assert isinstance(messages, list)
    roles = [message["role"] for message in messages if isinstance(message, dict)]
    assert roles[::2] == ["user"] * len(roles[::2])
    assert roles[1::2] == ["assistant"] * len(roles[1::2])


@pytest.mark.parametrize("name", MADE_HERE)
def test_runs_turns_and_calls_are_closed_once(name: str, tmp_path: Path) -> None:
    session = imported(name, tmp_path)
    assert len(session.of_type(LoopStart)) == len(session.of_type(LoopEnd))
    assert len(session.of_type(TurnStart)) == len(session.of_type(TurnEnd))
    called = [e.tool_call_id for e in session.of_type(ToolCall) if isinstance(e, ToolCall)]
    ended = [
        e.tool_call_id
        for e in session.of_type(ToolCallUpdate)
        if isinstance(e, ToolCallUpdate) and e.status.is_terminal
    ]
    assert sorted(called) == sorted(ended)
    assert not session.view.unfinished_tools
    assert not session.view.is_running


def test_replaying_one_by_one_gives_the_same_picture(session: Imported) -> None:
    stepped = SessionView()
    for record in session.records:
        apply(stepped, record)
    assert stepped == session.view
    assert stepped.blocks


def test_what_has_no_counterpart_is_kept_and_counted(session: Imported) -> None:
    kept = session.of_type(UnknownEvent)
    assert len(kept) == sum(session.report.generic.values())


def test_imported_session_is_listed_with_its_title(session: Imported) -> None:
    listed = list_sessions(session.folder.path.parent)
    assert [summary.session_id for summary in listed] == [session.report.session_id]
    assert listed[0].title or session.report.kind is SourceKind.HARN_LOG
    assert not listed[0].problems


def test_it_goes_on_with_what_is_configured_and_not_with_what_it_ran_on(session: Imported) -> None:
    assert kept_model(session.records) is None
