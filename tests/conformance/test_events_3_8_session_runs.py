"""A loop and the session that it runs in (section 3.8, and what the loop does differently)."""

from collections.abc import Callable

import pytest

from harn_tui.errors import LoopConfigError
from harn_tui.json_types import JsonObject
from harn_tui.kinds import SUMMARY_KIND
from harn_tui.transcripts.session_run import SessionRun
from harn_tui.transcripts.session_store import SessionStore
from harn_tui.transcripts.transcript import Transcript, TranscriptState
from harn_tui.transcripts.transcript_event import TranscriptEventKind, transcript_event
from tests.unit.transcripts.messages import assistant, contents, filled, kinds, result, stored, user


@pytest.fixture
def store() -> SessionStore:
    return SessionStore()


def record(run: SessionRun, *messages: JsonObject) -> None:
    for message in messages:
        assert run.record_message(message)


def test_events_3_8_a_run_starts_from_the_messages_that_are_stored(store: SessionStore) -> None:
    filled(store, "a", "one", assistant("two"))
    with store.begin_run("a") as run:
        assert run.start.messages == (user("one"), assistant("two"))
        assert run.start.summary is None


def test_events_3_8_a_run_opens_a_session_that_is_not_there(store: SessionStore) -> None:
    with store.begin_run("a") as run:
        assert run.session_id == "a"
        assert run.start.messages == ()
    assert store.exists("a")


def test_prompt_state_prepends_summary_message_when_missing_from_messages(
    store: SessionStore,
) -> None:
    filled(store, "a", assistant("one"))
    stored(store, "a").summary = "the story so far"
    state = store.prompt_state("a")
    assert contents(state.messages) == ["the story so far", "one"]
    assert [message["role"] for message in state.messages] == ["user", "assistant"]
    assert state.summary == "the story so far"


@pytest.mark.parametrize(
    ("summary", "first"),
    [
        ("told", user("told")),
        ("told", user("told differently", kind=SUMMARY_KIND)),
        ("old\n\ntold", user("told")),
        ("  ", user("anything")),
    ],
)
def test_events_3_8_a_summary_that_the_messages_tell_is_not_prepended(
    store: SessionStore, summary: str, first: JsonObject
) -> None:
    filled(store, "a", first, "next")
    stored(store, "a").summary = summary
    assert store.prompt_state("a").messages == (first, user("next"))


def test_loop_10_29_after_two_compactions_there_is_one_summary(store: SessionStore) -> None:
    first, second = (user(text, kind=SUMMARY_KIND) for text in ("first", "first and second"))
    with store.begin_run("a") as run:
        record(run, user("1"), assistant("2"), user("3"))
        run.replace_messages([first, user("3")], summary="first")
        record(run, assistant("4"))
        run.replace_messages([second, assistant("4")], summary="first\n\nfirst and second")
    snapshot = store.snapshot("a")
    assert snapshot is not None
    assert snapshot["summary"] == "first and second"
    with store.begin_run("a") as run:
        assert contents(run.start.messages) == ["first and second", "4"]


def test_the_start_of_a_run_is_valid_whatever_was_stored(store: SessionStore) -> None:
    filled(store, "a", result("stray"), assistant("", "c1", "c2"), user("late"), result("c1"))
    store.inject("a", {"role": "tool_result", "tool_use_id": "c2", "content": "two"})
    before = list(stored(store, "a").messages)
    assert store.prompt_state("a").messages == (
        assistant("", "c1", "c2"),
        result("c1"),
        result("c2", "two"),
        user("late"),
    )
    assert list(stored(store, "a").messages) == before


def test_events_3_8_what_a_run_records_is_stored_at_once(store: SessionStore) -> None:
    """The session has the prompt before the model is called."""
    with store.begin_run("a") as run:
        record(run, user("prompt"))
        assert store.length("a") == 1
        snapshot = store.snapshot("a")
        assert snapshot is not None
        assert snapshot["state"] == "active"


def test_a_prompt_of_a_request_that_was_never_accepted_is_taken_back(store: SessionStore) -> None:
    filled(store, "a", "same")
    with store.begin_run("a") as run:
        prompt = user("same")
        record(run, prompt)
        run.record_event(transcript_event(TranscriptEventKind.PROVIDER_PAYLOAD))
        assert run.take_back(prompt) is True
        assert run.take_back(prompt) is False
    assert contents(stored(store, "a").messages) == ["same"]
    assert kinds(stored(store, "a")) == ["message", "provider_payload"]


@pytest.mark.parametrize("state", [TranscriptState.ACTIVE, TranscriptState.PAUSED])
def test_events_3_8_a_run_ends_with_a_state_and_the_active_skills(
    store: SessionStore, state: TranscriptState
) -> None:
    run = store.begin_run("a")
    run.end(state, ["review", "review"])
    assert stored(store, "a").state is state
    assert store.begin_run("a").active_skills == ("review",)


