import os
from pathlib import Path

import pytest

from harn_tui.errors import StoreError
from harn_tui.events.codec import encode_record
from harn_tui.events.host import Notice
from harn_tui.events.record import UNREADABLE_TYPE, Record
from harn_tui.kinds import NoticeLevel
from harn_tui.store.lock import SessionLock
from harn_tui.store.log_follower import LogFollower
from harn_tui.store.log_reader import read_lines, read_records


def _line(index: int) -> bytes:
    record = Record(index, 1_000 + index, None, Notice("s", NoticeLevel.INFO, f"n{index}"))
    return encode_record(record).encode() + b"\n"


def _append(path: Path, *lines: bytes) -> None:
    with path.open("ab") as file:
        file.write(b"".join(lines))


def _indices(records: list[Record]) -> list[int]:
    return [record.index for record in records]


def test_each_time_only_what_is_new_is_read(tmp_path: Path) -> None:
    log = tmp_path / "event_log.jsonl"
    _append(log, _line(0), _line(1))
    follower = LogFollower(log)
    assert _indices(follower.records()) == [0, 1]
    assert follower.records() == []
    _append(log, _line(2))
    assert _indices(follower.records()) == [2]


def test_a_line_that_is_being_written_is_left_until_it_is_whole(tmp_path: Path) -> None:
    log = tmp_path / "event_log.jsonl"
    line = _line(1)
    with SessionLock(tmp_path / "lock"):
        _append(log, _line(0), line[:20])
        follower = LogFollower(log)
        assert _indices(follower.records()) == [0]
        _append(log, line[20:-1])
        assert follower.records() == []
        _append(log, line[-1:])
        assert _indices(follower.records()) == [1]


def test_a_torn_end_that_the_next_writer_cut_off_is_forgotten(tmp_path: Path) -> None:
    log = tmp_path / "event_log.jsonl"
    _append(log, _line(0), b'{"index":1,"em')
    follower = LogFollower(log)
    assert _indices(follower.records()) == [0]
    os.truncate(log, len(_line(0)))
    _append(log, _line(1))
    assert _indices(follower.records()) == [1]


def test_a_last_line_without_its_end_counts_when_nobody_writes(tmp_path: Path) -> None:
    log = tmp_path / "event_log.jsonl"
    _append(log, _line(0), _line(1)[:-1])
    follower = LogFollower(log)
    assert not follower.is_live
    assert _indices(follower.records()) == [0, 1]


def test_rotated_files_are_followed(tmp_path: Path) -> None:
    log = tmp_path / "event_log.jsonl"
    _append(log, _line(0))
    follower = LogFollower(log)
    assert _indices(follower.records()) == [0]
    _append(log, _line(1))
    _append(tmp_path / "event_log-000001.jsonl", _line(2))
    assert _indices(follower.records()) == [1, 2]
    _append(tmp_path / "event_log-000001.jsonl", _line(3))
    _append(tmp_path / "event_log-000002.jsonl", _line(4))
    assert _indices(follower.records()) == [3, 4]


def test_lines_come_byte_for_byte_and_unreadable_ones_only_as_records(tmp_path: Path) -> None:
    log = tmp_path / "event_log.jsonl"
    odd = b'{"index": 1, "emitted_at_ms": 5, "type": "x", "session_id": "s", "more": [1]}\n'
    _append(log, _line(0), b"no record\n", odd)
    assert LogFollower(log).lines() == [_line(0)[:-1], odd[:-1]] == list(read_lines(log))
    records = LogFollower(log).records()
    assert [record.event.type for record in records] == ["notice", UNREADABLE_TYPE, "x"]
    assert records == list(read_records(log))


def test_whatever_the_pieces_the_whole_is_what_the_reader_gives(tmp_path: Path) -> None:
    log = tmp_path / "event_log.jsonl"
    content = b"".join(map(_line, range(4))) + b"bad\n\n" + _line(5)
    for cut in range(len(content)):
        log.write_bytes(content[:cut])
        with SessionLock(tmp_path / "lock"):
            follower = LogFollower(log)
            found = follower.records()
            _append(log, content[cut:])
        found += follower.records()
        assert found == list(read_records(log))


def test_a_log_is_live_while_a_process_holds_its_session(tmp_path: Path) -> None:
    log = tmp_path / "event_log.jsonl"
    _append(log, _line(0))
    with SessionLock(tmp_path / "lock"):
        assert LogFollower(log).is_live
    assert not LogFollower(log).is_live


def test_a_log_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="There is no log"):
        LogFollower(tmp_path / "event_log.jsonl").records()
