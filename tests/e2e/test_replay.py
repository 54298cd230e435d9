"""Stepping through a recorded session with the keys of a debugger."""

import re

from tests.e2e.conftest import Desk
from tests.support.terminal import REPOSITORY, Terminal

LOG = REPOSITORY / "sessions" / "failures-and-retries.jsonl"


def position(replay: Terminal) -> int:
    """Return how many events were delivered, as the strip says."""
    (found,) = re.findall(r"(\d+)/83", replay.text())
    return int(found)


def test_errors_are_visited_and_a_step_back_shows_what_was_there_before(desk: Desk) -> None:
    replay = desk.open("replay", str(LOG), "--at", "0")
    replay.wait_for("1/83")
    for sight in ("Retry 1", "Retry 2", "bed.txt does not exist"):
        replay.press("e")
        replay.wait_for(sight)
    assert "not a valid JSON object" not in replay.text()
    at, seen = position(replay), replay.lines()
    replay.press("t")
    replay.wait_for(lambda lines: sum("Read bed" in line for line in lines) == 2)
    assert position(replay) > at
    replay.press("E")
    replay.wait_for(f"{at}/83")
    replay.press("right")
    replay.wait_for(f"{at + 1}/83")
    replay.press("left")
    replay.wait_for(lambda lines: lines == seen)
    replay.press("q")
    assert replay.wait_exit() == 0
