import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.events.agent import AgentMessageChunk, TranscriptCompacted
from harn_tui.events.host import FeedbackStateChanged, MessageRecorded
from harn_tui.events.record import Event
from harn_tui.json_types import JsonObject
from harn_tui.kinds import SUMMARY_KIND, Boundary, FeedbackState
from harn_tui.store.history import (
    INTERRUPTED_RESULT,
    delivered_feedback_ids,
    fold_history,
)
from tests.unit.store.log_building import numbered


def user(content: str, **more: str) -> JsonObject:
    return {"role": "user", "content": content, **more}


def assistant(content: str, *call_ids: str) -> JsonObject:
    message: JsonObject = {"role": "assistant", "content": content}
    if call_ids:
        message["tool_calls"] = [
            {"id": call_id, "name": "read_file", "arguments": {}} for call_id in call_ids
        ]
    return message


def result(call_id: str, content: str = "ok") -> JsonObject:
    return {"role": "tool", "tool_call_id": call_id, "tool_name": "read_file", "content": content}


def fold(*messages: JsonObject) -> tuple[list[JsonObject], tuple[str, ...]]:
    history = fold_history(numbered(MessageRecorded("s", message) for message in messages))
    return history.messages, history.interrupted_call_ids


def test_a_whole_history_is_what_was_recorded() -> None:
    messages = [user("q"), assistant("", "a", "b"), result("a"), result("b"), assistant("done")]
    assert fold(*messages) == (messages, ())


def test_events_that_are_no_messages_are_no_history() -> None:
    history = fold_history(numbered([AgentMessageChunk("s", "streamed")]))
    assert history.messages == []


def test_a_call_without_a_result_is_answered_as_interrupted_and_reported() -> None:
    messages, interrupted = fold(user("q"), assistant("", "a", "b"), result("a"))
    assert interrupted == ("b",)
    assert messages[-1] == result("b", INTERRUPTED_RESULT)
    assert INTERRUPTED_RESULT.startswith("interrupted")


def test_an_interrupted_call_is_answered_before_what_came_later() -> None:
    messages, interrupted = fold(assistant("", "a"), user("go on"), assistant("fine"))
    assert messages == [
        assistant("", "a"),
        result("a", INTERRUPTED_RESULT),
        user("go on"),
        assistant("fine"),
    ]
    assert interrupted == ("a",)


def test_results_stand_in_the_order_of_their_calls() -> None:
    messages, _ = fold(assistant("", "a", "b"), result("b"), user("in between"), result("a"))
    assert messages == [assistant("", "a", "b"), result("a"), result("b"), user("in between")]


def test_ids_that_a_provider_uses_again_keep_their_own_results() -> None:
    recorded = [
        assistant("", "call_0"),
        result("call_0", "first"),
        assistant("", "call_0"),
        result("call_0", "second"),
    ]
    assert fold(*recorded) == (recorded, ())


def test_results_that_belong_to_no_call_are_left_out() -> None:
    messages, _ = fold(result("x"), user("q"), assistant("", "a"), result("a"), result("y"))
    assert messages == [user("q"), assistant("", "a"), result("a")]


@pytest.mark.parametrize(
    "strange", [{}, {"role": 3}, {"role": "assistant", "content": "", "tool_calls": "x"}]
)
def test_strange_messages_raise_nothing(strange: JsonObject) -> None:
    messages, _ = fold(strange, user("q"))
    assert messages[-1] == user("q")


def test_a_compaction_puts_its_summary_in_the_place_of_what_it_archived() -> None:
    old: list[Event] = [MessageRecorded("s", user(f"old {number}")) for number in range(4)]
    kept = MessageRecorded("s", assistant("kept"))
    summary = user("what happened", kind=SUMMARY_KIND)
    compacted = TranscriptCompacted("s", "auto", "truncate", 4, 100, 10, None)
    later = MessageRecorded("s", user("later"))
    history = fold_history(numbered([*old, kept, compacted, MessageRecorded("s", summary), later]))
    assert history.messages == [summary, assistant("kept"), user("later")]


def test_feedback_that_entered_the_history_counts_as_delivered() -> None:
    def state(feedback_id: str, state: FeedbackState) -> FeedbackStateChanged:
        return FeedbackStateChanged("s", feedback_id, state, Boundary.NEXT_PREFLIGHT)

    records = numbered(
        [
            state("claimed only", FeedbackState.CLAIMED),
            MessageRecorded("s", user("x", feedback_id="recorded only")),
            state("delivered", FeedbackState.DELIVERED),
        ]
    )
    assert delivered_feedback_ids(records) == {"recorded only", "delivered"}


call_ids = st.sampled_from("abc")
recorded_messages = st.one_of(
    st.builds(user, st.text(max_size=2)),
    st.builds(lambda ids: assistant("", *ids), st.lists(call_ids, unique=True, max_size=3)),
    st.builds(result, call_ids),
)


@given(st.lists(recorded_messages, max_size=12))
def test_whatever_was_recorded_every_call_has_exactly_one_result(
    recorded: list[JsonObject],
) -> None:
    messages, interrupted = fold(*recorded)
    expected: list[str] = []
    for message in messages:
        if expected:
            assert message["role"] == "tool"
            assert message["tool_call_id"] == expected.pop(0)
        else:
            assert message["role"] != "tool"
            calls = message.get("tool_calls", [])
            assert isinstance(calls, list)
            expected = [str(call["id"]) for call in calls if isinstance(call, dict)]
    assert expected == []
    made_up = [m for m in messages if m.get("content") == INTERRUPTED_RESULT]
    assert len(made_up) == len(interrupted)
    spoken = [m for m in recorded if m["role"] != "tool"]
    assert [m for m in messages if m["role"] != "tool"] == spoken
