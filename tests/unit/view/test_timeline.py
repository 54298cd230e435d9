import threading

from hypothesis import given, settings
from hypothesis import strategies as st

from harn_tui.events.host import Notice
from harn_tui.events.record import Event, Record
from harn_tui.kinds import NoticeLevel
from harn_tui.view.fold import apply_all
from harn_tui.view.landmark import Landmark
from harn_tui.view.model import SessionView
from harn_tui.view.timeline import Timeline
from tests.unit.view.build import COMPLETED, FAILED, asked, compacted, injected, tool, update
from tests.unit.view.recording import fold_records, records
from tests.unit.view.sessions import sessions
from tests.unit.view.test_fold_invariance import any_events

_positions = st.lists(st.integers(0, 400), min_size=1, max_size=6)


def _noted(count: int, gap_ms: int = 10) -> list[Record]:
    note = Notice("s", NoticeLevel.INFO, "")
    return [Record(index, index * gap_ms, None, note) for index in range(count)]


def _assert_seeks(recorded: list[Record], places: list[int], spacing: int) -> None:
    timeline = Timeline(most_checkpoints=4, first_spacing=spacing)
    half = len(recorded) // 2
    timeline.extend(recorded[:half])
    timeline.extend(recorded[half:])
    for place in places:
        place = min(place, len(recorded))
        view = timeline.view_at(place)
        assert view == fold_records(recorded[:place])
        # Who got a view folds on in it; that must not reach the checkpoints.
        apply_all(view, recorded[place:])
        assert view == fold_records(recorded)


@given(sessions(), _positions, st.integers(1, 9))
@settings(max_examples=60, deadline=None)
def test_the_view_after_any_seeks_is_the_fold_of_the_records_up_to_there(
    events: list[Event], places: list[int], spacing: int
) -> None:
    _assert_seeks(records(events), places, spacing)


@settings(max_examples=60, deadline=None)
@given(any_events, _positions, st.integers(1, 5))
def test_seeking_finds_the_fold_also_where_events_come_in_no_order(
    events: list[Event], places: list[int], spacing: int
) -> None:
    _assert_seeks(records(events), places, spacing)


def test_checkpoints_are_thinned_out_and_stay_few() -> None:
    timeline = Timeline(most_checkpoints=8, first_spacing=10)
    timeline.extend(_noted(5_000))
    places = [checkpoint.position for checkpoint in timeline.checkpoints]
    assert len(places) <= 8
    gaps = {b - a for a, b in zip(places, places[1:], strict=False)}
    assert max(gaps) <= 2 * 5_000 // 7


def test_checkpoints_share_what_did_not_change() -> None:
    timeline = Timeline(first_spacing=10)
    timeline.extend(_noted(100))
    *_, before, last = timeline.checkpoints
    assert all(a is b for a, b in zip(before.view.blocks, last.view.blocks, strict=False))


def test_views_are_right_while_another_thread_folds_on() -> None:
    recorded = _noted(20_000)
    timeline = Timeline(most_checkpoints=8, first_spacing=16)
    thread = threading.Thread(target=timeline.extend, args=(recorded,))
    thread.start()
    while thread.is_alive():
        length = timeline.length
        assert timeline.view_at(length).event_count == length
    thread.join()
    assert timeline.view_at(12_345) == fold_records(recorded[:12_345])


def test_a_seek_beyond_the_ends_goes_to_the_end() -> None:
    timeline = Timeline()
    timeline.extend(_noted(3))
    assert timeline.view_at(99).event_count == 3
    assert timeline.view_at(-1) == SessionView()


def test_landmarks_are_found_before_and_after_a_position() -> None:
    edited = {"text": "", "details": {"path": "a", "diff": "+x", "added": 1}}
    timeline = Timeline()
    timeline.extend(
        records(
            [
                tool("a"),
                asked("r", "a"),
                update(COMPLETED, "a", raw_output=edited),
                injected("go on"),
                tool("b"),
                update(FAILED, "b", error="no"),
                compacted(),
            ]
        )
    )
    marks = timeline.landmarks
    found = {landmark: marks.after(landmark, 0) for landmark in Landmark}
    assert found == {
        Landmark.APPROVAL: 2,
        Landmark.FILE_CHANGE: 3,
        Landmark.FEEDBACK: 4,
        Landmark.ERROR: 6,
        Landmark.COMPACTION: 7,
    }
    assert marks.after(Landmark.ERROR, 6) is None
    assert marks.before(Landmark.ERROR, 7) == 6
    assert marks.before(Landmark.ERROR, 6) is None


def test_stretches_are_of_equal_time_and_count_all_records() -> None:
    burst = [Record(i, i, None, record.event) for i, record in enumerate(_noted(90))]
    late = [Record(90 + i, 1_000 + i, None, record.event) for i, record in enumerate(_noted(10))]
    timeline = Timeline(longest_gap_ms=2_000)
    timeline.extend([*burst, *late])
    strip = timeline.stretches(10, shortened=False)
    assert [stretch.records for stretch in strip] == [90, 0, 0, 0, 0, 0, 0, 0, 0, 10]


def test_shortened_gaps_take_less_of_the_strip() -> None:
    timeline = Timeline(longest_gap_ms=100)
    timeline.extend(
        [Record(0, 0, None, _noted(1)[0].event), Record(1, 9_000, None, _noted(1)[0].event)]
    )
    timeline.extend([Record(2, 9_100, None, _noted(1)[0].event)])
    assert timeline.times.share(2, shortened=True) == 0.5
    assert timeline.times.share(2, shortened=False) > 0.9
    assert timeline.times.position(0.5, shortened=True) == 2


def test_a_session_without_any_time_is_cut_by_its_records() -> None:
    timeline = Timeline()
    timeline.extend(_noted(10, gap_ms=0))
    assert timeline.times.share(5, shortened=True) == 0.5
    assert timeline.times.position(0.5, shortened=True) == 5
