"""The side panel by the keys that a real terminal sends."""

from tests.e2e.conftest import Desk
from tests.support.reply_script import Reply
from tests.support.streaming_server import StreamingServer


def test_tabs_open_by_alt_and_a_digit_and_the_panel_grows(
    desk: Desk, server: StreamingServer
) -> None:
    server.enqueue(Reply.text("an answer"))
    console = desk.console(server, columns=140, rows=40)
    console.submit("hello")
    console.wait_for("an answer")
    console.write("\x1b5")
    console.wait_for("1 call in 1 turn")
    console.write("\x1b8")
    console.wait_for("session_start")
    console.write("\x1bT")
    console.wait_for("No file was changed.")
    before = next(line.index("No file was") for line in console.lines() if "No file was" in line)
    console.write("\x1b>")
    console.wait_for(
        lambda lines: any("No file" in line and line.index("No file") < before for line in lines)
    )
    assert "∞" not in console.text()
