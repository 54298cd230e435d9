import base64
import json
from pathlib import Path
from typing import Any

import pytest

from harn_tui.config.trust import trust
from harn_tui.errors import (
    ConfigError,
    LoopConfigError,
    SessionLockedError,
    StoreError,
    UsageError,
)
from harn_tui.events.codec import encode_record
from harn_tui.events.host import (
    MessageRecorded,
    Notice,
    PermissionDecision,
    PermissionRequest,
    SessionStart,
)
from harn_tui.events.record import Event, Record
from harn_tui.json_types import JsonObject
from harn_tui.kinds import Decision, DecisionScope, LoopStatus, NoticeLevel, RulePlace
from harn_tui.paths import config_directory, sessions_directory
from harn_tui.wiring.open_session import open_session
from harn_tui.wiring.session_request import SessionRequest
from tests.conformance.loop_over_http import items_of
from tests.support.reply_script import Reply
from tests.support.streaming_server import StreamingServer

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
PNG_IN_BASE64 = base64.b64encode(PNG).decode()
_CACHE_MARK = ', "cache_control": {"type": "ephemeral"}'


def _request(folder: Path, **choices: Any) -> SessionRequest:
    return SessionRequest(cwd=folder, **{"provider": "demo", **choices})


def _script(folder: Path, *replies: str) -> Path:
    path = folder / "script.jsonl"
    path.write_text("\n".join(f'{{"text": "{reply}"}}' for reply in replies))
    return path


async def test_scripted_session_runs_and_is_continued_in_its_folder(tmp_path: Path) -> None:
    script = _script(tmp_path, "one", "two")
    first = open_session(_request(tmp_path, provider=None, script=script))
    await first.start()
    first.submit("hello")
    result = await first.wait_idle()
    assert result is not None
    assert (result.status, result.text) == (LoopStatus.DONE, "one")
    await first.close()
    again = open_session(_request(tmp_path, continue_last=True))
    assert again.session_id == first.session_id
    assert len(again.past_records()) > 5
    await again.start()
    await again.close()


async def test_ollama_answers_a_session_and_sets_the_configured_window_aside(
    tmp_path: Path,
) -> None:
    with StreamingServer([Reply.text("Hello.")]) as server:
        opened = open_session(
            _request(
                tmp_path,
                provider="ollama",
                overrides=(
                    f"providers.ollama.base_url={server.base_url}",
                    "providers.ollama.context_window=32768",
                ),
            )
        )
        await opened.start()
        opened.submit("hello")
        result = await opened.wait_idle()
        assert result is not None
        assert (result.status, result.text) == (LoopStatus.DONE, "Hello.")
        await opened.close()
        (request,) = server.requests
    assert request.path == "/api/chat"
    assert request.body["model"] == "qwen3"
    assert request.body["options"]["num_ctx"] == 32_768


@pytest.mark.parametrize(
    ("choices", "error", "says"),
    [
        ({"provider": "nowhere"}, ConfigError, "nowhere"),
        ({"overrides": ("loop.max_nudge=2",)}, ConfigError, "max_nudges"),
        ({"overrides": ("loop.max_iterations=-1",)}, ConfigError, "max_iterations"),
        ({"overrides": ('loop.require_successful_tools=["no"]',)}, LoopConfigError, "read_file"),
        ({"tools": ("no_such_tool",)}, UsageError, "no_such_tool"),
        ({"script": Path("missing.jsonl"), "provider": None}, ConfigError, "missing.jsonl"),
        ({"continue_last": True, "session_id": None}, StoreError, "no session"),
        ({"config_file": Path("missing.toml")}, ConfigError, "missing.toml"),
    ],
)
def test_what_cannot_be_opened_says_why_and_leaves_nothing_locked(
    tmp_path: Path, choices: dict[str, Any], error: type[Exception], says: str
) -> None:
    with pytest.raises(error) as caught:
        open_session(_request(tmp_path, **{"session_id": "mine", **choices}))
    assert says in str(caught.value)
    session = open_session(_request(tmp_path, session_id="mine"))
    assert session.session_id == "mine"


def test_missing_working_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no folder"):
        open_session(_request(tmp_path / "gone"))


async def test_session_that_is_open_elsewhere_is_refused(tmp_path: Path) -> None:
    session = open_session(_request(tmp_path, session_id="mine"))
    with pytest.raises(SessionLockedError):
        open_session(_request(tmp_path, session_id="mine"))
    await session.start()
    await session.close()


def test_session_id_cannot_leave_the_sessions_folder(tmp_path: Path) -> None:
    session = open_session(_request(tmp_path, session_id="../../evil"))
    assert session.folder is not None
    assert session.folder.parent == sessions_directory()


