"""Who is quiet: the person, a tool, the network or the model, said in the status line."""

from tests.e2e.conftest import Desk
from tests.e2e.test_steering import WAIT_FOR_FILE, approve
from tests.support.reply_script import Reply, ToolCall
from tests.support.streaming_server import StreamingServer


def test_each_silence_has_a_name(desk: Desk, server: StreamingServer) -> None:
    server.enqueue(
        Reply.tools(ToolCall("run_command", {"command": WAIT_FOR_FILE})),
        Reply.failure(429, "slow down", retry_after="1"),
        Reply.text("at last").stalled_after(0),
    )
    console = desk.console(server)
    console.submit("go")
    console.wait_for("waiting for you")
    approve(console)
    console.wait_for("running run_command")
    (desk.folder / "go").touch()
    console.wait_for("retry in 1 s")
    console.wait_for("waiting for the first token")
    server.release()
    console.wait_for("at last")
    console.wait_for("idle")
