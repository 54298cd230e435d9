import os
import stat
from pathlib import Path

import pytest

from harn_tui.errors import SessionLockedError, StoreError
from harn_tui.store.lock import SessionLock, live_owner, read_lock_owner
from tests.unit.sinks.python_process import start_python

HOLDER = """
import sys, time
from pathlib import Path
from harn_tui.store.lock import SessionLock
lock = SessionLock(Path(sys.argv[1]))
print("locked", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lock"


def test_the_second_opener_is_told_who_holds_the_session(path: Path) -> None:
    with SessionLock(path), pytest.raises(SessionLockedError, match=str(os.getpid())) as caught:
        SessionLock(path)
    assert caught.value.owner_pid == os.getpid()
    assert caught.value.hint


def test_a_released_lock_is_free_and_its_file_stays(path: Path) -> None:
    lock = SessionLock(path)
    lock.release()
    lock.release()
    assert path.exists()
    assert read_lock_owner(path) is None
    SessionLock(path).release()


def test_the_lock_file_is_for_the_user_alone(path: Path) -> None:
    with SessionLock(path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_killed_process_leaves_the_session_free(path: Path) -> None:
    with start_python(HOLDER, str(path)) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "locked\n"
        with pytest.raises(SessionLockedError) as caught:
            SessionLock(path)
        assert caught.value.owner_pid == process.pid
        owner = live_owner(path)
        assert owner is not None
        assert owner.pid == process.pid
        process.kill()
        process.wait()
    assert live_owner(path) is None
    with SessionLock(path):
        assert live_owner(path) == read_lock_owner(path)


@pytest.mark.parametrize(
    "note",
    [b"", b"\xff\x00", b"[]", b"3", b'{"pid": "x"}', b'{"pid":1e999,"host":"h"}', b"[" * 9999],
    ids=["empty", "binary", "list", "number", "no pid", "no host", "deep"],
)
def test_a_damaged_note_names_nobody_and_stops_nobody(path: Path, note: bytes) -> None:
    path.write_bytes(note)
    assert read_lock_owner(path) is None
    assert live_owner(path) is None
    SessionLock(path).release()


@pytest.mark.parametrize("pid", [-1, 0, 10**30])
def test_a_pid_that_cannot_be_is_no_live_owner(path: Path, pid: int) -> None:
    path.write_text(f'{{"pid":{pid},"host":"{os.uname().nodename}","started_at_ms":0}}')
    assert live_owner(path) is None


def test_a_lock_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be taken"):
        SessionLock(tmp_path / "missing" / "lock")


def test_a_number_that_another_program_has_by_now_owns_nothing(path: Path) -> None:
    note = f'{{"pid":{os.getpid()},"host":"{os.uname().nodename}","started_at_ms":0}}'
    path.write_text(note)
    assert live_owner(path) is None
    assert path.read_text() == note