def test_a_run_that_says_nothing_of_skills_leaves_them(store: SessionStore) -> None:
    store.open("a")
    store.set_active_skills("a", ["review"])
    store.begin_run("a").end(TranscriptState.ACTIVE)
    assert store.begin_run("a").active_skills == ("review",)


def test_a_run_that_nobody_ended_is_paused(store: SessionStore) -> None:
    def fail() -> None:
        with store.begin_run("a"):
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        fail()
    assert stored(store, "a").state is TranscriptState.PAUSED
    store.begin_run("a").end(TranscriptState.ACTIVE)


def test_loop_8_2_the_result_of_a_run_can_show_its_transcript(store: SessionStore) -> None:
    """Its events are in the order in which they happened, those of earlier runs first."""
    with store.begin_run("a") as run:
        record(run, user("q"))
        run.record_event(transcript_event(TranscriptEventKind.PROVIDER_PAYLOAD))
        record(run, assistant("answer"))
        run.end(TranscriptState.PAUSED)
    fields = run.transcript_json()
    assert (fields["_type"], fields["version"], fields["id"]) == ("transcript", 2, "a")
    assert (fields["messages"], fields["assets"]) == ([user("q"), assistant("answer")], [])
    assert (fields["state"], "summary" in fields) == ("paused", False)
    assert kinds(stored(store, "a")) == ["message", "provider_payload", "message"]


def test_ending_twice_counts_once(store: SessionStore) -> None:
    with store.begin_run("a") as run:
        run.end(TranscriptState.ACTIVE)
        assert run.end(TranscriptState.PAUSED) == ()
    assert stored(store, "a").state is TranscriptState.ACTIVE


def test_loop_10_28_a_run_adds_to_what_earlier_runs_and_others_left(store: SessionStore) -> None:
    with store.begin_run("a") as run:
        record(run, user("first"))
        run.record_event(transcript_event(TranscriptEventKind.TOOL_INTENT))
        record(run, assistant("answer"))
        run.end(TranscriptState.ACTIVE)
    store.append_event("a", {"kind": "sub_agent_start"})
    with store.begin_run("a") as run:
        record(run, user("second"))
        store.append_event("a", {"kind": "sub_agent_result"})
        run.end(TranscriptState.ACTIVE)
    assert kinds(stored(store, "a")) == [
        *("message", "tool_intent", "message"),
        *("sub_agent_start", "message", "sub_agent_result"),
    ]


def test_loop_10_28_a_message_injected_mid_loop_is_seen_by_the_next_preflight(
    store: SessionStore,
) -> None:
    with store.begin_run("a") as run:
        record(run, user("q"), assistant("", "c"))
        store.inject("a", user("by the way"))
        assert store.length("a") == 3
        record(run, result("c"))
        assert run.take_injected() == (user("by the way"),)
        assert run.take_injected() == ()
        run.end(TranscriptState.ACTIVE)
    expected = [user("q"), assistant("", "c"), result("c"), user("by the way")]
    assert list(stored(store, "a").messages) == expected


def test_a_loop_that_could_end_sees_that_something_was_injected(store: SessionStore) -> None:
    with store.begin_run("a") as run:
        seen = [run.has_injected]
        store.inject("a", user("by the way"))
        seen.append(run.has_injected)
        run.take_injected()
        seen.append(run.has_injected)
    assert seen == [False, True, False]


def test_loop_10_28_a_message_injected_too_late_is_left_for_the_next_run(
    store: SessionStore,
) -> None:
    with store.begin_run("a") as run:
        record(run, user("q"))
        store.inject("a", user("late"))
        record(run, assistant("answer"))
        assert run.end(TranscriptState.ACTIVE) == (user("late"),)
    with store.begin_run("a") as run:
        assert contents(run.start.messages) == ["q", "answer", "late"]
        assert run.take_injected() == ()


def test_loop_10_28_a_compaction_loses_neither_events_nor_injected_messages(
    store: SessionStore,
) -> None:
    summary, last = user("summary", kind=SUMMARY_KIND), assistant("last")
    with store.begin_run("a") as run:
        record(run, user("one"))
        run.record_event(transcript_event(TranscriptEventKind.TOOL_INTENT))
        record(run, last)
        run.record_event(transcript_event(TranscriptEventKind.PLAN))
        store.inject("a", user("injected"))
        assert run.replace_messages([summary, last])
        assert run.take_injected() == (user("injected"),)
    assert contents(stored(store, "a").messages) == ["summary", "last", "injected"]
    assert kinds(stored(store, "a")) == ["tool_intent", "message", "message", "plan", "message"]


