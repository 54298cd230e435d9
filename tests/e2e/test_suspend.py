import signal

from tests.e2e.conftest import Desk
from tests.support.reply_script import Reply
from tests.support.streaming_server import StreamingServer


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
