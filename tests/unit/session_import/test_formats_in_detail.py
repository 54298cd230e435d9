import json
from pathlib import Path

from harn_tui.events.agent import FeedbackInjected, Plan, ToolCallUpdate, TranscriptCompacted
from harn_tui.events.host import (
    LlmCallEnd,
    LoopEnd,
    Notice,
    PermissionDecision,
    PermissionRequest,
    UserMessage,
)
from harn_tui.kinds import Decision, DecisionScope, LoopStatus, ToolCallStatus
from harn_tui.session_import.draft import NO_REQUEST
from harn_tui.session_import.reply import NO_RESULT
from harn_tui.session_import.source_kind import SourceKind
from harn_tui.view.model import ThoughtBlock, ToolBlock, WorkerBlock
from tests.unit.session_import.imported import SOURCES, Imported, imported, imported_from


def _tools(session: Imported) -> list[ToolBlock]:
    return [block for block in session.view.blocks if isinstance(block, ToolBlock)]


def _without_compaction(name: str, store: Path) -> Imported:
    """Import the lines before the first compaction, whose summary would replace the history."""
    lines = (SOURCES / name).read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if "ompact" not in line]
    store.mkdir(exist_ok=True)
    cut = store / f"cut-{name}"
    cut.write_text("\n".join(kept), encoding="utf-8")
    return imported_from(cut, store / "sessions")


def test_claude_blocks_of_one_message_id_are_one_reply_around_their_results(tmp_path: Path) -> None:
    messages = _without_compaction("claude_code.jsonl", tmp_path).messages
    assert messages[1] == {
        "role": "assistant",
        "content": "I will look.",
        "tool_calls": [
            {"id": "toolu_1", "name": "Read", "arguments": {"file_path": "beds.txt"}},
            {"id": "toolu_2", "name": "Bash", "arguments": {"command": "ls missing"}},
        ],
    }
    assert [m["content"] for m in messages[2:4]] == ["north: beans", "no such folder"]


def test_claude_usage_counts_cached_tokens_as_sent(tmp_path: Path) -> None:
    session = imported("claude_code.jsonl", tmp_path)
    ends = [e for e in session.of_type(LlmCallEnd) if isinstance(e, LlmCallEnd)]
    assert ends[0].usage == {
        "input_tokens": 105,
        "output_tokens": 7,
        "cache_read_tokens": 90,
        "cache_write_tokens": 5,
    }
    assert session.view.totals.input_tokens == 105 * len(ends)


def test_claude_times_and_durations_are_those_of_the_file(tmp_path: Path) -> None:
    session = imported("claude_code.jsonl", tmp_path)
    assert session.records[0].emitted_at_ms == 1_770_757_861_000
    assert [block.duration_ms for block in _tools(session)][:2] == [230, 500]


def test_claude_edit_is_a_changed_file(tmp_path: Path) -> None:
    view = imported("claude_code.jsonl", tmp_path).view
    assert (view.files["notes.md"].added, view.files["notes.md"].removed) == (2, 0)


def test_claude_image_stays_in_the_message(tmp_path: Path) -> None:
    messages = _without_compaction("claude_code.jsonl", tmp_path).messages
    blocks = next(m["content"] for m in messages if isinstance(m["content"], list))
    assert [block["type"] for block in blocks if isinstance(block, dict)] == ["text", "image"]


def test_claude_interrupt_ends_the_run_and_answers_the_open_call(tmp_path: Path) -> None:
    session = imported("claude_code.jsonl", tmp_path)
    statuses = [e.status for e in session.of_type(LoopEnd) if isinstance(e, LoopEnd)]
    assert statuses[:2] == [LoopStatus.DONE, LoopStatus.CANCELLED]
    assert _tools(session)[-1].result_text == NO_RESULT
    assert _tools(session)[-1].status is ToolCallStatus.FAILED


def test_claude_summary_takes_the_place_of_the_whole_history(tmp_path: Path) -> None:
    session = imported("claude_code.jsonl", tmp_path)
    (compacted,) = session.of_type(TranscriptCompacted)
    assert isinstance(compacted, TranscriptCompacted)
    assert (compacted.mode, compacted.estimated_tokens_before) == ("manual", 120_000)
    contents = [message["content"] for message in session.messages]
    assert contents == [
        "They grow beans in the north bed.",
        "<command-name>/model</command-name>",
        "Ready.",
    ]


def test_claude_sidechain_is_kept_and_stays_out_of_the_history(tmp_path: Path) -> None:
    session = imported("claude_code.jsonl", tmp_path)
    assert session.report.generic["sidechain.user"] == 1
    asked = [e.content for e in session.of_type(UserMessage) if isinstance(e, UserMessage)]
    assert asked == ["Which beds have beans?", "Write that down\n[image]"]


