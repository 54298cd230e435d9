"""What is written to a terminal that is not in front, and to one that is: nothing."""

from tests.e2e.conftest import Desk
from tests.support.reply_script import Reply
from tests.support.streaming_server import StreamingServer
from tests.support.terminal import Terminal

AWAY, BACK = b"\x1b[O", b"\x1b[I"
RESTORED = b"\x1b]2;harn-tui\x07\x1b[23;2t"
NOTIFIED = b"\x1b]9;harn-tui: done\x07"
OSC9 = ("--set", "ui.notifications=osc9")


def run_that_ends_in_the_background(
    console: Terminal, server: StreamingServer, number: int
) -> None:
    """Leave the terminal while the reply of request ``number`` still comes; wait for the call."""
    server.enqueue(Reply.words(20).stalled_after(10))
    console.submit("go")
    server.wait_for_chunks(number, 10)
    console.write(AWAY)
    console.wait_for_output(b"\x1b]2;harn-tui: working\x07")
    server.release()
    console.wait_for_output(NOTIFIED)
    console.wait_for_output(b"\x1b]2;harn-tui: done\x07")


def test_the_end_of_a_run_is_told_to_a_terminal_in_the_background_alone(
    desk: Desk, server: StreamingServer
) -> None:
    server.enqueue(Reply.text("First."))
    console = desk.console(server, *OSC9)
    console.submit("one")
    console.wait_for("First.")
    console.wait_for("idle")
    assert b"\x1b]9;" not in console.output
    assert b"\x1b]2;" not in console.output

    run_that_ends_in_the_background(console, server, 2)

    console.write(BACK)
    console.wait_for_output(RESTORED)


def test_leaving_the_program_restores_the_title(desk: Desk, server: StreamingServer) -> None:
    console = desk.console(server, *OSC9)
    run_that_ends_in_the_background(console, server, 1)
    console.press("ctrl+q")
    assert console.wait_exit() == 0
    assert RESTORED in console.output
