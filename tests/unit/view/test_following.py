from hypothesis import given, settings
from hypothesis import strategies as st

from harn_tui.events.host import LoopEnd, SessionStart
from harn_tui.events.record import Event
from harn_tui.view.following import FollowingText
from harn_tui.view.text import block_text
from tests.unit.view.build import COMPLETED, call_end, call_start, retry, text, tool, update
from tests.unit.view.recording import fold_records, records
from tests.unit.view.sessions import sessions


@given(sessions(), st.integers(1, 7))
@settings(max_examples=60, deadline=None)
def test_what_is_told_piece_by_piece_is_the_text_of_the_whole(
    events: list[Event], step: int
) -> None:
    # Updates of a call whose run has ended change what was told; no program writes them.
    ends = [n for n, event in enumerate(events) if isinstance(event, LoopEnd | SessionStart)]
    recorded = records(events[: [*ends, None][1]])
    following = FollowingText()
    told: list[str] = []
    for start in range(0, len(recorded), step):
        told += following.take(recorded[start : start + step], is_over=False)
    told += following.take([], is_over=True)
    blocks = fold_records(recorded).blocks
    assert told == [found for found in map(block_text, blocks) if found is not None]


def test_text_is_told_when_its_call_has_ended_and_never_what_a_retry_voided() -> None:
    following = FollowingText()
    log = records([call_start(), text("no"), retry(), text("yes"), call_end()])
    told = following.take(log[:4], is_over=False)
    assert "yes" not in told
    told += following.take(log[4:], is_over=False)
    assert "yes" in told
    assert "no" not in told


def test_a_call_that_runs_holds_back_what_comes_after_it() -> None:
    following = FollowingText()
    log = records([tool("a"), tool("b"), update(COMPLETED, "b"), update(COMPLETED, "a")])
    assert following.take(log[:3], is_over=False) == []
    assert len(following.take(log[3:], is_over=False)) == 2
