"""A session of eight thousand rows: all of it can be reached, and a token costs what it did."""

import re

from tests.e2e.conftest import Desk
from tests.support.reply_script import Reply
from tests.support.streaming_server import StreamingServer

ROWS = 8_000
PIECE = 400


def rows(first: int, last: int) -> str:
    return "".join(f"- row {number}\n" for number in range(first, last))


def is_at_the_start(lines: list[str]) -> bool:
    shown = [line.strip() for line in lines[2:20]]
    return shown == [f"• row {number}" for number in range(18)]


def test_every_row_can_be_reached_and_the_place_stays_while_more_comes(
    desk: Desk, server: StreamingServer
) -> None:
    long = tuple(rows(at, at + PIECE) for at in range(0, ROWS, PIECE))
    server.enqueue(Reply(tokens=long), Reply(tokens=("the next", " answer")).stalled_after(1))
    console = desk.console(server, columns=90)
    console.submit("count")
    console.wait_for(f"row {ROWS - 1}")
    console.wait_for("idle")
    console.submit("go on")
    console.wait_for("the next")
    before = len(console.output)
    console.press("ctrl+home")
    console.wait_for(is_at_the_start)
    server.release()
    console.wait_for(re.compile(r"\bnew\b"))
    assert is_at_the_start(console.lines())
    console.press("ctrl+end")
    console.wait_for("the next answer")
    # A few screens, and not all the rows between them.
    assert len(console.output) - before < ROWS * 15
