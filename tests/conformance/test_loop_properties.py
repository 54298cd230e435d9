"""Laws of running loops that hold for every interleaving of what goes on in and around them."""

import asyncio
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harn_tui.events.codec import encode_record
from harn_tui.feedback.item import PREFILL_KIND
from harn_tui.kinds import Boundary, FeedbackState, HostMessageMode, ToolErrorCategory
from harn_tui.store.history import MessageFold
from harn_tui.view.fold import apply_all
from harn_tui.view.model import SessionView
from tests.conformance.loop_driver import Run
from tests.conformance.loop_world import (
    ANY_EVENT,
    CALLS,
    FAULTS,
    MOMENTS,
    PLACES,
    PlannedLoop,
    PlannedTurn,
    Player,
    Said,
    World,
)
from tests.conformance.observed import hold_answers, hold_frames

said = st.builds(
    Said,
    place=st.sampled_from(PLACES),
    target=st.integers(0, 2),
    mode=st.none() | st.sampled_from(HostMessageMode),
    kind=st.sampled_from(["user", "user", "monitor", PREFILL_KIND]),
    boundary=st.sampled_from(Boundary),
    is_own_side=st.booleans(),
)
turns = st.builds(
    PlannedTurn,
    calls=st.lists(st.sampled_from(CALLS), max_size=3).map(tuple),
    has_text=st.booleans(),
    fault=st.none() | st.none() | st.sampled_from(FAULTS),
    said=st.lists(said, max_size=4).map(tuple),
)
loops = st.builds(
    PlannedLoop,
    turns=st.lists(turns, max_size=5).map(tuple),
    said_late=st.lists(said, max_size=2).map(tuple),
    is_native=st.booleans(),
    is_persistent=st.booleans(),
    is_compacting=st.booleans(),
    cancel_at=st.none() | st.tuples(st.sampled_from(MOMENTS), st.integers(1, 4)),
)
plans = st.lists(loops, min_size=1, max_size=3)


@settings(max_examples=100)
@given(plans)
def test_every_interleaving_of_loops_keeps_their_laws(plan: list[PlannedLoop]) -> None:
    play(plan)


@pytest.mark.parametrize("is_native", [True, False])
def test_a_cancellation_at_any_event_of_a_run_keeps_its_laws(is_native: bool) -> None:
    """Every kind of call, fault and line at every place, and words that come at the very end."""
    rich = PlannedLoop(
        turns=(
            PlannedTurn(("look", "look", "denied"), said=_at_every_place(kind="user")),
            PlannedTurn(("fail", "burst"), fault="busy", said=_at_every_place(is_own_side=False)),
            PlannedTurn(("unreadable", "look"), fault="cut"),
        ),
        said_late=(
            Said("request", 0, boundary=Boundary.NEXT_PREFLIGHT),
            Said("request", 0, is_own_side=False),
            Said("request", 0, kind=PREFILL_KIND),
            Said("request", 0, mode=HostMessageMode.WAIT_FOR_COMPLETION),
        ),
        is_native=is_native,
    )
    events = play([rich])
    assert events > 60
    for number in range(1, events + 1):
        play([replace(rich, cancel_at=(ANY_EVENT, number))])


def _at_every_place(**line: Any) -> tuple[Said, ...]:
    lines = [Said(place, 0, **line) for place in PLACES]
    return (*lines, *(Said("tool", 0, mode=mode) for mode in HostMessageMode))


def play(plan: list[PlannedLoop]) -> int:
    """Play the plan and hold each of its loops to the laws; return the events of the first run."""
    with tempfile.TemporaryDirectory() as folder:
        world = World(plan, Path(folder))
        asyncio.run(world.play())
        for player in world.players:
            hold_runs(player)
            hold_lines(world, player)
            hold_host_messages(player)
            hold_apart(player)
            hold_log(player)
    return len(world.players[0].runs[0].events)


