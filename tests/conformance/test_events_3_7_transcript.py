"""The shape of a transcript, its events and assets (section 3.7)."""

from typing import Any
from uuid import UUID

import pytest

from harn_tui.errors import UsageError
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.transcripts.transcript import Transcript, TranscriptState
from harn_tui.transcripts.transcript_event import (
    TranscriptEventKind,
    Visibility,
    message_event,
    transcript_event,
)
from harn_tui.transcripts.transcript_states import abandoned, archived, forked, reset, resumed
from harn_tui.transcripts.transcript_views import render_full, render_visible, transcript_stats
from tests.unit.transcripts.messages import assistant, contents, kinds, result, user


def message(content: JsonValue, role: str = "user") -> JsonObject:
    return {"role": role, "content": content}


def transcript_with(*messages: JsonObject) -> Transcript:
    transcript = Transcript("t")
    for item in messages:
        transcript.append_message(item)
    return transcript


def test_events_3_7_a_fresh_transcript_has_empty_lists_and_no_state() -> None:
    assert Transcript("t").as_json() == {
        "_type": "transcript",
        "version": 2,
        "id": "t",
        "messages": [],
        "events": [],
        "assets": [],
    }


def test_events_3_7_a_full_transcript_has_its_keys_in_order() -> None:
    transcript = transcript_with(user("hello"))
    transcript.summary = "before"
    transcript.metadata["k"] = 1
    transcript.state = TranscriptState.PAUSED
    fields = transcript.as_json()
    assert list(fields) == [
        *("_type", "version", "id", "messages", "events", "assets"),
        *("summary", "metadata", "state"),
    ]
    assert (fields["summary"], fields["metadata"], fields["state"]) == (
        "before",
        {"k": 1},
        "paused",
    )


def test_events_3_7_the_states() -> None:
    assert list(TranscriptState) == ["active", "paused", "forked", "archived", "abandoned"]


def test_events_3_7_an_event_has_its_keys_in_order_and_a_uuid7() -> None:
    event = transcript_event("note", text="x", metadata={"a": 1})
    assert list(event.as_json()) == [
        *("id", "kind", "role", "visibility", "text", "blocks", "metadata"),
    ]
    assert UUID(event.id).version == 7
    assert "metadata" not in message_event(user("x")).as_json()


def test_events_3_7_the_kinds_that_the_runtime_writes() -> None:
    assert {
        *("message", "tool_result", "host_input", "provider_payload", "private_reasoning"),
        *("tool_intent", "tool_execution", "PermissionGrant", "PermissionDeny"),
        *("PermissionEscalation", "compaction", "plan", "native_tool_fallback", "skill_matched"),
        *("skill_activated", "skill_deactivated", "skill_scope_tools", "skill_mcp_bound"),
        *("skill_mcp_unbound", "skill_mcp_bind_failed", "skill.loaded", "tool_search_query"),
        *("tool_search_result", "daemon_wake", "sub_agent_start"),
    } <= set(TranscriptEventKind)


@pytest.mark.parametrize(
    ("role", "kind", "visibility"),
    [
        ("user", "message", "public"),
        ("assistant", "message", "public"),
        ("system", "message", "public"),
        ("tool", "message", "public"),
        ("tool_result", "tool_result", "internal"),
    ],
)
def test_events_3_7_kind_and_visibility_follow_the_role(
    role: str, kind: str, visibility: str
) -> None:
    event = message_event(message("x", role))
    assert (event.kind, event.role, event.visibility) == (kind, role, visibility)
    assert event.blocks == ({"type": "text", "text": "x", "visibility": visibility},)


@pytest.mark.parametrize(
    ("content", "text"),
    [("hello", "hello"), (7, "7"), (True, "true"), (1.5, "1.5"), ("", "")],
)
def test_events_3_7_a_scalar_content_is_one_text_block(content: JsonValue, text: str) -> None:
    event = message_event(message(content))
    assert event.blocks == ({"type": "text", "text": text, "visibility": "public"},)
    assert event.text == text


@pytest.mark.parametrize("fields", [{"role": "user", "content": None}, {"role": "user"}])
def test_events_3_7_no_content_is_no_block(fields: JsonObject) -> None:
    event = message_event(fields)
    assert (event.blocks, event.text, event.visibility) == ((), "", "public")