def test_file_of_a_claude_sub_agent_is_a_session_of_its_own(tmp_path: Path) -> None:
    line = json.dumps(
        {
            "type": "user",
            "uuid": "u1",
            "isSidechain": True,
            "message": {"role": "user", "content": "Find TODOs"},
        }
    )
    (tmp_path / "agent.jsonl").write_text(line, encoding="utf-8")
    session = imported_from(tmp_path / "agent.jsonl", tmp_path / "store")
    assert session.messages == [{"role": "user", "content": "Find TODOs", "kind": "user"}]


def test_codex_tells_a_thing_once_that_its_file_tells_twice(tmp_path: Path) -> None:
    session = _without_compaction("codex.jsonl", tmp_path)
    assert session.report.repeated == {"user": 1, "reasoning": 1, "assistant": 1}
    assert [message["content"] for message in session.messages][1:] == [
        "List the beds",
        "",
        "north\nsouth\n",
        "North and south.",
    ]
    thoughts = [b.text for b in session.view.blocks if isinstance(b, ThoughtBlock)]
    assert thoughts == ["Look first."]


def test_codex_facts_usage_and_context(tmp_path: Path) -> None:
    session = imported("codex.jsonl", tmp_path)
    view = session.view
    assert (view.cwd, view.model) == ("/home/gardener/garden", "gpt-test")
    assert (view.totals.input_tokens, view.totals.cache_read_tokens) == (1_200, 800)
    kinds = [e.kind for e in session.of_type(FeedbackInjected) if isinstance(e, FeedbackInjected)]
    assert kinds == ["context"]
    assert _tools(session)[0].duration_ms == 2_000


def test_old_codex_lines_without_ids_give_results_to_the_oldest_open_call(tmp_path: Path) -> None:
    session = imported("codex_old.jsonl", tmp_path)
    assert _tools(session)[0].arguments == {"input": "status"}
    assert _tools(session)[0].result_text == "On branch main\n"
    notices = [e.text for e in session.of_type(Notice) if isinstance(e, Notice)]
    assert notices[0] == "simulated error"


def test_codex_message_under_another_key_is_the_request(tmp_path: Path) -> None:
    path = tmp_path / "drifted.jsonl"
    line = {"created_at": "2025-09-10T12:00:00Z", "role": "user", "message": "Say hello"}
    path.write_text(json.dumps(line), encoding="utf-8")
    session = imported_from(path, tmp_path / "store")
    assert [m["content"] for m in session.messages] == ["Say hello"]
    assert session.report.title == "Say hello"


def test_acp_permissions_diffs_and_live_output(tmp_path: Path) -> None:
    session = imported("acp_opencode.jsonl", tmp_path)
    asked = session.of_type(PermissionRequest)
    answered = session.of_type(PermissionDecision)
    assert len(asked) == len(answered) == 2
    for event in answered:
        assert isinstance(event, PermissionDecision)
        assert (event.decision, event.scope) == (Decision.ALLOW, DecisionScope.ONCE)
    (path,) = session.view.files
    assert path.endswith("main.py")
    shell = _tools(session)[-1]
    assert shell.output.startswith("43\n")
    assert shell.output == shell.result_text
    assert session.messages[-1]["content"] == "Done: prints 43."


def test_acp_plan_becomes_a_plan(tmp_path: Path) -> None:
    plans = imported("acp_codex.jsonl", tmp_path).of_type(Plan)
    assert isinstance(plans[0], Plan)
    assert isinstance(plans[0].plan, dict)
    steps = plans[0].plan["steps"]
    assert isinstance(steps, list)
    assert steps[0] == {
        "id": "step-1",
        "content": "Read main.py",
        "status": "in_progress",
        "priority": "medium",
    }


def test_tool_names_of_others_can_be_sent_to_every_server(tmp_path: Path) -> None:
    session = imported("acp_fast-agent.jsonl", tmp_path)
    calls = session.messages[1]["tool_calls"]
    assert isinstance(calls, list)
    assert isinstance(calls[0], dict)
    assert calls[0]["name"] == "mcp-server-time_get_current_time"


def test_acp_notifications_in_one_list_are_read(tmp_path: Path) -> None:
    lines = (SOURCES / "acp_opencode.jsonl").read_text(encoding="utf-8").splitlines()
    array = tmp_path / "updates.json"
    array.write_text(json.dumps([json.loads(line) for line in lines], indent=1), encoding="utf-8")
    session = imported_from(array, tmp_path / "store")
    assert session.report.kind is SourceKind.ACP
    assert session.messages == imported("acp_opencode.jsonl", tmp_path / "store").messages


def test_swe_agent_actions_have_results_and_times(tmp_path: Path) -> None:
    session = imported("swe_agent.traj", tmp_path)
    assert [m["role"] for m in session.messages] == [
        "user",
        "assistant",
        "tool",
        "assistant",
        "tool",
    ]
    assert _tools(session)[0].duration_ms == 250
    assert _tools(session)[0].arguments == {"filename": "notes.md"}
    assert session.view.model == "gpt-test"


