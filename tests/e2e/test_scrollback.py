"""A session of twenty thousand rows: all of it can be reached, and a token costs what it did."""

from tests.e2e.conftest import Desk
from tests.support.reply_script import Reply
from tests.support.streaming_server import StreamingServer

ROWS = 20_000
PIECE = 500


def rows(first: int, last: int) -> str:
    return "".join(f"- row {number}\n" for number in range(first, last))


def test_every_row_can_be_reached_and_the_place_stays_while_more_comes(
    desk: Desk, server: StreamingServer
) -> None:
    long = tuple(rows(at, at + PIECE) for at in range(0, ROWS, PIECE))
    server.enqueue(Reply(tokens=long), Reply(tokens=("the next", " answer")).stalled_after(1))
    console = desk.console(server)
    console.submit("count")
    console.wait_for(f"row {ROWS - 1}")
    console.wait_for("idle")
    console.submit("go on")
    console.wait_for("the next")
    before = len(console.output)
    console.press("ctrl+home")
    console.wait_for("row 0")
    seen = console.lines()[:20]
    server.release()
    console.wait_for("new")
    assert console.lines()[:20] == seen
    console.press("ctrl+end")
    console.wait_for("the next answer")
    # Two screens and a few rows, not the session.
    assert len(console.output) - before < 30_000
