from itertools import pairwise

from tests.e2e.conftest import Desk
from tests.support.reply_script import Reply
from tests.support.streaming_server import StreamingServer


def test_keys_of_the_configuration_are_used_and_shown(desk: Desk, server: StreamingServer) -> None:
    server.enqueue(Reply.text("Both lines came."))
    console = desk.console(server, "--set", "keys.help=f12", "--set", "keys.send=ctrl+j", "--set",
                           "keys.newline=enter")  # fmt: skip
    console.wait_for("F12 shows every key")
    console.type("one")
    console.wait_for("one")
    console.press("enter")
    console.type("two")
    console.wait_for(
        lambda lines: any("one" in above and "two" in below for above, below in pairwise(lines))
    )
    console.press("ctrl+j")
    console.wait_for("Both lines came.")


def test_keys_that_conflict_are_an_error_that_names_both(desk: Desk) -> None:
    (desk.home / "harn-tui").mkdir(parents=True, exist_ok=True)
    (desk.home / "harn-tui" / "config.toml").write_text('[keys]\nhelp = "ctrl+t"\n')
    for arguments in (("--provider", "demo"), ("config", "show")):
        terminal = desk.open(*arguments, columns=200)
        assert terminal.wait_exit() == 2
        told = terminal.printed()
        assert "config.toml:2: Ctrl+t would be both `help` (Help) and `toggle_panel`" in told
