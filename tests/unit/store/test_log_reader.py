import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harn_tui.errors import StoreError
from harn_tui.events.agent import AgentMessageChunk, TurnStart
from harn_tui.events.codec import encode_record
from harn_tui.events.host import MessageRecorded, Notice
from harn_tui.events.record import UNREADABLE_TYPE, Event, Record, UnknownEvent
from harn_tui.kinds import NoticeLevel
from harn_tui.sinks.line_writer import LineWriter
from harn_tui.sinks.log_files import rotated_path
from harn_tui.store import log_reader
from harn_tui.store.log_reader import (
    log_files,
    next_index,
    read_lines,
    read_records,
)
from tests.unit.store.log_building import numbered, write_log

REFERENCE = Path(__file__).parents[2] / "data" / "reference_event_lines.jsonl"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "event_log.jsonl"


def turn(iteration: int) -> TurnStart:
    return TurnStart("s", iteration)


def unreadable(record: Record) -> dict[str, object]:
    event = record.event
    assert isinstance(event, UnknownEvent)
    assert event.type == UNREADABLE_TYPE
    return dict(event.payload)


def test_events_2_8_a_log_of_the_reference_is_read_whole() -> None:
    records = list(read_records(REFERENCE))
    lines = REFERENCE.read_text(encoding="utf-8").splitlines()
    assert [encode_record(record) for record in records] == lines
    assert [line.decode() for line in read_lines(REFERENCE)] == lines


def test_events_2_7_rotated_files_are_one_log(log: Path) -> None:
    records = numbered(turn(i) for i in range(14))
    writer = LineWriter(log, rotate_bytes=1)
    for record in records:
        writer.append(encode_record(record))
    writer.close()
    assert len(log_files(log)) == 14
    assert list(read_records(log)) == records
    assert [line.decode() for line in read_lines(log)] == [encode_record(r) for r in records]
    assert next_index(log) == 14


def test_a_log_whose_base_file_is_gone_is_read_from_the_next(log: Path) -> None:
    records = numbered([turn(0), turn(1)])
    write_log(rotated_path(log, 1), records)
    assert list(read_records(log)) == records


def test_events_2_8_an_unknown_type_is_kept_as_it_is(log: Path) -> None:
    line = (
        '{"index":0,"emitted_at_ms":5,"frame_depth":2,"type":"novel","session_id":"s","z":1,"a":[]}'
    )
    log.write_text(line + "\n")
    (record,) = read_records(log)
    assert isinstance(record.event, UnknownEvent)
    assert encode_record(record) == line
    assert list(read_lines(log)) == [line.encode()]


def test_events_2_8_a_torn_last_line_is_passed_over(log: Path) -> None:
    records = numbered([turn(0), turn(1)])
    data = write_log(log, records)
    log.write_bytes(data[:-5])
    assert list(read_records(log)) == records[:1]
    assert len(list(read_lines(log))) == 1


def test_a_whole_last_line_without_its_end_counts(log: Path) -> None:
    records = numbered([turn(0), turn(1)])
    log.write_bytes(write_log(log, records)[:-1])
    assert list(read_records(log)) == records
    assert len(list(read_lines(log))) == 2


def test_events_2_8_an_unreadable_line_becomes_a_visible_record(log: Path) -> None:
    first, second = numbered([turn(0), turn(1)])
    junk = '{"index":1,"emitted_at_ms":1,"type":'
    third = Record(2, 3_000, None, turn(2))
    lines = [encode_record(first), junk, encode_record(third)]
    log.write_text("".join(f"{line}\n" for line in lines))
    records = list(read_records(log))
    assert [record.index for record in records] == [0, 1, 2]
    assert records[1].emitted_at_ms == first.emitted_at_ms
    payload = unreadable(records[1])
    assert payload["line"] == 2
    assert payload["file"] == "event_log.jsonl"
    assert payload["raw"] == junk
    assert payload["session_id"] == "s"
    assert "not JSON" in str(payload["problem"])
    assert list(read_lines(log)) == [lines[0].encode(), lines[2].encode()]
    assert json.loads(encode_record(records[1]))["type"] == UNREADABLE_TYPE
    assert second.index == 1


def test_the_raw_text_of_an_unreadable_line_is_bounded(log: Path) -> None:
    log.write_bytes(b"\xff" * 500_000 + b"\n")
    (record,) = read_records(log)
    assert len(str(unreadable(record)["raw"])) == 2_000


@pytest.mark.parametrize(
    "junk",
    [
        b"\x00" * 4_096,
        bytes(range(1, 256)).replace(b"\n", b""),
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"1" * 5_000,
        b"null",
        b"{}",
        b'{"index":0,"emitted_at_ms":0,"type":"turn_start","session_id":"s","iteration":"x"}',
        b'{"index":0,"emitted_at_ms":0,"type":3,"session_id":"s"}',
        b'{"index":0,"emitted_at_ms":0,"type":"notice","session_id":"s","level":"?","text":""}',
        b"\xef\xbb\xbfjunk",
        b'{"index":' + b"9" * 5_000 + b"}",
    ],
    ids=lambda junk: repr(junk[:20]),
)
def test_no_content_of_a_line_raises(log: Path, junk: bytes) -> None:
    good = encode_record(Record(7, 1, None, turn(0))).encode()
    log.write_bytes(good + b"\n" + junk + b"\n" + good + b"\n")
    records = list(read_records(log))
    assert [record.event for record in (records[0], records[-1])] == [turn(0), turn(0)]
    assert records[1].index == 8
    unreadable(records[1])
    assert len(list(read_lines(log))) == 2