def test_tools_can_be_narrowed_and_removed(tmp_path: Path) -> None:
    narrowed = open_session(_request(tmp_path, tools=("read_file",)))
    assert narrowed._parts.tools.names == ("read_file",)
    without = open_session(_request(tmp_path, tools=()))
    assert without._parts.tools.names == ()


async def test_loop_7_14_the_models_side_is_logged_where_a_variable_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HARN_LLM_TRANSCRIPT_DIR", str(tmp_path / "logs"))
    script = _script(tmp_path, "one")
    session = open_session(_request(tmp_path, provider=None, script=script))
    await session.start()
    session.submit("hello")
    await session.wait_idle()
    await session.close()
    lines = (tmp_path / "logs" / "llm_transcript.jsonl").read_text("utf-8").splitlines()
    types = [json.loads(line)["type"] for line in lines]
    assert types[-2:] == ["interpreted_response", "message"]


def test_a_folder_for_the_models_side_that_cannot_be_made_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HARN_LLM_TRANSCRIPT_DIR", str(tmp_path / "file" / "logs"))
    with pytest.raises(StoreError, match="HARN_LLM_TRANSCRIPT_DIR"):
        open_session(_request(tmp_path))


def test_agents_are_offered_unless_tools_are_narrowed(tmp_path: Path) -> None:
    offered = open_session(_request(tmp_path))
    assert offered._parts.tools.names[-1] == "run_agent"
    configured = open_session(
        _request(tmp_path, overrides=('tools.enabled=["read_file", "run_agent"]',))
    )
    assert configured._parts.tools.names == ("read_file", "run_agent")


async def test_session_of_an_agent_is_not_what_continue_takes_up(tmp_path: Path) -> None:
    script = tmp_path / "script.jsonl"
    call = '{"name": "run_agent", "arguments": {"task": "count"}}'
    script.write_text(f'{{"tool_calls": [{call}]}}\n{{"text": "three"}}\n{{"text": "end"}}')
    session = open_session(_request(tmp_path, provider=None, script=script))
    await session.start()
    session.submit("go")
    await session.wait_idle()
    await session.close()
    assert len(list(sessions_directory().iterdir())) == 2
    again = open_session(_request(tmp_path, continue_last=True))
    assert again.session_id == session.session_id
    await again.start()
    await again.close()


SEEN_BY = {
    "openai": ("image_url", f"data:image/png;base64,{PNG_IN_BASE64}"),
    "openai-responses": ("image_url", f"data:image/png;base64,{PNG_IN_BASE64}"),
    "anthropic": ("data", PNG_IN_BASE64),
    "ollama": ("images", PNG_IN_BASE64),
}


@pytest.mark.parametrize("kind", sorted(SEEN_BY))
async def test_an_attached_image_reaches_each_api_and_a_resumed_session_sends_it_again(
    tmp_path: Path, kind: str
) -> None:
    (tmp_path / "a.png").write_bytes(PNG)
    with StreamingServer([Reply.text("A cat."), Reply.text("Yes.")]) as server:
        address = f"providers.{kind}.base_url={server.base_url}"
        first = open_session(_request(tmp_path, provider=kind, overrides=(address,)))
        await first.start()
        image = await first.images.attach(Path("a.png"))
        first.submit("What is on it?", images=(image,))
        await first.wait_idle()
        await first.close()
        choices = {"provider": kind, "overrides": (address,), "continue_last": True}
        again = open_session(_request(tmp_path, **choices))
        await again.start()
        again.submit("Sure?")
        await again.wait_idle()
        await again.close()
        earlier, later = (items_of(request.body) for request in server.requests)
    key, data = SEEN_BY[kind]
    assert f'"{key}"' in json.dumps(earlier)
    assert data in json.dumps(earlier)
    assert "What is on it?" in json.dumps(earlier)
    assert image.blob not in json.dumps(earlier)
    without_marks = json.dumps(later).replace(_CACHE_MARK, "")
    assert without_marks.startswith(json.dumps(earlier).replace(_CACHE_MARK, "")[:-1])


async def test_an_image_that_a_server_refuses_waits_with_its_line_and_poisons_nothing(
    tmp_path: Path,
) -> None:
    (tmp_path / "a.png").write_bytes(PNG)
    refusal = Reply.failure(400, "this model does not support multimodal requests")
    with StreamingServer([refusal, Reply.text("Hello.")]) as server:
        session = open_session(_request(tmp_path, provider=None, base_url=server.base_url))
        await session.start()
        image = await session.images.attach(Path("a.png"))
        feedback_id = session.submit("What is on it?", images=(image,))
        result = await session.wait_idle()
        assert result is not None
        assert result.status is LoopStatus.ERROR
        assert session.is_paused
        assert session.withdraw(feedback_id)
        session.submit("hello")
        result = await session.wait_idle()
        assert result is not None
        assert result.text == "Hello."
        await session.close()
        assert [item["content"] for item in items_of(server.requests[1].body)] == ["hello"]


