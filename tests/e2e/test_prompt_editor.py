"""The draft in the person's own editor, in a real terminal, while a run goes on."""

import json
import signal
from pathlib import Path

from rich.cells import cell_len

from tests.e2e.conftest import Desk
from tests.support.reply_script import Reply
from tests.support.streaming_server import StreamingServer
from tests.support.waiting import wait_until_blocking

BIG = "\n".join(f"pasted {number}" for number in range(1, 31))


def editor(desk: Desk, script: str) -> str:
    """Return a program that does ``script`` with the file ``$1``."""
    desk.home.mkdir(parents=True, exist_ok=True)
    program = desk.home / "my editor.sh"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return f"'{program}'"


def temporary(desk: Desk) -> Path:
    folder = desk.home / "tmp"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


WAITS = 'printf "in the editor> "; read answer; echo "$answer" >> "$1"'


def test_draft_is_edited_while_the_reply_streams_and_the_screen_is_right_after(
    desk: Desk, server: StreamingServer
) -> None:
    reply = Reply.words(300, tokens_per_second=300).stalled_after(300)
    server.enqueue(reply, Reply.text("got it"))
    visual = editor(desk, WAITS)
    console = desk.console(server, VISUAL=visual, TMPDIR=str(temporary(desk)))
    console.submit("write a lot")
    server.wait_for_chunks(1, 5)
    console.paste(BIG)
    console.wait_for("[paste #1, 30 lines]")
    console.press("ctrl+g")
    console.wait_for("in the editor>")
    # The run goes on, the file is there for the person alone, and nothing draws over the editor.
    server.wait_for_chunks(1, 300)
    [folder] = temporary(desk).iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700
    desk.wait_for_log("agent_message_chunk")
    assert not console.is_full_screen
    assert "paste" not in console.text()
    before = len(console.output)
    console.press("ctrl+c")  # the terminal sends SIGINT to all who share it: the console stays
    wait_until_blocking(lambda: list(temporary(desk).iterdir()) == [], 20.0)
    console.wait_for("was ended by SIGINT")
    assert b"Traceback" not in console.output[before:]
    console.press("ctrl+g")
    console.wait_for("in the editor>")
    console.write("and a word\n")
    console.wait_for("and a word")
    console.wait_for("[paste #1, 30 lines]")
    server.release()
    console.press("enter")
    console.wait_for("got it")
    content = str(server.requests[1].messages[-1]["content"])
    assert f"{BIG}and a word" in content
    assert list(temporary(desk).iterdir()) == []


def test_an_editor_that_fails_leaves_the_draft_and_what_it_saved_is_one_line_back(
    desk: Desk, server: StreamingServer
) -> None:
    visual = editor(desk, 'echo "saved, then crashed" > "$1"; exit 3')
    console = desk.console(server, VISUAL=visual)
    console.type("my draft")
    console.wait_for("my draft")
    console.press("ctrl+g")
    console.wait_for("ended with code 3")
    console.wait_for("my draft")
    console.press("home", "up")
    console.wait_for("saved, then crashed")
    console.press("down")
    console.wait_for("my draft")


def test_an_editor_that_empties_the_file_clears_the_draft_and_undo_brings_it_back(
    desk: Desk, server: StreamingServer
) -> None:
    console = desk.console(server, EDITOR=editor(desk, ': > "$1"'))
    console.type("my draft")
    console.wait_for("my draft")
    console.press("ctrl+g")
    console.wait_for("The editor left nothing")
    console.press("alt+z")
    console.wait_for("my draft")


def test_a_missing_editor_is_told_and_the_screen_never_left(
    desk: Desk, server: StreamingServer
) -> None:
    console = desk.console(server, VISUAL="no-such-editor")
    console.press("ctrl+g")
    console.wait_for("'no-such-editor' is not there")
    assert console.output.count(b"\x1b[?1049l") == 0


def test_stopping_and_going_on_while_the_editor_has_the_terminal(
    desk: Desk, server: StreamingServer
) -> None:
    server.enqueue(Reply.text("an answer"))
    console = desk.console(server, VISUAL=editor(desk, WAITS))
    console.press("ctrl+g")
    console.wait_for("in the editor>")
    console.kill(signal.SIGTSTP)
    console.wait_until_stopped()
    console.kill(signal.SIGCONT)
    before = len(console.output)
    console.write("typed in the editor\n")
    console.wait_for("│ typed in the editor")
    assert console.output[before:].count(b"\x1b[?1049h") == 1
    console.press("enter")
    console.wait_for("an answer")
    assert len(server.requests) == 1


def test_the_cursor_of_the_terminal_stands_at_the_caret(
    desk: Desk, server: StreamingServer
) -> None:
    """Input methods draw what is being composed there."""
    console = desk.console(server)

    def wait_for_caret_behind(text: str) -> None:
        def is_there() -> bool:
            rows = console.lines()
            row = next((n for n, line in enumerate(rows) if f"│ {text}" in line), None)
            if row is None:
                return False
            before = rows[row][: rows[row].index(f"│ {text}") + len(f"│ {text}")]
            return console.cursor == (row, cell_len(before))

        wait_until_blocking(is_there, 20.0)

    for typed, shown in (
        ("a", "a"),
        ("界界", "a界界"),
        ("e\u0301", "a界界é"),
        ("🙂", "a界界é🙂"),
    ):
        console.type(typed)
        wait_for_caret_behind(shown)
    console.press("home", "right", "right")
    wait_for_caret_behind("a界")
    console.press("end", "ctrl+j")
    console.type("界")
    wait_for_caret_behind("界")
    console.resize(60, 20)
    wait_for_caret_behind("界")


def test_drafts_survive_kill_9_cleared_or_not(desk: Desk, server: StreamingServer) -> None:
    console = desk.console(server)
    console.type("cleared by mistake")
    console.wait_for("cleared by mistake")
    console.press("ctrl+c")
    console.wait_for("Cleared.")
    console.type("half a thought")
    console.wait_for("half a thought")

    def is_kept() -> bool:
        states = [folder / "state.json" for folder in desk.sessions()]
        kept = [json.loads(file.read_text()) for file in states if file.exists()]
        histories = list((desk.home / "harn-tui" / "prompt_history").glob("*.jsonl"))
        return any("half a thought" in str(state) for state in kept) and any(
            "cleared by mistake" in file.read_text() for file in histories
        )

    wait_until_blocking(is_kept, 20.0)
    console.kill(signal.SIGKILL)
    again = desk.console(server, "--continue")
    again.wait_for("half a thought")
    again.press("home")

    def is_brought_back() -> bool:
        again.press("up")  # the lines of earlier starts are read once the session is open
        return "cleared by mistake" in again.text()

    wait_until_blocking(is_brought_back, 20.0)
    again.press("down")
    again.wait_for("half a thought")


def test_a_paste_without_marks_stays_one_text(desk: Desk, server: StreamingServer) -> None:
    server.enqueue(Reply.text("got all of it"))
    console = desk.console(server)
    console.write("def parse():\r    return 1\rprint(parse())\r")
    console.wait_for("print(parse())")
    console.wait_for("def parse():")
    console.press("backspace", "enter")
    console.wait_for("got all of it")
    contents = [str(request.messages[-1]["content"]) for request in server.requests]
    assert contents == ["def parse():\n    return 1\nprint(parse())"]
