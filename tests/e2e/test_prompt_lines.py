"""Mentions and commands in a real terminal, with a real MCP server: a resource and a prompt."""

import json
import sys
from pathlib import Path

from tests.e2e.conftest import Desk
from tests.support.reply_script import Reply
from tests.support.streaming_server import StreamingServer
from tests.support.terminal import Terminal

STAND_IN = Path(__file__).parent.parent / "support" / "mcp_stand_in.py"


def with_notes(desk: Desk) -> str:
    """Return a configuration file with the server ``notes``."""
    command = json.dumps([sys.executable, str(STAND_IN), "--extras", "remember the milk"])
    file = desk.home / "servers.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f'[[mcp_servers]]\nname = "notes"\ncommand = {command}\n')
    return str(file)


def type_until(console: Terminal, text: str, wanted: str) -> None:
    """Type ``text`` and wait until the list shows ``wanted``."""
    console.type(text)
    console.wait_for(wanted)


def test_file_and_resource_are_completed_and_go_to_the_model(
    desk: Desk, server: StreamingServer
) -> None:
    server.enqueue(Reply.text("both read"))
    (desk.folder / "two words.txt").write_text("first\nsecond\nthird\n")
    (desk.folder / ".gitignore").write_text("hidden.txt\n")
    (desk.folder / "hidden.txt").write_text("not offered")
    console = desk.console(server, "--config", with_notes(desk))
    type_until(console, "compare @wor", "Tab completes")
    assert "hidden.txt" not in console.text()
    console.press("tab")
    console.wait_for('compare @"two words.txt"')
    type_until(console, "and @read", "notes:note://readme")
    console.press("tab", "enter")
    console.wait_for("both read")
    console.wait_for("Attached: two words.txt (3 lines), notes:note://readme")
    content = str(server.requests[0].messages[-1]["content"])
    assert content.startswith('compare @"two words.txt" and @notes:note://readme')
    assert "```\nfirst\nsecond\nthird\n```" in content
    assert "remember the milk" in content


def test_prompt_of_a_server_is_filled_in_and_sent_by_the_person(
    desk: Desk, server: StreamingServer
) -> None:
    server.enqueue(Reply.text("hello Ann"))
    console = desk.console(server, "--config", with_notes(desk))
    type_until(console, "/greet", "notes:greet")
    console.press("tab")
    console.wait_for("whom to greet")
    console.press("enter")
    console.wait_for("It needs who.")
    console.type("Ann")
    console.press("enter")
    console.wait_for("Greet Ann.")
    assert server.requests == []
    console.press("enter")
    console.wait_for("hello Ann")
    assert server.requests[0].messages[-1]["content"] == "Greet Ann."


def test_resource_that_cannot_be_read_is_told_and_the_line_is_sent(
    desk: Desk, server: StreamingServer
) -> None:
    server.enqueue(Reply.text("read nothing"))
    command = json.dumps([sys.executable, "-c", "raise SystemExit(3)"])
    file = desk.home / "broken.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f'[[mcp_servers]]\nname = "broken"\ncommand = {command}\n')
    console = desk.console(server, "--config", str(file))
    console.submit("read @broken:note://x now")
    console.wait_for("read nothing")
    console.wait_for("Not attached: @broken:note://x")
    assert server.requests[0].messages[-1]["content"] == "read @broken:note://x now"


def test_unknown_command_stays_in_the_prompt(desk: Desk, server: StreamingServer) -> None:
    server.enqueue(Reply.text("a folder"))
    console = desk.console(server)
    console.submit("/hlep")
    console.wait_for("There is no command /hlep.")
    console.press("ctrl+c")
    console.submit("/usr/bin is what?")
    console.wait_for("a folder")
    assert len(server.requests) == 1


def test_shell_line_is_run_shown_and_told_with_the_next_request(
    desk: Desk, server: StreamingServer
) -> None:
    server.enqueue(Reply.text("I saw it"))
    console = desk.console(server)
    console.submit("!echo from-$((40 + 2)); touch made")
    console.wait_for("You ran")
    console.wait_for("from-42")
    assert (desk.folder / "made").exists()
    assert server.requests == []
    console.submit("what did I run?")
    console.wait_for("I saw it")
    contents = [str(message["content"]) for message in server.requests[0].messages]
    assert contents[-2] == "what did I run?"
    assert "The person ran a command themselves" in contents[-1]
    assert "from-42" in contents[-1]


def test_escape_stops_a_shell_line(desk: Desk, server: StreamingServer) -> None:
    console = desk.console(server)
    console.submit("!echo begun; sleep 600")
    console.wait_for("begun")
    console.press("escape")
    console.wait_for("The person stopped it.")
