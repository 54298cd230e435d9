import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.console.frame import FRAME_SECONDS, MAX_RECORDS_A_FRAME, FramePump
from harn_tui.events.record import Record
from harn_tui.view.fold import apply
from harn_tui.view.model import AssistantBlock, Changes, SessionView
from tests.unit.console import scenes
from tests.unit.console.stand_ins import START_MS, FakeScheduler


class PumpedView:
    """A pump on a scheduler of its own, and what it drew."""

    def __init__(self) -> None:
        self.view = SessionView()
        self.scheduler = FakeScheduler()
        self.drawn: list[Changes] = []
        self.is_congested = False
        self.pump = FramePump(
            self.view,
            apply,
            self.drawn.append,
            scheduler=self.scheduler,
            is_congested=lambda: self.is_congested,
        )
        self._index = 0

    def take(self, count: int = 1, content: str = "a") -> None:
        for _ in range(count):
            self.pump.take(Record(self._index, START_MS, None, scenes.text(content)))
            self._index += 1

    @property
    def text(self) -> str:
        return "".join(b.text for b in self.view.blocks if isinstance(b, AssistantBlock))


@pytest.fixture
def pumped() -> PumpedView:
    pumped = PumpedView()
    pumped.pump.release()
    return pumped


def test_a_burst_is_one_redraw(pumped: PumpedView) -> None:
    pumped.take(200)
    pumped.scheduler.advance(0)

    assert len(pumped.drawn) == 1
    assert pumped.text == "a" * 200
    assert pumped.drawn[0].blocks == {0}


def test_without_records_there_is_no_timer(pumped: PumpedView) -> None:
    assert pumped.scheduler.waiting == []
    pumped.take()
    pumped.scheduler.advance(1)
    assert pumped.scheduler.waiting == []
    assert not pumped.pump.is_armed


def test_only_the_first_record_of_a_frame_arms_the_timer(pumped: PumpedView) -> None:
    pumped.take(50)
    assert len(pumped.scheduler.waiting) == 1


def test_the_first_frame_after_a_rest_comes_at_once(pumped: PumpedView) -> None:
    pumped.take()
    assert pumped.scheduler.waiting[0].due_s == pumped.scheduler.now_s


def test_frames_are_at_least_a_thirtieth_of_a_second_apart(pumped: PumpedView) -> None:
    frames: list[float] = []
    for _ in range(1000):
        pumped.take()
        before = len(pumped.drawn)
        pumped.scheduler.advance(0.001)
        if len(pumped.drawn) > before:
            frames.append(pumped.scheduler.now_s)

    assert len(frames) <= 31
    assert min(b - a for a, b in zip(frames, frames[1:], strict=False)) >= FRAME_SECONDS - 0.0011


def test_a_terminal_that_lags_gets_fewer_frames_and_no_less_text(pumped: PumpedView) -> None:
    pumped.is_congested = True
    pumped.take(10)
    pumped.scheduler.advance(1)
    assert pumped.drawn == []

    pumped.is_congested = False
    pumped.scheduler.advance(FRAME_SECONDS)
    assert len(pumped.drawn) == 1
    assert pumped.text == "a" * 10


def test_records_before_the_release_are_kept_in_order() -> None:
    pumped = PumpedView()
    pumped.take(content="first ")
    pumped.take(content="second")
    assert pumped.scheduler.waiting == []

    pumped.pump.release()
    pumped.scheduler.advance(0)
    assert pumped.text == "first second"


def test_a_very_long_burst_is_folded_over_several_frames(pumped: PumpedView) -> None:
    pumped.take(2 * MAX_RECORDS_A_FRAME + 1)
    pumped.scheduler.advance(0)

    assert len(pumped.drawn) == 3
    assert pumped.pump.pending_count == 0
    assert len(pumped.text) == 2 * MAX_RECORDS_A_FRAME + 1


def test_a_closed_pump_draws_no_more(pumped: PumpedView) -> None:
    pumped.take()
    pumped.pump.close()
    pumped.take()
    pumped.scheduler.advance(1)
    assert pumped.drawn == []


def test_a_record_that_cannot_be_folded_is_logged_and_the_rest_is_drawn(
    caplog: pytest.LogCaptureFixture,
) -> None:
    drawn: list[Changes] = []

    def fold(view: SessionView, record: Record) -> Changes:
        if record.index == 1:
            raise ValueError("broken")
        return apply(view, record)

    scheduler = FakeScheduler()
    pump = FramePump(SessionView(), fold, drawn.append, scheduler=scheduler)
    pump.release()
    with caplog.at_level(logging.ERROR):
        for index in range(3):
            pump.take(Record(index, START_MS, None, scenes.text("x")))
        scheduler.advance(0)

    assert len(drawn) == 1
    assert "index=1" in caplog.text


@given(st.lists(st.floats(min_value=0, max_value=0.2), max_size=30))
def test_however_records_are_spread_over_frames_the_view_is_the_same(gaps: list[float]) -> None:
    pumped = PumpedView()
    pumped.pump.release()
    for number, gap in enumerate(gaps):
        pumped.take(content=f"{number} ")
        pumped.scheduler.advance(gap)
    pumped.scheduler.advance(1)

    assert pumped.text == "".join(f"{number} " for number in range(len(gaps)))
