"""Sessions whose logs are damaged are opened and go on, and what they held stays."""

from pathlib import Path

import pytest

from harn_tui.errors import StoreError
from harn_tui.kinds import LoopStatus
from harn_tui.paths import sessions_directory
from harn_tui.store.session_folder import create_session_folder
from harn_tui.wiring.open_session import open_session
from harn_tui.wiring.session_request import SessionRequest
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