def hold_runs(player: Player) -> None:
    """Each run has one end, each turn its end, each call one terminal update and one answer."""
    for run in player.runs:
        hold_frames(run.events)
        for request in run.provider.requests:
            hold_answers(request.messages)
        hold_answers(run.result.messages)
        assert [end.status for end in run.of("loop_end")] == [run.result.status]
        hold_text_results(player, run)
    ids = [m.message["tool_call_id"] for m in player.of("message_recorded") if is_result(m.message)]
    assert len(ids) == len(set(ids))


def hold_text_results(player: Player, run: Run) -> None:
    """In the text format each turn reports its results in one message, a cancelled one too."""
    if player.plan.is_native:
        return
    turns, reports = 0, 0
    has_calls = False
    for event in run.events:
        noted: Any = event
        if event.type == "turn_start":
            has_calls = False
        elif event.type == "turn_end":
            turns += has_calls
        elif event.type == "tool_call_update":
            is_dropped = noted.error_category == ToolErrorCategory.PARSE_ABORTED
            has_calls |= noted.status.is_terminal and not is_dropped
        elif event.type == "message_recorded":
            reports += noted.message.get("kind") == "tool_results"
    assert turns == reports


def is_result(message: Any) -> bool:
    return bool(message["role"] == "tool")


def hold_lines(world: World, player: Player) -> None:
    """No line is lost, doubled or overtaken: what was queued first is delivered first."""
    states = player.of("feedback_state")
    delivered = [event.feedback_id for event in states if event.state is FeedbackState.DELIVERED]
    messages = [event.message for event in player.of("message_recorded")]
    recorded = [message["feedback_id"] for message in messages if "feedback_id" in message]
    waiting = [item.feedback_id for item in world.queue.pending(player.session_id)]
    everything: list[str] = []
    for is_own_side in (True, False):
        lines = world.lines[player.session_id, is_own_side]
        due = [i.feedback_id for i in lines if i.boundary is not Boundary.AFTER_RUN]
        later = [i.feedback_id for i in lines if i.boundary is Boundary.AFTER_RUN]
        prefills = [i.feedback_id for i in lines if i.kind == PREFILL_KIND]
        told = [line for line in due if line not in prefills]
        assert [line for line in delivered if line in due] == due
        assert [line for line in recorded if line in told] == told
        assert [line for line in waiting if line in later] == later
        everything += [*due, *later]
    assert Counter(delivered + waiting) == Counter(everything)
    assert set(recorded) <= set(delivered)


def hold_host_messages(player: Player) -> None:
    """Each of the host's messages was read once, in order, or is listed as unread."""
    recorded = [str(event.message["content"]) for event in player.of("message_recorded")]
    deferred = [text for run in player.runs for text in run.result.deferred_user_messages]
    assert len(player.setups[0].host_messages) == 0
    for mode in HostMessageMode:
        sent = [text for said_mode, text in player.host_said if said_mode is mode]
        read = [text for text in recorded if text in sent]
        unread = [text for text in deferred if text in sent]
        assert Counter(read + unread) == Counter(sent)
        assert read == [text for text in sent if text in read]
        assert unread == [text for text in sent if text in unread]


def hold_apart(player: Player) -> None:
    """Nothing that was said to another loop is in this one's requests, messages or events."""
    foreign = [f"for-{number}-" for number in range(3) if number != player.number]
    told = [encode_record(record) for record in player.records()]
    for run in player.runs:
        told += [str(list(request.messages)) for request in run.provider.requests]
        told += [str(run.result.as_json()), str(run.result.messages)]
        assert {event.session_id for event in run.events} == {player.session_id}
    assert not [text for text in told for mark in foreign if mark in text]


def hold_log(player: Player) -> None:
    """The log folds to the picture that was shown, and to the history that was sent."""
    records = player.records()
    replayed = SessionView()
    apply_all(replayed, records)
    assert replayed == player.live
    fold = MessageFold()
    for record in records:
        fold.take(record.event)
    assert fold.messages == list(player.runs[-1].result.messages)
