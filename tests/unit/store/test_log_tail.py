from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harn_tui.errors import StoreError
from harn_tui.events.agent import AgentMessageChunk
from harn_tui.events.codec import encode_record
from harn_tui.store.log_reader import LogTail, read_records
from tests.unit.store.log_building import numbered

RECORDS = numbered([AgentMessageChunk("s", f"text {number} é") for number in range(6)])
DATA = "".join(f"{encode_record(record)}\n" for record in RECORDS).encode()


@given(cuts=st.lists(st.integers(0, len(DATA)), max_size=8))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_log_that_grows_by_any_steps_is_given_once_and_in_order(
    tmp_path: Path, cuts: list[int]
) -> None:
    log = tmp_path / "event_log.jsonl"
    log.write_bytes(b"")
    tail, found = LogTail(log), []

    for end in [*sorted(cuts), len(DATA)]:
        log.write_bytes(DATA[:end])
        found += tail.read_new()

    assert found == RECORDS
    assert tail.read_new() == []


def test_a_rotated_log_is_followed_into_its_next_file(tmp_path: Path) -> None:
    log = tmp_path / "event_log.jsonl"
    half = DATA.index(b"\n", len(DATA) // 2) + 1
    log.write_bytes(DATA[:half])
    tail = LogTail(log)
    found = tail.read_new()
    with (tmp_path / "event_log-000001.jsonl").open("wb") as rotated:
        rotated.write(DATA[half:])

    found += tail.read_new()

    assert found == RECORDS == list(read_records(log))


def test_damage_is_shown_as_the_reader_shows_it(tmp_path: Path) -> None:
    log = tmp_path / "event_log.jsonl"
    log.write_bytes(DATA + b"\xff\x00 junk\n\r\n" + DATA)
    tail = LogTail(log)

    assert tail.read_new() == list(read_records(log))


def test_a_log_that_goes_away_is_told(tmp_path: Path) -> None:
    log = tmp_path / "event_log.jsonl"
    log.write_bytes(DATA)
    tail = LogTail(log)
    tail.read_new()
    log.unlink()

    with pytest.raises(StoreError, match="There is no log"):
        tail.read_new()
