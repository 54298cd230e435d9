import asyncio
import errno
import os
import threading
from pathlib import Path

import pytest

from harn_tui.events.agent import (
    AgentMessageChunk,
    AgentThoughtChunk,
    ToolCall,
    ToolCallUpdate,
    TurnStart,
)
from harn_tui.events.codec import decode_record, encode_record
from harn_tui.events.host import (
    FeedbackStateChanged,
    LoopEnd,
    Notice,
    PermissionDecision,
    ToolOutput,
    UserMessage,
)
from harn_tui.events.record import Event, Record
from harn_tui.kinds import (
    Boundary,
    Decision,
    DecisionScope,
    FeedbackState,
    HostMessageMode,
    LoopStatus,
    NoticeLevel,
    OutputStream,
    ToolCallStatus,
    ToolKind,
)
from harn_tui.sinks import recorder as recorder_module
from harn_tui.sinks.emit import emit
from harn_tui.sinks.line_writer import LineWriter
from harn_tui.sinks.recorder import Recorder
from harn_tui.sinks.scope import loop_sink


class Clock:
    def __init__(self) -> None:
        self.now_ms = 1_000_000

    def __call__(self) -> int:
        return self.now_ms


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "event_log.jsonl"


def text(content: str) -> AgentMessageChunk:
    return AgentMessageChunk("s", content)


def thought(content: str) -> AgentThoughtChunk:
    return AgentThoughtChunk("s", content)


def turn(iteration: int = 0) -> TurnStart:
    return TurnStart("s", iteration)


def output(chunk: str, call: str = "t", stream: OutputStream = OutputStream.STDOUT) -> ToolOutput:
    return ToolOutput("s", call, chunk, stream)


def arguments(partial: str, call: str = "t") -> ToolCallUpdate:
    return ToolCallUpdate("s", call, "read", ToolCallStatus.PENDING, raw_input_partial=partial)


def lines_of(log: Path) -> list[Record]:
    return [decode_record(line) for line in log.read_text().splitlines()]


def recording(
    log: Path, clock: Clock, events: list[Event]
) -> tuple[Recorder, list[Record], list[str]]:
    recorder = Recorder("s", LineWriter(log), clock_ms=clock)
    live: list[Record] = []
    lines: list[str] = []
    recorder.subscribe(live.append)
    recorder.subscribe_lines(lines.append)
    for event in events:
        recorder.handle_event(event)
        clock.now_ms += 1
    return recorder, live, lines


async def test_log_and_listeners_agree_on_index_and_time(log: Path, clock: Clock) -> None:
    recorder, live, _ = recording(log, clock, [turn(0), turn(1)])
    await recorder.close()
    assert (
        live
        == lines_of(log)
        == [
            Record(0, 1_000_000, None, turn(0)),
            Record(1, 1_000_001, None, turn(1)),
        ]
    )


async def test_chunks_of_one_message_are_one_line_with_the_first_ones_index_and_time(
    log: Path, clock: Clock
) -> None:
    recorder, live, _ = recording(log, clock, [turn(), text("Hel"), text("lo"), turn(1)])
    await recorder.close()
    assert lines_of(log)[1:] == [
        Record(1, 1_000_001, None, text("Hello")),
        Record(2, 1_000_003, None, turn(1)),
    ]
    assert live[1:] == [
        Record(1, 1_000_001, None, text("Hel")),
        Record(1, 1_000_001, None, text("lo")),
        Record(2, 1_000_003, None, turn(1)),
    ]


async def test_another_stream_starts_another_line(log: Path, clock: Clock) -> None:
    stderr = OutputStream.STDERR
    events: list[Event] = [
        thought("a"),
        thought("b"),
        text("c"),
        output("d"),
        output("e"),
        output("f", stream=stderr),
        output("g", call="u", stream=stderr),
    ]
    recorder, _, _ = recording(log, clock, events)
    await recorder.close()
    assert [record.event for record in lines_of(log)] == [
        thought("ab"),
        text("c"),
        output("de"),
        output("f", stream=stderr),
        output("g", call="u", stream=stderr),
    ]
    assert [record.index for record in lines_of(log)] == [0, 1, 2, 3, 4]