def test_mini_swe_agent_command_is_a_call_that_the_next_message_answers(tmp_path: Path) -> None:
    session = imported("mini_swe_agent.json", tmp_path)
    tool = _tools(session)[0]
    assert (tool.arguments, tool.status) == ({"command": "ls gate"}, ToolCallStatus.FAILED)
    assert tool.duration_ms == 1_500
    assert session.view.totals.cost_usd == 0.75


def test_run_record_has_stages_nested_runs_and_recorded_tools(tmp_path: Path) -> None:
    session = imported("run_record.json", tmp_path)
    view = session.view
    assert any(isinstance(b, WorkerBlock) and b.name == "digger" for b in view.blocks)
    assert _tools(session)[0].result_text == "dug"
    assert [m["content"] for m in session.messages if m["role"] == "assistant"] == [
        "Plan: dig, sow.",
        "No seeds.",
        "",
    ]
    notices = [e.text for e in session.of_type(Notice) if isinstance(e, Notice)]
    assert notices[:2] == ["Stage plan: completed success", "Stage sow: failed error"]


def test_recorded_replies_have_turns_without_results(tmp_path: Path) -> None:
    session = imported("llm_mock.jsonl", tmp_path)
    updates = [e for e in session.of_type(ToolCallUpdate) if isinstance(e, ToolCallUpdate)]
    assert updates[-1].error == NO_RESULT
    assert session.messages[-1]["content"] == "All watered."


def test_log_of_the_reference_gets_the_messages_that_it_lacks(tmp_path: Path) -> None:
    session = imported("reference_log.jsonl", tmp_path)
    wrapped = '<runtime_feedback kind="user">\nBe short\n</runtime_feedback>'
    assert [m["content"] for m in session.messages] == [
        "Look around",
        "I look.",
        "beds/",
        wrapped,
        "",
        NO_RESULT,
    ]
    assert session.report.generic == {"weather_report": 1}


def test_our_own_log_is_taken_as_it_is_under_a_new_id(tmp_path: Path) -> None:
    log = SOURCES.parents[2] / "sessions" / "demo-tools-approval-feedback.jsonl"
    session = imported_from(log, tmp_path)
    lines = log.read_text(encoding="utf-8").splitlines()
    old_id = json.loads(lines[0])["session_id"]
    copied = session.folder.event_log.read_text(encoding="utf-8").splitlines()[:-1]
    assert copied == [line.replace(old_id, session.report.session_id) for line in lines]


def test_swe_agent_steps_do_where_there_is_no_history(tmp_path: Path) -> None:
    document = json.loads((SOURCES / "swe_agent.traj").read_text(encoding="utf-8"))
    del document["history"]
    path = tmp_path / "steps.traj"
    path.write_text(json.dumps(document), encoding="utf-8")
    session = imported_from(path, tmp_path / "store")
    assert [tool.arguments for tool in _tools(session)] == [
        {"command": "create notes.md"},
        {"command": "submit"},
    ]
    assert [tool.duration_ms for tool in _tools(session)] == [250, 100]
    assert [m["content"] for m in session.messages][:2] == [NO_REQUEST, "I make a file."]


def test_transcripts_of_a_run_record_become_turns(tmp_path: Path) -> None:
    document = json.loads((SOURCES / "run_record.json").read_text(encoding="utf-8"))
    call = {"id": "c9", "name": "read_file", "arguments": {"path": "beds.txt"}}
    document["stages"][0]["transcript"] = {
        "_type": "transcript",
        "messages": [
            {"role": "system", "content": "You plan."},
            {"role": "user", "content": "Plan the beds"},
            {"role": "assistant", "content": "I read.", "tool_calls": [call]},
            {"role": "tool_result", "tool_use_id": "c9", "content": "north: beans"},
            {"role": "assistant", "content": "Beans first."},
        ],
    }
    path = tmp_path / "run.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    session = imported_from(path, tmp_path / "store")
    assert [m["content"] for m in session.messages][1:5] == [
        "Plan the beds",
        "I read.",
        "north: beans",
        "Beans first.",
    ]
    assert session.report.generic["message.system"] == 1


def test_refused_permission_of_the_protocol_is_a_refusal(tmp_path: Path) -> None:
    text = (SOURCES / "acp_opencode.jsonl").read_text(encoding="utf-8")
    path = tmp_path / "refused.jsonl"
    path.write_text(
        text.replace('"optionId": "once"}}}', '"optionId": "reject"}}}'), encoding="utf-8"
    )
    answered = imported_from(path, tmp_path / "store").of_type(PermissionDecision)
    assert [e.decision for e in answered if isinstance(e, PermissionDecision)] == [
        Decision.DENY,
        Decision.DENY,
    ]
