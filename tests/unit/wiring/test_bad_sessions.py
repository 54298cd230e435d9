"""Sessions whose logs are damaged are opened and go on, and what they held stays."""

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from harn_tui.errors import StoreError
from harn_tui.ids import new_feedback_id
from harn_tui.kinds import LoopStatus
from harn_tui.paths import sessions_directory
from harn_tui.store.outside_delivery import bring_line
from harn_tui.store.outside_request import OutsideLine
from harn_tui.store.session_folder import create_session_folder
from harn_tui.wiring.open_session import open_session
from harn_tui.wiring.session_request import SessionRequest
from tests.unit.sinks.python_process import start_python
from tests.unit.store.test_bad_sessions import LOG, LOGS


async def go_on(session_id: str, folder: Path) -> LoopStatus | None:
    """Open the session, ask something, close it."""
    script = folder / "script.jsonl"
    script.write_text('{"text": "done"}')
    session = open_session(SessionRequest(cwd=folder, script=script, session_id=session_id))
    try:
        await session.start()
        session.submit("go on")
        result = await session.wait_idle()
    finally:
        await session.close()
    return None if result is None else result.status


@pytest.mark.parametrize("name", [name for name in LOGS if name != "newer"])
async def test_a_session_with_a_log_of_any_kind_goes_on_behind_it(
    tmp_path: Path, name: str
) -> None:
    folder = create_session_folder(sessions_directory(), "one")
    folder.event_log.write_bytes(LOGS[name])

    assert await go_on("one", tmp_path) is LoopStatus.DONE

    whole = LOGS[name][: LOGS[name].rfind(b"\n") + 1]
    data = folder.event_log.read_bytes()
    assert data.startswith(whole)
    assert b'"content":"go on"' in data[len(whole) :]


@pytest.mark.parametrize("end", range(3, len(LOG), 211))
async def test_a_session_whose_log_was_cut_off_goes_on(tmp_path: Path, end: int) -> None:
    folder = create_session_folder(sessions_directory(), "one")
    folder.event_log.write_bytes(LOG[:end])

    assert await go_on("one", tmp_path) is LoopStatus.DONE

    assert folder.event_log.read_bytes().startswith(LOG[: LOG.rfind(b"\n", 0, end) + 1])


def test_a_log_of_a_newer_program_is_refused_and_stays(tmp_path: Path) -> None:
    folder = create_session_folder(sessions_directory(), "one")
    folder.event_log.write_bytes(LOGS["newer"])
    before = sorted(path.name for path in folder.path.iterdir())

    with pytest.raises(StoreError, match="is not continued"):
        open_session(SessionRequest(cwd=tmp_path, provider="demo", session_id="one"))

    assert folder.event_log.read_bytes() == LOGS["newer"]
    assert [name for name in sorted(p.name for p in folder.path.iterdir()) if name != "lock"] == (
        before
    )


def test_a_log_that_is_a_folder_is_refused(tmp_path: Path) -> None:
    folder = create_session_folder(sessions_directory(), "one")
    folder.event_log.mkdir()

    with pytest.raises(StoreError, match="cannot be read"):
        open_session(SessionRequest(cwd=tmp_path, provider="demo", session_id="one"))


def test_a_read_only_session_is_refused_in_words_and_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who may do everything can write to such a folder: the system calls say no here."""
    folder = create_session_folder(sessions_directory(), "one")
    folder.event_log.write_bytes(LOG)
    system_open = os.open

    def read_only(path: Any, flags: int, *more: Any, **others: Any) -> int:
        if Path(os.fsdecode(path)).is_relative_to(folder.path) and flags & os.O_ACCMODE:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), path)
        return system_open(path, flags, *more, **others)

    monkeypatch.setattr(os, "open", read_only)
    with pytest.raises(StoreError, match="cannot be taken: Read-only file system"):
        open_session(SessionRequest(cwd=tmp_path, provider="demo", session_id="one"))
    with pytest.raises(StoreError, match="Read-only file system"):
        bring_line(folder, OutsideLine(new_feedback_id(), "hello"))

    assert folder.event_log.read_bytes() == LOG
    assert [path.name for path in folder.path.iterdir()] == ["event_log.jsonl"]


FULL_DISK = """
import resource, signal, sys
from harn_tui.cli.main import main
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
sys.exit(main(["run", "--provider", "demo", "--no-tools", "--session", "one", "hello"]))
"""


@pytest.mark.parametrize(
    ("room", "said"),
    [(0, "lock cannot be taken"), (200, "is not on disk"), (len(LOG) + 300, "is not on disk")],
)
def test_a_full_disk_ends_a_run_in_words_and_changes_nothing_that_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = create_session_folder(sessions_directory(), "one")
    folder.event_log.write_bytes(LOG)

    with start_python(FULL_DISK, str(room)) as process:
        _, err = process.communicate(timeout=60)

    assert process.returncode == 1
    assert said in err
    assert "Traceback" not in err
    data = folder.event_log.read_bytes()
    assert data.startswith(LOG)
    assert data.endswith(b"\n")