async def test_chunks_of_two_sessions_are_never_joined(log: Path, clock: Clock) -> None:
    other = AgentMessageChunk("child", "b")
    recorder, _, _ = recording(log, clock, [text("a"), other, text("c")])
    await recorder.close()
    assert [record.event for record in lines_of(log)] == [text("a"), other, text("c")]


async def test_arguments_so_far_are_one_line_with_the_latest(log: Path, clock: Clock) -> None:
    announced = ToolCall("s", "t", "read", ToolKind.READ, ToolCallStatus.PENDING, {})
    whole = ToolCallUpdate("s", "t", "read", ToolCallStatus.PENDING, raw_input={"path": "a"})
    events: list[Event] = [announced, arguments('{"p'), arguments('{"path'), whole]
    recorder, live, _ = recording(log, clock, events)
    await recorder.close()
    assert [record.event for record in live] == events
    assert [record.index for record in live] == [0, 1, 1, 1]
    assert lines_of(log)[1:] == [Record(1, 1_000_001, None, whole)]


async def test_raw_text_does_not_take_the_place_of_parsed_arguments(
    log: Path, clock: Clock
) -> None:
    parsed = ToolCallUpdate("s", "t", "read", ToolCallStatus.PENDING, raw_input={"path": "a"})
    newer = ToolCallUpdate("s", "t", "read", ToolCallStatus.PENDING, raw_input={"path": "b"})
    events: list[Event] = [parsed, newer, arguments('{"path":"b","x'), arguments('{"path":"b","xy')]
    recorder, _, _ = recording(log, clock, events)
    await recorder.close()
    assert [record.event for record in lines_of(log)] == [newer, events[-1]]


async def test_updates_that_say_more_than_arguments_are_lines_of_their_own(
    log: Path, clock: Clock
) -> None:
    pending = ToolCallStatus.PENDING
    events: list[Event] = [
        arguments("{"),
        ToolCallUpdate("s", "t", "read", pending, parsing=False, raw_input_partial="{"),
        ToolCallUpdate("s", "t", "write", pending, raw_input_partial="{"),
        ToolCallUpdate("s", "t", "write", pending),
        ToolCallUpdate("s", "t", "write", ToolCallStatus.IN_PROGRESS),
        ToolCallUpdate("s", "u", "write", pending, raw_input_partial="{"),
    ]
    recorder, _, _ = recording(log, clock, events)
    await recorder.close()
    assert [record.event for record in lines_of(log)] == events


async def test_a_long_message_gives_one_line_a_second(log: Path, clock: Clock) -> None:
    recorder = Recorder("s", LineWriter(log), clock_ms=clock)
    for _ in range(100):
        recorder.handle_event(text("x" * 10))
        clock.now_ms += 50
    await recorder.close()
    assert [record.event for record in lines_of(log)] == [text("x" * 200)] * 5


async def test_a_clock_that_jumps_back_does_not_keep_text_from_the_log(
    log: Path, clock: Clock
) -> None:
    recorder, _, _ = recording(log, clock, [text("a")])
    clock.now_ms -= 3_600_000
    recorder.handle_event(text("b"))
    assert [record.event for record in lines_of(log)] == [text("a")]
    await recorder.close()


async def test_text_that_nothing_follows_is_logged_by_a_timer(
    log: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder_module, "MERGE_WINDOW_MS", 1)
    recorder = Recorder("s", LineWriter(log), clock_ms=clock)
    logged = asyncio.Event()
    recorder.subscribe_lines(lambda line: logged.set())
    recorder.handle_event(text("a"))
    recorder.handle_event(text("b"))
    assert lines_of(log) == []
    await asyncio.wait_for(logged.wait(), 30)
    assert [record.event for record in lines_of(log)] == [text("ab")]
    recorder.handle_event(text("c"))
    assert recorder.next_index == 2
    await recorder.close()


async def test_line_listeners_get_exactly_the_lines_of_the_log(log: Path, clock: Clock) -> None:
    events: list[Event] = [turn(), text("é"), text("\n"), thought("\ud800"), output("x")]
    recorder, _, lines = recording(log, clock, events)
    await recorder.close()
    assert lines == [encode_record(record) for record in lines_of(log)]
    assert [record.event for record in lines_of(log)][2] == thought("\ufffd")


