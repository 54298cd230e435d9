import errno
import json
import os
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.errors import StoreError
from harn_tui.sinks.append_file import AppendFile
from harn_tui.sinks.line_writer import ROTATE_BYTES, LineWriter
from harn_tui.sinks.log_files import rotated_files, rotated_path
from tests.unit.sinks.python_process import run_python, start_python


class Disk:
    """Stands for the two system calls, and fails on demand."""

    def __init__(self) -> None:
        self.error: int | None = None
        self.sync_error: int | None = None
        self.part: int | None = None  # write at most this many bytes a call
        self.parts_before_error = 0
        self.writes = 0
        self.syncs = 0

    def write(self, descriptor: int, data: bytes) -> int:
        self.writes += 1
        if self.error is not None and self.parts_before_error <= 0:
            raise OSError(self.error, os.strerror(self.error))
        self.parts_before_error -= 1
        return os.write(descriptor, data[: self.part])

    def sync(self, descriptor: int) -> None:
        self.syncs += 1
        if self.sync_error is not None:
            raise OSError(self.sync_error, os.strerror(self.sync_error))


class Watcher:
    """Collects what a writer tells, and lets a test wait for it."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self._changed = threading.Condition()

    def failed(self, problem: str) -> None:
        self._tell(f"failed: {problem}")

    def recovered(self) -> None:
        self._tell("recovered")

    def _tell(self, text: str) -> None:
        with self._changed:
            self.told.append(text)
            self._changed.notify_all()

    def wait_for(self, count: int) -> list[str]:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.told) >= count, timeout=30)
            return list(self.told)


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "event_log.jsonl"


@contextmanager
def writing(log: Path, disk: Disk, **options: object) -> Iterator[LineWriter]:
    writer = LineWriter(log, system_write=disk.write, system_sync=disk.sync, **options)  # type: ignore[arg-type]
    try:
        yield writer
    finally:
        writer.close()


def test_each_line_is_one_write_and_is_in_the_file_at_once(log: Path, disk: Disk) -> None:
    with writing(log, disk) as writer:
        writer.append('{"a":1}')
        writer.append('{"b":"é"}')
        assert log.read_text() == '{"a":1}\n{"b":"é"}\n'
        assert disk.writes == 2


def test_a_log_is_readable_by_its_user_alone(log: Path, disk: Disk) -> None:
    with writing(log, disk, rotate_bytes=5) as writer:
        writer.append("first")
        writer.append("second")
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (log, rotated_path(log, 1))}
    assert modes == {0o600}


def test_opening_continues_and_never_truncates(log: Path, disk: Disk) -> None:
    for line in ('{"a":1}', '{"b":2}'):
        with writing(log, disk) as writer:
            writer.append(line)
    assert log.read_text() == '{"a":1}\n{"b":2}\n'


def test_events_2_7_rotates_at_100_mebibytes() -> None:
    assert ROTATE_BYTES == 100 * 1024 * 1024


def test_events_2_7_the_line_that_crosses_the_limit_stays_in_the_old_file(
    log: Path, disk: Disk
) -> None:
    with writing(log, disk, rotate_bytes=10) as writer:
        for number in range(5):
            writer.append(f"line {number}")
        assert writer.path.name == "event_log-000002.jsonl"
    assert log.read_text() == "line 0\nline 1\n"
    assert rotated_path(log, 1).read_text() == "line 2\nline 3\n"
    assert rotated_path(log, 2).read_text() == "line 4\n"


def test_events_2_7_opening_continues_at_the_newest_file(log: Path, disk: Disk) -> None:
    for number in range(12):
        with writing(log, disk, rotate_bytes=1) as writer:
            writer.append(f"line {number}")
    assert [number for number, _ in rotated_files(log)] == list(range(1, 12))
    assert rotated_path(log, 11).read_text() == "line 11\n"


def test_rotated_names_of_other_logs_in_the_folder_are_not_ours(log: Path) -> None:
    for name in ("event_log-1.jsonl", "event_log-000001.json", "xevent_log-000001.jsonl"):
        (log.parent / name).touch()
    assert rotated_files(log) == []


def test_a_full_file_is_flushed_before_it_is_closed(log: Path, disk: Disk) -> None:
    synced: set[str] = set()

    def sync(descriptor: int) -> None:
        synced.add(Path(f"/proc/self/fd/{descriptor}").readlink().name)

    writer = LineWriter(log, rotate_bytes=1, system_sync=sync)
    writer.append("first")
    writer.append("second")
    writer.close()
    assert {"event_log.jsonl", "event_log-000001.jsonl", log.parent.name} <= synced


@given(
    whole=st.lists(st.text(st.characters(exclude_characters="\n")), max_size=4),
    torn=st.binary(max_size=40).filter(lambda data: b"\n" not in data),
)
def test_what_is_torn_is_cut_off_and_whole_lines_stay(
    tmp_path_factory: pytest.TempPathFactory, whole: list[str], torn: bytes
) -> None:
    log = tmp_path_factory.mktemp("torn") / "log.jsonl"
    kept = "".join(f"{json.dumps(text)}\n" for text in whole).encode()
    log.write_bytes(kept + b"\x00{" + torn)
    writer = LineWriter(log)
    writer.append("next")
    writer.close()
    assert log.read_bytes() == kept + b"next\n"


@pytest.mark.parametrize("longer_than_a_block", [0, 70_000])
def test_a_whole_last_record_without_line_end_gets_its_line_end(
    log: Path, disk: Disk, longer_than_a_block: int
) -> None:
    last = json.dumps({"index": 1, "text": "x" * longer_than_a_block})
    log.write_text('{"index":0}\n' + last)
    with writing(log, disk) as writer:
        writer.append("next")
    assert log.read_text() == '{"index":0}\n' + last + "\nnext\n"


def test_a_tail_that_is_json_but_no_object_is_cut_off(log: Path, disk: Disk) -> None:
    log.write_text('{"index":0}\n12')
    with writing(log, disk) as writer:
        writer.append("next")
    assert log.read_text() == '{"index":0}\nnext\n'


def test_a_write_done_in_parts_is_completed(log: Path, disk: Disk) -> None:
    disk.part = 3
    with writing(log, disk) as writer:
        writer.append("a longer line")
    assert log.read_text() == "a longer line\n"


def test_a_write_that_fails_half_way_leaves_no_trace(log: Path, disk: Disk) -> None:
    with writing(log, disk) as writer:
        writer.append("before")
        disk.part, disk.parts_before_error, disk.error = 3, 1, errno.ENOSPC
        writer.append("half written")
        assert log.read_text() == "before\n"
        assert writer.unwritten_lines == ("half written",)
        disk.error = None
        writer.append("after")
    assert log.read_text() == "before\nhalf written\nafter\n"


def test_half_a_line_that_could_not_be_undone_is_undone_before_the_next_write(
    log: Path, monkeypatch: pytest.MonkeyPatch, disk: Disk
) -> None:
    truncate = os.ftruncate

    def failing_truncate(descriptor: int, length: int) -> None:
        raise OSError(errno.EIO, "no truncating")

    file = AppendFile(log, system_write=disk.write)
    disk.part, disk.parts_before_error, disk.error = 3, 1, errno.ENOSPC
    monkeypatch.setattr(os, "ftruncate", failing_truncate)
    with pytest.raises(OSError, match="No space"):
        file.write_line(b"half\n")
    assert log.read_bytes() == b"hal"
    monkeypatch.setattr(os, "ftruncate", truncate)
    disk.error = None
    file.write_line(b"half\n")
    file.close()
    assert log.read_bytes() == b"half\n"


def test_half_a_line_behind_which_another_process_wrote_is_kept_apart(
    log: Path, monkeypatch: pytest.MonkeyPatch, disk: Disk
) -> None:
    def failing_truncate(descriptor: int, length: int) -> None:
        raise OSError(errno.EIO, "no truncating")

    file = AppendFile(log, system_write=disk.write)
    disk.part, disk.parts_before_error, disk.error = 3, 1, errno.ENOSPC
    monkeypatch.setattr(os, "ftruncate", failing_truncate)
    with pytest.raises(OSError, match="No space"):
        file.write_line(b"half\n")
    with log.open("ab") as other:
        other.write(b"other\n")
    disk.error = None
    file.write_line(b"half\n")
    file.close()
    assert log.read_bytes() == b"halother\n\nhalf\n"


def test_an_outage_is_told_once_and_its_end_once(log: Path, disk: Disk) -> None:
    watcher = Watcher()
    with writing(log, disk) as writer:
        writer.watch(watcher.failed, watcher.recovered)
        disk.error = errno.ENOSPC
        for number in range(5):
            writer.append(f"line {number}")
        assert watcher.told == [f"failed: {os.strerror(errno.ENOSPC)}"]
        disk.error = None
        writer.append("line 5")
        assert watcher.told[1:] == ["recovered"]
        assert writer.unwritten_lines == ()
    assert log.read_text() == "".join(f"line {number}\n" for number in range(6))


def test_a_failed_write_is_tried_again_without_a_further_line(log: Path, disk: Disk) -> None:
    watcher = Watcher()
    with writing(log, disk, retry_s=0.001) as writer:
        writer.watch(watcher.failed, watcher.recovered)
        disk.error = errno.EACCES
        writer.append("only line")
        disk.error = None
        assert watcher.wait_for(2)[1:] == ["recovered"]
        assert log.read_text() == "only line\n"


def test_a_listener_may_append_while_it_is_told_of_an_outage(log: Path, disk: Disk) -> None:
    told: list[str] = []
    with writing(log, disk) as writer:

        def failed(problem: str) -> None:
            told.append(problem)
            writer.append("notice of failure")

        writer.watch(failed, lambda: writer.append("notice of recovery"))
        disk.error = errno.ENOSPC
        writer.append("line")
        assert len(told) == 1
        disk.error = None
        writer.append("next")
    assert log.read_text() == "line\nnotice of failure\nnext\nnotice of recovery\n"


def test_a_listener_that_fails_does_not_stop_the_writing(
    log: Path, disk: Disk, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(problem: str) -> None:
        raise RuntimeError("broken listener")

    with writing(log, disk) as writer:
        writer.watch(broken, lambda: None)
        disk.error = errno.ENOSPC
        writer.append("line")
        disk.error = None
        writer.append("next")
    assert log.read_text() == "line\nnext\n"
    assert "log listener failed" in caplog.text


def test_a_failed_flush_is_an_outage_too_and_is_repeated(log: Path, disk: Disk) -> None:
    watcher = Watcher()
    with writing(log, disk, retry_s=0.001) as writer:
        writer.watch(watcher.failed, watcher.recovered)
        disk.sync_error = errno.EIO
        writer.append("line")
        writer.request_sync()
        assert watcher.wait_for(1) == [f"failed: {os.strerror(errno.EIO)}"]
        disk.sync_error = None
        assert watcher.wait_for(2)[1:] == ["recovered"]


def test_requests_to_flush_are_joined_and_all_served_by_close(log: Path) -> None:
    release, flushing = threading.Event(), threading.Event()
    flushed_sizes: list[int] = []

    def slow_sync(descriptor: int) -> None:
        flushing.set()
        assert release.wait(30)
        flushed_sizes.append(os.fstat(descriptor).st_size)

    log.touch()
    writer = LineWriter(log, system_sync=slow_sync)
    writer.append("line 0")
    writer.request_sync()
    assert flushing.wait(30)
    for number in range(1, 100):
        writer.append(f"line {number}")
        writer.request_sync()
    release.set()
    writer.close()
    assert flushed_sizes[-1] == log.stat().st_size
    assert len(flushed_sizes) <= 3


def test_closing_with_a_full_disk_says_what_is_missing(log: Path, disk: Disk) -> None:
    writer = LineWriter(log, system_write=disk.write, system_sync=disk.sync)
    disk.error = errno.ENOSPC
    writer.append("lost")
    with pytest.raises(StoreError, match="1 lines unwritten"):
        writer.close()
    assert writer.unwritten_lines == ("lost",)
    writer.close()


def test_a_closed_log_takes_no_line(log: Path, disk: Disk) -> None:
    with writing(log, disk) as writer:
        writer.append("line")
    with pytest.raises(StoreError, match="closed"):
        writer.append("too late")


def test_a_log_that_cannot_be_opened_says_so(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        LineWriter(tmp_path / "missing" / "event_log.jsonl")


def test_a_lone_surrogate_does_not_stop_the_log(log: Path, disk: Disk) -> None:
    with writing(log, disk) as writer:
        writer.append("a\ud800b")
    assert log.read_text() == "a?b\n"


def test_threads_that_append_at_once_lose_and_mix_nothing(log: Path, disk: Disk) -> None:
    start = threading.Barrier(4)

    def append_lines(writer: LineWriter, name: int) -> None:
        start.wait()
        for number in range(100):
            writer.append(f"{name} {number}")
            writer.request_sync()

    with writing(log, disk, rotate_bytes=500) as writer:
        threads = [threading.Thread(target=append_lines, args=(writer, n)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    files = [log, *(path for _, path in rotated_files(log))]
    lines = [line.split() for file in files for line in file.read_text().splitlines()]
    for name in range(4):
        of_thread = [int(number) for who, number in lines if int(who) == name]
        assert of_thread == list(range(100))


FULL_DISK = """
import resource, sys
from pathlib import Path
from harn_tui.sinks.line_writer import LineWriter
log = Path(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (50, resource.RLIM_INFINITY))
writer = LineWriter(log)
writer.watch(lambda problem: print("failed:", problem), lambda: print("recovered"))
for number in range(10):
    writer.append(f"line number {number}")
