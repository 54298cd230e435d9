"""What the log of the model's side holds (docs/llm_transcript.md)."""

import json
from typing import Any

from harn_tui.config.loop_options import LoopOptions
from harn_tui.errors import ProviderError
from harn_tui.kinds import HostMessageMode, ProviderErrorCategory
from tests.conformance.loop_driver import SESSION_ID, Reply, Setup, make_tool

READ = make_tool("read")


async def _entries(*replies: Reply, **setup: Any) -> list[dict[str, Any]]:
    lines: list[str] = []
    chosen = Setup(replies, extra={"llm_log": lines.append}, **setup)
    chosen.push("keep it short")
    chosen.host_messages.push("from the host", HostMessageMode.INTERRUPT_IMMEDIATE)
    await chosen.run()
    assert all("\n" not in line for line in lines)
    entries = [json.loads(line) for line in lines]
    assert all(list(entry) == sorted(entry) for entry in entries)
    assert all(entry["span_id"] is None for entry in entries)
    return entries


def _of(entries: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [entry for entry in entries if entry["type"] == kind]


async def test_loop_7_14_prompt_and_tools_are_logged_only_when_they_change() -> None:
    entries = await _entries(Reply("", calls=(("read", {}),)), Reply("done"), tools=(READ,))
    (prompt,) = _of(entries, "system_prompt")
    (schemas,) = _of(entries, "tool_schemas")
    assert "runtime_feedback" in prompt["content"]
    assert [schema["name"] for schema in schemas["schemas"]] == ["read"]
    assert len(_of(entries, "provider_call_request")) == 2


async def test_loop_10_30_every_message_is_logged_a_hosts_included() -> None:
    entries = await _entries(Reply("", calls=(("read", {}),)), Reply("done"), tools=(READ,))
    messages = [(m["role"], m["iteration"]) for m in _of(entries, "message")]
    assert messages == [
        ("user", None),
        ("user", 1),
        ("user", 1),
        ("assistant", 1),
        ("tool", 1),
        ("assistant", 2),
    ]
    assert [m["content"] for m in _of(entries, "message")][1] == "from the host"


async def test_loop_7_14_every_line_says_of_which_session_it_is() -> None:
    entries = await _entries(Reply("", calls=(("read", {}),)), Reply("done"), tools=(READ,))
    assert {entry["session_id"] for entry in entries} == {SESSION_ID}
    lines: list[str] = []
    for session_id in ("one", "two"):
        setup = Setup([Reply("done")], extra={"llm_log": lines.append}, session_id=session_id)
        await setup.run()
    of_both = [json.loads(line)["session_id"] for line in lines]
    assert of_both == sorted(of_both)
    assert set(of_both) == {"one", "two"}


async def test_loop_7_14_request_response_and_reading_belong_together() -> None:
    entries = await _entries(Reply("", calls=(("read", {"n": "1"}),)), Reply("done"), tools=(READ,))
    asked = [(r["iteration"], r["call_id"]) for r in _of(entries, "provider_call_request")]
    answered = [(r["iteration"], r["call_id"]) for r in _of(entries, "provider_call_response")]
    assert asked == answered
    assert [iteration for iteration, _ in asked] == [1, 2]
    assert "messages" not in _of(entries, "provider_call_request")[0]
    first, second = _of(entries, "interpreted_response")
    assert [call["name"] for call in first["tool_calls"]] == ["read"]
    assert (second["prose"], second["tool_parse_errors"]) == ("done", [])
    assert [f["content"] for f in _of(entries, "feedback_injected")] == ["keep it short"]


async def test_loop_7_14_an_empty_reply_that_is_asked_for_again_is_logged() -> None:
    empty = ProviderError("nothing came", category=ProviderErrorCategory.EMPTY_COMPLETION)
    entries = await _entries(
        Reply(error=empty), Reply("done"), options=LoopOptions(llm_backoff_ms=0)
    )
    (retry,) = _of(entries, "empty_completion_retry")
    assert (retry["attempt"], retry["error"]) == (1, "nothing came")
    assert len(_of(entries, "provider_call_request")) == 2


async def test_loop_7_14_nothing_is_written_without_a_place_for_it() -> None:
    run = await Setup([Reply("hi")]).run()
    assert run.result.text == "hi"