async def test_a_session_without_a_log_still_has_lines_and_records(clock: Clock) -> None:
    recorder = Recorder("s", None, clock_ms=clock)
    live: list[Record] = []
    lines: list[str] = []
    recorder.subscribe(live.append)
    recorder.subscribe_lines(lines.append)
    recorder.handle_event(text("a"))
    recorder.handle_event(text("b"))
    await recorder.close()
    assert len(live) == 2
    assert lines == [encode_record(Record(0, clock.now_ms, None, text("ab")))]


async def test_events_1_1_the_index_continues_an_existing_log(log: Path, clock: Clock) -> None:
    first = Recorder("s", LineWriter(log), clock_ms=clock)
    first.handle_event(turn(0))
    await first.close()
    second = Recorder("s", LineWriter(log), clock_ms=clock, first_index=first.next_index)
    second.handle_event(turn(1))
    await second.close()
    assert [record.index for record in lines_of(log)] == [0, 1]


async def test_a_listener_that_fails_stops_neither_log_nor_listeners(
    log: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(value: object) -> None:
        raise RuntimeError("broken listener")

    recorder = Recorder("s", LineWriter(log), clock_ms=clock)
    live: list[Record] = []
    recorder.subscribe(broken)
    recorder.subscribe(live.append)
    recorder.subscribe_lines(broken)
    recorder.handle_event(turn())
    await recorder.close()
    assert live == lines_of(log)
    assert caplog.text.count("listener failed") == 2


async def test_a_listener_that_emits_is_heard_by_all_in_order(log: Path, clock: Clock) -> None:
    recorder = Recorder("s", LineWriter(log), clock_ms=clock)
    later: list[Record] = []

    def emitting(record: Record) -> None:
        if record.index == 0:
            recorder.handle_event(turn(1))

    recorder.subscribe(emitting)
    recorder.subscribe(later.append)
    recorder.handle_event(turn(0))
    await recorder.close()
    assert [record.index for record in later] == [0, 1]
    assert later == lines_of(log)


async def test_a_listener_that_has_left_hears_no_more(log: Path, clock: Clock) -> None:
    recorder = Recorder("s", LineWriter(log), clock_ms=clock)
    live: list[Record] = []
    lines: list[str] = []
    leave, leave_lines = recorder.subscribe(live.append), recorder.subscribe_lines(lines.append)
    recorder.handle_event(turn(0))
    leave()
    leave()
    leave_lines()
    recorder.handle_event(turn(1))
    await recorder.close()
    assert len(live) == len(lines) == 1


async def test_events_from_other_threads_are_taken_on_the_event_loop(
    log: Path, clock: Clock
) -> None:
    recorder = Recorder("s", LineWriter(log), clock_ms=clock)
    threads: set[int] = set()
    live: list[Record] = []
    recorder.subscribe(lambda record: threads.add(threading.get_ident()))
    recorder.subscribe(live.append)

    def emit_many(name: str) -> None:
        for number in range(50):
            recorder.handle_event(Notice("s", NoticeLevel.INFO, f"{name} {number}"))

    await asyncio.gather(*(asyncio.to_thread(emit_many, name) for name in "abc"))
    await recorder.close()
    assert threads == {threading.get_ident()}
    assert live == lines_of(log)
    assert [record.index for record in live] == list(range(150))
    for name in "abc":
        notices = [r.event.text for r in live if isinstance(r.event, Notice)]
        mine = [text for text in notices if text.startswith(name)]
        assert mine == [f"{name} {number}" for number in range(50)]


def test_without_an_event_loop_threads_are_served_where_they_are(log: Path, clock: Clock) -> None:
    recorder = Recorder("s", LineWriter(log), clock_ms=clock)

    def emit_many() -> None:
        for number in range(50):
            recorder.handle_event(turn(number))

    threads = [threading.Thread(target=emit_many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    asyncio.run(recorder.close())
    assert [record.index for record in lines_of(log)] == list(range(200))


def queued(state: FeedbackState = FeedbackState.QUEUED) -> FeedbackStateChanged:
    return FeedbackStateChanged("s", "f", state, Boundary.NEXT_PREFLIGHT, content="hello")


@pytest.mark.parametrize(
    ("event", "must_reach_disk"),
    [
        (UserMessage("s", "hello", HostMessageMode.WAIT_FOR_COMPLETION), True),
        (queued(), True),
        (queued(FeedbackState.CLAIMED), False),
        (PermissionDecision("s", "r", Decision.ALLOW, DecisionScope.ONCE), True),
        (ToolCallUpdate("s", "t", "read", ToolCallStatus.COMPLETED), True),
        (ToolCallUpdate("s", "t", "read", ToolCallStatus.FAILED), True),
        (ToolCallUpdate("s", "t", "read", ToolCallStatus.IN_PROGRESS), False),
        (LoopEnd("s", "l", LoopStatus.DONE, "done", 1, {}), True),
        (text("streamed"), False),
        (turn(), False),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_what_a_power_cut_must_not_lose_is_flushed_to_disk(
    log: Path, clock: Clock, event: Event, must_reach_disk: bool
) -> None:
    requests: list[None] = []

    class CountingWriter(LineWriter):
        def request_sync(self) -> None:
            requests.append(None)
            super().request_sync()

    recorder = Recorder("s", CountingWriter(log), clock_ms=clock)
    recorder.handle_event(event)
    await recorder.close()
    assert bool(requests) is must_reach_disk


class FullDisk:
    def __init__(self) -> None:
        self.is_full = False

    def write(self, descriptor: int, data: bytes) -> int:
        if self.is_full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return os.write(descriptor, data)


async def test_a_full_disk_is_told_and_loses_nothing(log: Path, clock: Clock) -> None:
    disk = FullDisk()
    recorder = Recorder("s", LineWriter(log, system_write=disk.write), clock_ms=clock)
    live: list[Record] = []
    recorder.subscribe(live.append)
    recorder.handle_event(turn(0))
    disk.is_full = True
    recorder.handle_event(turn(1))
    recorder.handle_event(turn(2))
    disk.is_full = False
    recorder.handle_event(turn(3))
    await recorder.close()
    events = [record.event for record in live]
    levels = [event.level for event in events if isinstance(event, Notice)]
    assert levels == [NoticeLevel.ERROR, NoticeLevel.INFO]
    assert isinstance(events[2], Notice)
    assert "No space left on device" in events[2].text
    assert [record.index for record in live] == list(range(6))
    assert live == lines_of(log)


async def test_recovery_seen_by_the_writers_own_thread_is_told_on_the_event_loop(
    log: Path, clock: Clock
) -> None:
    disk = FullDisk()
    writer = LineWriter(log, system_write=disk.write, retry_s=0.001)
    recorder = Recorder("s", writer, clock_ms=clock)
    recovered = asyncio.Event()

    def hear(record: Record) -> None:
        if isinstance(record.event, Notice) and record.event.level is NoticeLevel.INFO:
            assert threading.current_thread() is threading.main_thread()
            recovered.set()

    recorder.subscribe(hear)
    disk.is_full = True
    recorder.handle_event(turn())
    disk.is_full = False
    await asyncio.wait_for(recovered.wait(), 30)
    await recorder.close()
    assert [type(record.event) for record in lines_of(log)] == [TurnStart, Notice, Notice]


async def test_events_after_the_close_are_dropped_and_logged(
    log: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    recorder, live, _ = recording(log, clock, [turn()])
    await recorder.close()
    await recorder.close()
    recorder.handle_event(turn(1))
    assert len(live) == len(lines_of(log)) == 1
    assert "event after close" in caplog.text


async def test_one_recorder_hears_the_loop_and_the_console_in_one_order(
    log: Path, clock: Clock
) -> None:
    recorder = Recorder("s", LineWriter(log), clock_ms=clock)
    in_loop, finish = asyncio.Event(), asyncio.Event()

    async def run_loop() -> None:
        with loop_sink("s", recorder):
            emit(turn(0))
            in_loop.set()
            await finish.wait()
            emit(turn(1))

    task = asyncio.create_task(run_loop())
    await in_loop.wait()
    emit(queued())
    finish.set()
    await task
    await recorder.close()
    assert [record.event for record in lines_of(log)] == [turn(0), queued(), turn(1)]


async def test_a_log_closed_under_its_recorder_does_not_stop_the_loop(
    log: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    writer = LineWriter(log)
    recorder = Recorder("s", writer, clock_ms=clock)
    live: list[Record] = []
    recorder.subscribe(live.append)
    writer.close()
    recorder.handle_event(turn())
    await recorder.close()
    assert len(live) == 1
    assert "closed under its recorder" in caplog.text