def test_a_snapshot_a_fork_and_the_prompt_have_what_is_still_waiting(store: SessionStore) -> None:
    with store.begin_run("a") as run:
        record(run, user("q"))
        store.inject("a", user("waiting"))
        snapshot = store.snapshot("a")
        assert snapshot is not None
        assert snapshot["messages"] == [user("q"), user("waiting")]
        store.fork("a", "b")
        assert contents(stored(store, "b").messages) == ["q", "waiting"]
        assert contents(store.prompt_state("a").messages) == ["q", "waiting"]


@pytest.mark.parametrize(
    ("keep_last", "kept"), [(0, []), (1, ["w2"]), (2, ["w1", "w2"]), (3, ["two", "w1", "w2"])]
)
def test_trimming_counts_what_is_waiting(
    store: SessionStore, keep_last: int, kept: list[str]
) -> None:
    with store.begin_run("a") as run:
        record(run, user("one"), user("two"))
        store.inject("a", user("w1"))
        store.inject("a", user("w2"))
        assert store.trim("a", keep_last) == len(kept)
    assert contents(stored(store, "a").messages) == kept


def test_trimming_leaves_the_open_call_of_a_run_to_the_run(store: SessionStore) -> None:
    with store.begin_run("a") as run:
        record(run, user("q"), assistant("", "c1", "c2"), result("c1"))
        assert store.trim("a", 1) == 2
        record(run, result("c2"))
    assert list(stored(store, "a").messages) == [
        assistant("", "c1", "c2"),
        result("c1"),
        result("c2"),
    ]


DETACHING: dict[str, Callable[[SessionStore], object]] = {
    "close": lambda store: store.close("a"),
    "reset": lambda store: store.reset("a"),
    "fork into it": lambda store: store.fork("other", "a"),
    "store_transcript": lambda store: store.store_transcript("a", Transcript()),
    "reset_all": lambda store: store.reset_all(),
}


@pytest.mark.parametrize("detach", DETACHING.values(), ids=DETACHING)
def test_events_3_8_a_session_that_was_taken_away_accepts_nothing_and_breaks_nothing(
    store: SessionStore, detach: Callable[[SessionStore], object]
) -> None:
    store.open("other")
    with store.begin_run("a") as run:
        prompt = user("q")
        record(run, prompt)
        store.inject("a", user("waiting"))
        detach(store)
        assert not run.is_attached
        assert run.record_message(assistant("late")) is False
        assert run.record_event(transcript_event("note")) is False
        assert run.take_back(prompt) is False
        assert run.replace_messages([]) is False
        assert run.take_injected() == ()
        assert not run.has_injected
        assert run.end(TranscriptState.ACTIVE, ["review"]) == ()
    store.open("a")
    session = store.get("a")
    assert session is not None
    assert list(session.transcript.messages) == []
    assert session.transcript.state is None
    assert session.active_skills == ()
    with store.begin_run("a") as following:
        store.inject("a", user("new"))
        assert following.take_injected() == (user("new"),)


def test_one_loop_at_a_time_runs_in_a_session(store: SessionStore) -> None:
    with (
        store.begin_run("a"),
        pytest.raises(LoopConfigError, match="already running in session a"),
    ):
        store.begin_run("a")
    store.begin_run("a").end(TranscriptState.ACTIVE)


def test_loop_10_26_a_nested_loop_in_a_child_leaves_its_parent_alone(store: SessionStore) -> None:
    with store.begin_run("parent") as outer:
        record(outer, user("q"), assistant("", "c"))
        child = store.open_child("parent")
        with store.begin_run(child) as inner:
            record(inner, user("do this part"), assistant("done"))
        record(outer, result("c", "the part is done"))
    assert contents(stored(store, "parent").messages) == ["q", "", "the part is done"]
    assert contents(stored(store, child).messages) == ["q", "", "do this part", "done"]


def test_loop_10_40_who_holds_things_of_a_session_is_told_that_it_is_gone() -> None:
    gone: list[str] = []
    store = SessionStore(cap=2, on_removed=gone.append)
    for session_id in "abc":
        store.open(session_id)
    store.reset("b")
    store.close("b")
    store.reset_all()
    assert gone == ["a", "b", "c"]


def test_a_listener_may_close_other_sessions() -> None:
    opened: list[SessionStore] = []

    def close_b_as_well(session_id: str) -> None:
        if session_id == "a":
            opened[0].close("b")

    opened.append(SessionStore(on_removed=close_b_as_well))
    for session_id in "abc":
        opened[0].open(session_id)
    opened[0].reset_all()
    assert list(opened[0]) == []


def test_a_listener_that_fails_keeps_nobody_from_closing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(session_id: str) -> None:
        raise ValueError(session_id)

    store = SessionStore(on_removed=fail)
    store.open("a")
    store.close("a")
    assert not store.exists("a")
    assert "on_removed failed session_id=a" in caplog.text
