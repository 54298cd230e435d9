"""The side panel by the keys that a real terminal sends."""

import re

from tests.e2e.conftest import Desk
from tests.support.reply_script import Reply, ToolCall
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


def test_each_turn_and_each_tool_call_has_its_cost(desk: Desk, server: StreamingServer) -> None:
    (desk.folder / "a.txt").write_text("one line of text\n" * 40, encoding="utf-8")
    read = ToolCall("read_file", {"path": "a.txt"})
    server.enqueue(Reply.tools(read).using(10_000, 500), Reply.text("seen").using(20_000, 100))
    console = desk.console(server, "--model", "gpt-5", columns=140, rows=40)
    console.submit("read it")
    console.wait_for("seen")
    console.press("alt+5")
    console.wait_for(re.compile(r"\$0\.0435 +2 calls in 2 turns"))
    console.wait_for(re.compile(r"1 turn 1 +10k→500 \$0\.0175"))
    console.wait_for(re.compile(r"read_file +\+~\d+ \$0\.0175"))
    console.wait_for(re.compile(r"2 turn 2 +20k→100 \$0\.0260"))