def _log(session_id: str, folder: Path, *events: Event) -> None:
    path = sessions_directory() / session_id / "event_log.jsonl"
    path.parent.mkdir(parents=True)
    start = SessionStart(session_id, str(folder), "m", "demo", "native")
    records = [Record(index, 1, None, event) for index, event in enumerate((start, *events))]
    path.write_text("".join(f"{encode_record(record)}\n" for record in records))


async def test_a_resumed_session_has_its_own_grants_and_names_what_nobody_answered(
    tmp_path: Path,
) -> None:
    allow, session, always = Decision.ALLOW, DecisionScope.SESSION, DecisionScope.ALWAYS
    _log(
        "mine",
        tmp_path,
        PermissionDecision("mine", "r1", allow, session, rule="run_command(make)"),
        PermissionDecision("mine", "r2", allow, always, rule="run_command matches git *"),
        PermissionRequest("mine", "r3", "t3", "run_command", "no rule", "rm x", source="fixer"),
    )
    resumed = open_session(_request(tmp_path, session_id="mine"))
    assert resumed._parts.grants.rules == ("run_command(make)",)
    told: list[str] = []

    def hear(record: Record) -> None:
        if isinstance(record.event, Notice):
            told.append(record.event.text)

    resumed.subscribe(hear)
    await resumed.start()
    await resumed.close()
    (lost,) = [text for text in told if "still waited" in text]
    assert "agent fixer" in lost
    assert lost.endswith("run_command: rm x")


@pytest.mark.parametrize(
    ("is_attended", "overrides", "is_asked"),
    [(True, (), True), (False, (), False), (True, ("loop.tool_format=text",), False)],
)
def test_an_open_approval_is_asked_again_where_somebody_is_and_calls_have_results(
    tmp_path: Path, is_attended: bool, overrides: tuple[str, ...], is_asked: bool
) -> None:
    call: JsonObject = {"id": "t3", "name": "run_command", "arguments": {"command": "rm x"}}
    reply: JsonObject = {"role": "assistant", "content": "", "tool_calls": [call]}
    _log(
        "mine",
        tmp_path,
        MessageRecorded("mine", {"role": "user", "content": "go"}),
        MessageRecorded("mine", reply),
        PermissionRequest("mine", "r3", "tool-t3", "run_command", "no rule", "rm x"),
    )
    request = _request(tmp_path, session_id="mine", is_attended=is_attended, overrides=overrides)
    past = open_session(request)._parts.past
    assert past.has_waiting_calls is is_asked
    assert len(past.messages) == (2 if is_asked else 3)
    assert len(past.lost_requests) == (0 if is_asked else 1)


def test_rules_can_be_kept_in_a_project_that_is_trusted(tmp_path: Path) -> None:
    assert [f.place for f in open_session(_request(tmp_path)).approvals.files] == [RulePlace.USER]
    trust(tmp_path, config_directory() / "trusted_folders")
    files = open_session(_request(tmp_path)).approvals.files
    assert [file.place for file in files] == [RulePlace.USER, RulePlace.PROJECT]
    assert files[1].path == tmp_path / ".harn" / "permissions.toml"


@pytest.mark.parametrize(
    ("content", "is_folder_trusted", "ignored"),
    [
        ("permissions.allow = ['run_command']\n[[mcp_servers]]\nname='x'\ncommand=['y']", False, 1),
        ("permissions.allow = ['run_command']", True, 0),
        ("permissions.deny = ['run_command']", False, 0),
    ],
    ids=["held back", "trusted", "nothing to hold back"],
)
async def test_a_session_says_once_what_of_an_untrusted_folder_is_ignored(
    tmp_path: Path, content: str, is_folder_trusted: bool, ignored: int
) -> None:
    own = tmp_path / ".harn" / "config.toml"
    own.parent.mkdir()
    own.write_text(content)
    if is_folder_trusted:
        trust(tmp_path, config_directory() / "trusted_folders")
    session = open_session(_request(tmp_path))
    told: list[Event] = []
    session.subscribe(lambda record: told.append(record.event))
    await session.start()
    await session.close()
    warnings = [e.text for e in told if isinstance(e, Notice) and e.level is NoticeLevel.WARNING]
    assert len(warnings) == ignored
    for warning in warnings:
        assert str(own) in warning
        assert "permissions.allow, mcp_servers are ignored" in warning
        assert "harn-tui config trust" in warning