print("whole lines:", log.read_text().endswith("\\n"), len(writer.unwritten_lines))
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
writer.append("line number 10")
writer.close()
"""


def test_a_real_file_size_limit_tears_no_line_and_loses_none(log: Path) -> None:
    output = run_python(FULL_DISK, str(log))
    assert output.splitlines() == [
        f"failed: {os.strerror(errno.EFBIG)}",
        "whole lines: True 7",
        "recovered",
    ]
    assert log.read_text() == "".join(f"line number {number}\n" for number in range(11))


TWO_WRITERS = """
import sys
from pathlib import Path
from harn_tui.sinks.line_writer import LineWriter
writer = LineWriter(Path(sys.argv[1]))
for number in range(300):
    writer.append(f"{sys.argv[2]} {number} " + "x" * 200)
writer.close()
"""


def test_two_processes_that_append_at_once_mix_no_lines(log: Path) -> None:
    processes = [start_python(TWO_WRITERS, str(log), name) for name in "ab"]
    for process in processes:
        with process:
            _, complaints = process.communicate(timeout=60)
        assert complaints == ""
    lines = log.read_text().splitlines()
    for name in "ab":
        numbers = [int(line.split()[1]) for line in lines if line.startswith(name)]
        assert numbers == list(range(300))


@given(st.data())
def test_whatever_fails_when_the_file_ends_as_the_appended_lines_in_order(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    log = tmp_path_factory.mktemp("outages") / "log.jsonl"
    fails: Callable[[], bool] = lambda: data.draw(st.booleans())  # noqa: E731

    def flaky_write(descriptor: int, content: bytes) -> int:
        if fails():
            raise OSError(errno.ENOSPC, "full")
        return os.write(descriptor, content[: data.draw(st.integers(1, 20))])

    file = AppendFile(log, system_write=flaky_write)
    expected = b""
    for number in range(data.draw(st.integers(1, 6))):
        line = f"line number {number}\n".encode()
        try:
            file.write_line(line)
        except OSError:
            continue
        finally:
            content = log.read_bytes()
        expected += line
        assert content == expected
    file.close()
    assert log.read_bytes() == expected
