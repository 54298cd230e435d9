"""The end of a log is what reading all of it would end with."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.errors import StoreError
from harn_tui.events.agent import AgentMessageChunk
from harn_tui.events.codec import encode_record
from harn_tui.events.record import Record
from harn_tui.sinks.log_files import rotated_path
from harn_tui.store.log_reader import read_records
from harn_tui.store.log_tail import read_tail


def _log(path: Path, texts: list[str], first: int = 0) -> Path:
    records = [
        Record(first + n, 1_000 + n, None, AgentMessageChunk("s", t)) for n, t in enumerate(texts)
    ]
    path.write_bytes(b"".join(encode_record(r).encode() + b"\n" for r in records))
    return path


@given(texts=st.lists(st.text(max_size=20), max_size=6), most_bytes=st.integers(1, 800))
def test_it_is_the_end_of_what_the_whole_log_gives(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], most_bytes: int
) -> None:
    log = _log(tmp_path_factory.mktemp("log") / "event_log.jsonl", texts)
    everything = list(read_records(log))
    tail = read_tail(log, most_bytes)
    assert tail == everything[len(everything) - len(tail) :]
    lengths = [len(line) + 1 for line in log.read_bytes().split(b"\n")[:-1]]
    fitting = sum(sum(lengths[n:]) <= most_bytes for n in range(len(lengths)))
    assert len(tail) == fitting


def test_it_is_that_of_the_newest_file(tmp_path: Path) -> None:
    log = _log(tmp_path / "event_log.jsonl", ["old"])
    _log(rotated_path(log, 1), ["new"], first=1)
    assert [record.index for record in read_tail(log)] == [1]


def test_damage_is_left_out_and_no_log_is_told(tmp_path: Path) -> None:
    log = _log(tmp_path / "event_log.jsonl", ["a", "b"])
    log.write_bytes(b"\xff\x00 no record\n" + log.read_bytes() + b'{"index": 2, "torn')
    assert [record.index for record in read_tail(log)] == [0, 1]
    with pytest.raises(StoreError, match="There is no log"):
        read_tail(tmp_path / "none" / "event_log.jsonl")