def test_lines_of_windows_and_blank_lines_are_read(log: Path) -> None:
    records = numbered([turn(0), turn(1)])
    data = write_log(log, records)
    log.write_bytes(b"\r\n\n" + data.replace(b"\n", b"\r\n") + b"  \n")
    assert list(read_records(log)) == records
    assert b"\n".join(read_lines(log)) + b"\n" == data.replace(b"\n", b"\r\n")


def test_line_ends_that_are_not_ours_do_not_split_a_line(log: Path) -> None:
    records = numbered([Notice("s", NoticeLevel.INFO, "a\u2028b\x85c\x0cd\re")])
    write_log(log, records)
    assert list(read_records(log)) == records


def test_an_empty_log_has_no_records(log: Path) -> None:
    log.touch()
    assert list(read_records(log)) == []
    assert next_index(log) == 0


def test_indices_that_repeat_or_skip_are_tolerated(log: Path) -> None:
    records = [Record(index, 0, None, turn(index)) for index in (0, 0, 5, 3)]
    write_log(log, records)
    assert [record.index for record in read_records(log)] == [0, 0, 5, 3]
    assert next_index(log) == 6


def test_an_event_without_an_envelope_takes_the_next_index_and_the_last_time(log: Path) -> None:
    bare = '{"type":"turn_start","session_id":"s","iteration":4}'
    negative = (
        '{"index":-1,"emitted_at_ms":9000,"type":"turn_start","session_id":"s","iteration":5}'
    )
    log.write_text(encode_record(Record(3, 1_000, None, turn(0))) + f"\n{bare}\n{negative}\n")
    assert list(read_records(log))[1:] == [
        Record(4, 1_000, None, turn(4)),
        Record(5, 9_000, None, turn(5)),
    ]


def test_a_line_of_fifty_megabytes_is_read(log: Path) -> None:
    records = numbered([MessageRecorded("s", {"role": "tool", "content": "x" * 50_000_000})])
    write_log(log, records)
    assert list(read_records(log)) == records


@pytest.mark.parametrize("has_end", [True, False])
def test_a_line_too_long_for_memory_is_unreadable_and_the_next_is_read(
    log: Path, monkeypatch: pytest.MonkeyPatch, has_end: bool
) -> None:
    monkeypatch.setattr(log_reader, "LONGEST_LINE_BYTES", 200)
    monkeypatch.setattr(log_reader, "_SKIP_BYTES", 16)
    good = encode_record(Record(1, 1, None, turn(0))).encode()
    log.write_bytes(
        good + b"\n" + b"x" * 1_000 + b"\n" + good + b"\n" + b"y" * 1_000 + b"\n" * has_end
    )
    records = list(read_records(log))
    assert [record.index for record in records] == [1, 2, 1, 2][: 3 + has_end]
    assert "longer than" in str(unreadable(records[1])["problem"])
    assert len(list(read_lines(log))) == 2


def test_a_torn_end_of_a_file_that_is_not_the_last_is_shown(log: Path) -> None:
    first, second = numbered([turn(0), turn(1)])
    log.write_bytes(write_log(log, [first]) + b'{"index":1')
    write_log(rotated_path(log, 1), [second])
    records = list(read_records(log))
    assert [record.event for record in (records[0], records[2])] == [turn(0), turn(1)]
    unreadable(records[1])


def test_a_log_that_is_not_there_says_so(log: Path) -> None:
    with pytest.raises(StoreError, match="no log"):
        list(read_records(log))


def test_a_log_that_cannot_be_read_says_so(log: Path) -> None:
    log.mkdir()
    with pytest.raises(StoreError, match="cannot be read"):
        list(read_records(log))


texts = st.text(max_size=8)
events: st.SearchStrategy[Event] = st.one_of(
    st.builds(TurnStart, texts, st.integers(0, 9)), st.builds(AgentMessageChunk, texts, texts)
)


@given(st.lists(events, min_size=1, max_size=3))
@settings(max_examples=15, deadline=None)
def test_a_log_cut_off_at_any_byte_is_a_prefix_of_the_whole(
    tmp_path_factory: pytest.TempPathFactory, some_events: list[Event]
) -> None:
    log = tmp_path_factory.mktemp("prefix") / "event_log.jsonl"
    records = [Record(r.index, r.emitted_at_ms, None, r.event) for r in numbered(some_events)]
    data = write_log(log, records)
    whole = list(read_records(log))
    assert len(whole) == len(records)
    for length in range(len(data)):
        log.write_bytes(data[:length])
        complete_lines = data[:length].count(b"\n") + (data[length : length + 1] == b"\n")
        assert list(read_records(log)) == whole[:complete_lines]


@given(st.binary(max_size=120), st.binary(max_size=60))
@settings(deadline=None)
def test_no_file_whatever_is_in_it_raises(
    tmp_path_factory: pytest.TempPathFactory, first: bytes, second: bytes
) -> None:
    log = tmp_path_factory.mktemp("junk") / "event_log.jsonl"
    log.write_bytes(first)
    rotated_path(log, 1).write_bytes(second)
    records = list(read_records(log))
    assert len(records) <= (first + b"\n" + second).count(b"\n") + 1
    assert list(read_lines(log)) == []


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)
keys = st.sampled_from(["index", "emitted_at_ms", "frame_depth", "type", "session_id", "message"])


@given(st.dictionaries(keys, json_values | st.sampled_from(["message_recorded", "turn_end", "s"])))
@settings(deadline=None)
def test_every_json_object_is_a_record_or_shown_as_unreadable(
    tmp_path_factory: pytest.TempPathFactory, members: dict[str, object]
) -> None:
    log = tmp_path_factory.mktemp("objects") / "event_log.jsonl"
    log.write_text(json.dumps(members) + "\n")
    (record,) = read_records(log)
    assert encode_record(record)
