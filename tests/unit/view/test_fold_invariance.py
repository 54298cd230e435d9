"""The same events give the same picture however they are cut, merged, batched or taken up."""

from hypothesis import given, settings
from hypothesis import strategies as st

from harn_tui.events.codec import decode_record, encode_record
from harn_tui.events.record import Event, Record
from harn_tui.view.checkpoint import snapshot
from harn_tui.view.fold import apply, apply_all
from harn_tui.view.model import Changes, SessionView
from tests.unit.view.build import SAMPLES
from tests.unit.view.recording import fold_records
from tests.unit.view.sessions import merged, sessions, split, stamped

any_events = st.lists(st.sampled_from(SAMPLES), max_size=60)
"""Every type in any order: what no loop would emit must fold all the same."""


@given(sessions())
@settings(max_examples=60, deadline=None)
def test_view_of_the_live_records_is_the_view_of_the_log(events: list[Event]) -> None:
    live = stamped(events)
    assert fold_records(live) == fold_records(merged(live))


@given(sessions())
@settings(max_examples=60, deadline=None)
def test_view_of_decoded_lines_is_the_view_of_the_records(events: list[Event]) -> None:
    log = merged(stamped(events))
    decoded = [decode_record(encode_record(record)) for record in log]
    assert fold_records(decoded) == fold_records(log)


@given(sessions(), st.integers(1, 3))
@settings(max_examples=40, deadline=None)
def test_view_does_not_depend_on_how_deltas_are_cut(events: list[Event], size: int) -> None:
    log = merged(stamped(events))
    pieces = [piece for record in log for piece in split(record, size)]
    assert fold_records(pieces) == fold_records(log)


@given(any_events)
@settings(max_examples=60, deadline=None)
def test_any_order_of_events_folds_alike_live_and_from_the_log(events: list[Event]) -> None:
    live = stamped(events)
    assert fold_records(live) == fold_records(merged(live))


@given(sessions(), st.data())
@settings(max_examples=60, deadline=None)
def test_changes_of_frames_add_up_to_the_changes_of_the_whole(
    events: list[Event], data: st.DataObject
) -> None:
    live = stamped(events)
    whole, framed = SessionView(), SessionView()
    expected = apply_all(whole, live)
    found = Changes()
    cut = data.draw(st.integers(0, len(live)))
    for frame in (live[:cut], live[cut:]):
        for record in frame:
            found.merge(apply(framed, record))
    assert (framed, found) == (whole, expected)


@given(st.one_of(sessions(), any_events), st.data())
@settings(max_examples=60, deadline=None)
def test_fold_from_a_checkpoint_is_the_fold_from_scratch(
    events: list[Event], data: st.DataObject
) -> None:
    live = stamped(events)
    cut = data.draw(st.integers(0, len(live)))
    start = fold_records(live[:cut])
    copy = snapshot(start)
    assert copy == start
    apply_all(copy, live[cut:])
    assert copy == fold_records(live)
    assert start == fold_records(live[:cut])


@given(sessions(), st.data())
@settings(max_examples=30, deadline=None)
def test_reading_text_between_records_changes_nothing(
    events: list[Event], data: st.DataObject
) -> None:
    live = stamped(events)
    view = SessionView()
    for record in live:
        changes = apply(view, record)
        for number in changes.blocks:
            block = view.blocks[number]
            getattr(block, "text", None)
            getattr(block, "output", None)
    assert view == fold_records(live)


@given(sessions())
@settings(max_examples=60, deadline=None)
def test_nothing_is_open_after_the_last_run_ended(events: list[Event]) -> None:
    view = fold_records(stamped(events))
    assert (view.open_text, view.unfinished_tools) == (None, {})
    assert (view.permissions, view.questions) == ([], [])
    assert not view.is_running
    assert not any(getattr(block, "is_open", False) for block in view.blocks)


def test_views_that_differ_in_a_letter_are_not_equal() -> None:
    live = stamped(SAMPLES)
    other = Record(live[0].index, live[0].emitted_at_ms, None, SAMPLES[0])
    assert fold_records(live) != fold_records([*live, other])
    assert fold_records(live[:1]) != fold_records(live[:2])