def test_events_3_7_blocks_keep_their_keys_and_get_defaults() -> None:
    content: list[JsonValue] = [{"text": "a", "more": 1}, {"type": "odd", "visibility": "private"}]
    event = message_event(message(content, "tool_result"))
    assert event.blocks == (
        {"text": "a", "more": 1, "type": "text", "visibility": "internal"},
        {"type": "odd", "visibility": "private"},
    )
    assert content[0] == {"text": "a", "more": 1}


@pytest.mark.parametrize(
    ("block", "text"),
    [
        ({"type": "text", "text": "a"}, "a"),
        ({"type": "output_text", "text": "a"}, "a"),
        ({"type": "text", "content": "a"}, "a"),
        ({"type": "reasoning", "text": "secret"}, ""),
        ({"type": "tool_call", "name": "grep"}, "<tool_call:grep>"),
        ({"type": "tool_call"}, "<tool_call:tool>"),
        ({"type": "tool_result", "name": "grep"}, "<tool_result:grep>"),
        ({"type": "image", "name": "a.png"}, "<image:a.png>"),
        ({"type": "input_image", "title": "A"}, "<image:A>"),
        ({"type": "image"}, "<image:image>"),
        ({"type": "file", "path": "/a"}, "<file:/a>"),
        ({"type": "document", "asset_id": "x"}, "<document:x>"),
        ({"type": "attachment"}, "<attachment:attachment>"),
        ({"type": "file", "name": "n", "title": "t", "path": "p"}, "<file:n>"),
        ({"type": "video"}, "<video>"),
    ],
)
def test_events_3_7_what_a_block_reads_as(block: JsonObject, text: str) -> None:
    assert message_event(message([block])).text == text


def test_events_3_7_texts_of_blocks_are_joined_by_one_blank_without_empty_ones() -> None:
    content: list[JsonValue] = ["a", {"type": "reasoning", "text": "x"}, {"text": "b"}]
    assert message_event(message(content)).text == "a b"


@pytest.mark.parametrize(
    ("visibilities", "expected"),
    [
        (["private", "internal", "public"], "public"),
        (["private", "internal"], "internal"),
        (["private", "private"], "private"),
        (["secret"], "private"),
    ],
)
@pytest.mark.parametrize("role", ["user", "tool_result"])
def test_events_3_7_an_event_is_as_visible_as_its_most_visible_block(
    visibilities: list[str], expected: str, role: str
) -> None:
    """A message all of whose blocks are private is private, where the reference shows it."""
    content: list[JsonValue] = [{"text": "x", "visibility": name} for name in visibilities]
    assert message_event(message(content, role)).visibility == expected


def test_events_3_7_a_message_without_a_role_is_refused() -> None:
    with pytest.raises(UsageError, match="string `role`"):
        message_event({"content": "x"})


def test_events_3_7_events_stand_in_the_order_in_which_they_happened() -> None:
    transcript = transcript_with(user("one"))
    transcript.append_event(transcript_event(TranscriptEventKind.TOOL_INTENT))
    transcript.append_message(assistant("two"))
    transcript.append_event(transcript_event(TranscriptEventKind.PLAN))
    transcript.append_message(user("three"))
    assert kinds(transcript) == ["message", "tool_intent", "message", "plan", "message"]
    fields: Any = transcript.as_json()
    assert [event["kind"] for event in fields["events"]] == kinds(transcript)


def test_events_3_7_an_asset_has_its_keys_and_defaults() -> None:
    transcript = Transcript("t")
    minted = transcript.add_asset({"name": "a.png", "data": "…", "unknown": 1, "title": None})
    assert UUID(minted).version == 7
    assert transcript.as_json()["assets"] == [
        {
            "_type": "transcript_asset",
            "id": minted,
            "kind": "blob",
            "visibility": "internal",
            "name": "a.png",
            "data": "…",
        }
    ]


def test_events_3_7_an_asset_that_is_no_object_is_a_place() -> None:
    transcript = Transcript("t")
    transcript.add_asset("/tmp/a.png")
    assert transcript.assets[0]["storage"] == {"path": "/tmp/a.png"}


