"""When the place of a reader is kept, and when they are brought back to it."""

from collections.abc import Callable

from harn_tui.console.reading_keeper import REST_S, ReadingKeeper
from harn_tui.json_types import JsonObject
from tests.unit.console.stand_ins import FakeKept, FakeScheduler


class FakeReader:
    """A reader whose place a test sets."""

    def __init__(self) -> None:
        self.now: JsonObject = {}
        self.on_drawn: Callable[[], None] = lambda: None
        self.place = self

    def current(self) -> JsonObject:
        return self.now

    def return_to(self, place: JsonObject) -> None:
        self.now = place

    def watch(self, on_drawn: Callable[[], None]) -> None:
        self.on_drawn = on_drawn

    def go(self, place: JsonObject) -> None:
        self.now = place
        self.on_drawn()


def keeper(kept: FakeKept, reader: FakeReader, scheduler: FakeScheduler) -> ReadingKeeper:
    keeper = ReadingKeeper(kept, reader, scheduler)  # type: ignore[arg-type]
    keeper.start()
    return keeper


def test_a_place_is_kept_once_it_rests_and_only_when_it_changed() -> None:
    kept, reader, scheduler = FakeKept(), FakeReader(), FakeScheduler()
    kept_by = keeper(kept, reader, scheduler)
    for _ in range(100):
        reader.go({})  # a stream that is followed
        scheduler.advance(REST_S)
    assert kept.saves == []

    for row in range(30):
        reader.go({"top": [0, 0, row, 0]})
        scheduler.advance(REST_S / 20)
    scheduler.advance(REST_S)
    assert len(kept.saves) == 2
    assert kept.saves[-1] == {"top": [0, 0, 29, 0]}

    reader.go({})
    kept_by.flush()
    kept_by.flush()
    assert kept.saves[2:] == [{}]
    assert scheduler.waiting == []


def test_who_comes_back_is_brought_to_the_place_unless_they_went_elsewhere() -> None:
    kept_place: JsonObject = {"top": [1, 0, 0, 0]}
    elsewhere: JsonObject = {"top": [2, 0, 0, 0]}
    at_the_end: JsonObject = {}
    for where, expected in ((at_the_end, kept_place), (elsewhere, elsewhere)):
        kept, reader = FakeKept(), FakeReader()
        kept.reading = kept_place
        reader.now = where
        keeper(kept, reader, FakeScheduler())
        assert reader.now == expected
