"""Stepping through a recorded session with the keys of a debugger."""

from tests.e2e.conftest import Desk
from tests.support.terminal import REPOSITORY

LOG = REPOSITORY / "sessions" / "failures-and-retries.jsonl"


def test_errors_are_visited_and_a_step_back_shows_what_was_there_before(desk: Desk) -> None:
    replay = desk.open("replay", str(LOG), "--at", "0")
    replay.wait_for("1/83")
    for at, sight in ((8, "Retry 1"), (12, "Retry 2"), (21, "bed.txt does not exist")):
        replay.press("e")
        replay.wait_for(f"{at}/83")
        replay.wait_for(sight)
    assert "not a valid JSON object" not in replay.text()
    replay.press("t")
    replay.wait_for(lambda lines: sum("Read bed" in line for line in lines) == 2)
    replay.wait_until_gone("21/83")
    replay.press("E")
    replay.wait_for("21/83")
    replay.press("right")
    replay.wait_for("22/83")
    replay.press("left")
    replay.wait_for("21/83")
    replay.wait_for(lambda lines: sum("Read bed" in line for line in lines) == 1)
    assert "not a valid JSON object" not in replay.text()
    replay.press("q")
    assert replay.wait_exit() == 0