def test_events_3_7_an_asset_replaces_one_with_its_id() -> None:
    transcript = Transcript("t")
    for asset in ({"id": "a", "title": "old"}, {"id": "b"}, {"id": "a", "title": "new"}):
        transcript.add_asset(dict(asset))
    assert [(a["id"], a.get("title")) for a in transcript.assets] == [("a", "new"), ("b", None)]


@pytest.mark.parametrize(
    ("change", "state", "kind", "text"),
    [
        (forked, "forked", "transcript_fork", "transcript forked"),
        (archived, "archived", "transcript_archive", "transcript archived"),
        (abandoned, "abandoned", "transcript_abandon", "transcript abandoned"),
        (resumed, "active", "transcript_resume", "transcript resumed"),
    ],
)
def test_events_3_7_a_change_of_state_gives_a_new_transcript_with_an_event(
    change: Any, state: str, kind: str, text: str
) -> None:
    source = transcript_with(user("one"))
    before = source.as_json()
    changed: Transcript = change(source)
    assert source.as_json() == before
    assert (changed.id, changed.state) == ("t", state)
    event = changed.events[-1]
    assert (event.kind, event.text, event.role, event.visibility) == (
        *(kind, text),
        *("system", "internal"),
    )
    assert changed.messages == source.messages


def test_events_3_7_a_change_of_state_leaves_other_events_in_their_places() -> None:
    source = transcript_with(user("one"))
    source.append_event(transcript_event(TranscriptEventKind.PLAN))
    source.append_message(user("two"))
    assert kinds(archived(source)) == ["message", "plan", "message", "transcript_archive"]


def test_events_3_7_a_fork_may_leave_messages_and_summary_behind() -> None:
    source = transcript_with(user("one"))
    source.summary = "before"
    assert forked(source).summary == "before"
    bare = forked(source, retain_messages=False, retain_summary=False)
    assert (list(bare.messages), bare.summary) == ([], None)
    assert kinds(bare) == ["transcript_fork"]
    assert forked(source, retain_messages=False).summary == "before"
    assert contents(forked(source, retain_summary=False).messages) == ["one"]


def test_events_3_7_a_reset_starts_a_new_transcript() -> None:
    fresh = reset({"k": 1})
    assert UUID(fresh.id).version == 7
    assert (fresh.state, fresh.metadata, list(fresh.messages)) == ("active", {"k": 1}, [])
    assert [event.text for event in fresh.events] == ["transcript reset"]


def test_events_3_7_stats_count_roles_calls_and_public_events() -> None:
    transcript = transcript_with(
        user("q"),
        assistant("", "a", "b"),
        result("a"),
        {"role": "tool_result", "tool_use_id": "b", "content": "x"},
        assistant("done"),
        message("s", "system"),
    )
    transcript.append_event(transcript_event("note", visibility=Visibility.PRIVATE))
    assert transcript_stats(transcript).as_json() == {
        "message_count": 6,
        "user_message_count": 1,
        "assistant_message_count": 2,
        "user_facing_message_count": 3,
        "tool_result_message_count": 2,
        "tool_call_count": 2,
        "visible_event_count": 5,
    }


def test_events_3_7_stats_of_nothing_are_zeros() -> None:
    assert set(transcript_stats(None).as_json().values()) == {0}


def test_events_3_7_render_visible_has_public_events_with_text() -> None:
    transcript = transcript_with(user("hi"), message([{"visibility": "private", "text": "no"}]))
    transcript.append_event(transcript_event("note", text="hidden"))
    transcript.append_message(assistant("", "c"))
    transcript.append_message(assistant("hello"))
    assert render_visible(transcript) == "user: hi\nassistant: hello"


def test_events_3_7_render_full_has_every_event_with_its_visibility() -> None:
    transcript = transcript_with(user("hi"))
    transcript.append_event(
        transcript_event(
            TranscriptEventKind.PRIVATE_REASONING,
            role="assistant",
            visibility=Visibility.PRIVATE,
            text="hm",
        )
    )
    assert render_full(transcript) == "[public] user: hi\n[private] assistant: hm"
