import shlex
import signal
from pathlib import Path

import pytest

from tests.e2e.conftest import Desk
from tests.support.reply_script import Reply
from tests.support.streaming_server import StreamingServer
from tests.support.terminal import Terminal, harn_tui
from tests.support.waiting import wait_until_blocking


def test_coming_back_from_the_shell_paints_the_whole_screen_again(
    desk: Desk, server: StreamingServer
) -> None:
    server.enqueue(Reply.text("an answer to look at"))
    console = desk.console(server)
    console.submit("hello")
    console.wait_for("an answer to look at")
    console.kill(signal.SIGTSTP)
    console.wait_until_gone("an answer to look at")
    console.wait_until_stopped()
    console.kill(signal.SIGCONT)
    console.wait_for("an answer to look at")
    console.wait_for("What shall be done?")
    console.submit("still there")
    console.wait_for("There is nothing more to say.")


def test_keys_arrive_once_after_a_stop_that_no_program_sees(
    desk: Desk, server: StreamingServer
) -> None:
    server.enqueue(Reply.text("an answer to look at"))
    console = desk.console(server)
    console.submit("hello")
    console.wait_for("an answer to look at")
    console.wait_for("What shall be done?")
    console.kill(signal.SIGSTOP)
    console.wait_until_stopped()
    console.kill(signal.SIGCONT)
    console.submit("still there")
    console.wait_for("There is nothing more to say.")
    console.wait_for("▌ still there")


def ends_when_it_goes_on(desk: Desk) -> Path:
    """Return an editor that ends as soon as it goes on after a stop."""
    desk.home.mkdir(parents=True, exist_ok=True)
    program = desk.home / "editor.sh"
    program.write_text(
        "trap 'exit 0' CONT\nprintf 'in the editor> '\nwhile :; do sleep 0.05; done\n"
    )
    return program


@pytest.mark.parametrize("has_lent_terminal", [False, True])
def test_after_going_on_in_the_background_the_console_is_there_in_front(
    desk: Desk, server: StreamingServer, has_lent_terminal: bool
) -> None:
    """``bg`` before ``fg``: in the background no program may set up the terminal."""
    server.enqueue(Reply.text("an answer to look at"))
    environment = desk.environment(
        VISUAL=f"sh {ends_when_it_goes_on(desk)}", PS1="shell> ", ENV="", HISTFILE="/dev/null"
    )
    words = harn_tui("--base-url", server.base_url, "--model", "m")
    with Terminal(["sh", "-i"], env=environment, cwd=desk.folder, columns=100, rows=30) as console:
        console.wait_for("shell>")
        console.write(f"{shlex.join(words)}\r")
        console.wait_for("What shall be done?")
        console.wait_until_gone("opening the session")
        if has_lent_terminal:
            console.press("ctrl+g")
            console.wait_for("in the editor>")
        console.press("ctrl+z")

        def stops() -> int:
            return console.output.count(b"Stopped")

        wait_until_blocking(lambda: stops() == 1, 20.0)
        console.write("bg\r")

        def is_stopped_again() -> bool:
            console.write("\r")  # before a prompt, a shell says which jobs have stopped
            return stops() == 2

        wait_until_blocking(is_stopped_again, 20.0)
        assert not console.is_full_screen
        console.write("fg\r")
        console.wait_for("What shall be done?")
        console.submit("still there")
        console.wait_for("an answer to look at")
        console.press("ctrl+q")
        wait_until_blocking(lambda: not console.is_full_screen, 20.0)
