"""A wish to have the history compacted is refused at once where it would come to nothing."""

from pathlib import Path

from harn_tui.config.loop_options import LoopOptions
from harn_tui.json_types import JsonObject
from harn_tui.kinds import Boundary
from tests.conformance.loop_driver import Reply
from tests.unit.session.opened import open_scripted

KEEPS_ONE: JsonObject = {"strategy": "truncate", "keep_last": 1}


async def test_a_wish_is_open_once_there_is_something_to_summarise(tmp_path: Path) -> None:
    options = LoopOptions(compaction=KEEPS_ONE)
    session, script = open_scripted(tmp_path / "s", [Reply("one"), Reply("two")], options=options)
    await session.start()
    assert session.compaction.ask() == (
        "There is nothing to summarise yet: 1 message is always kept."
    )
    assert not session.compaction.take()
    session.submit("first", Boundary.NEXT_PREFLIGHT)
    await session.wait_idle()
    assert "before your next request" in session.compaction.ask()
    session.submit("second", Boundary.NEXT_PREFLIGHT)
    await session.wait_idle()
    await session.close()
    assert "first" in str(script.requests[0].messages)
    assert "first" not in [message["content"] for message in script.requests[1].messages]


async def test_switched_off_is_said_at_once(tmp_path: Path) -> None:
    session, _ = open_scripted(tmp_path / "s", [], options=LoopOptions(compaction="none"))
    assert "switched off" in session.compaction.ask()
    assert not session.compaction.take()
    await session.close()
