"""A review of changes in the real program: its verdicts reach the model in the next request."""

from tests.e2e.conftest import Desk
from tests.support.reply_script import Reply, ToolCall
from tests.support.streaming_server import StreamingServer

NEW_FILE = {"path": "a.txt", "content": "one\ntwo\n"}


def test_rejected_hunk_and_its_comment_are_in_the_next_request_of_the_run(
    desk: Desk, server: StreamingServer
) -> None:
    server.enqueue(
        Reply.tools(ToolCall("write_file", NEW_FILE)),
        Reply.words(50, tokens_per_second=200).stalled_after(10),
        Reply.text("I will undo it"),
    )
    console = desk.console(server, "--set", "permissions.allow={write_file=true}")
    console.submit("write it")
    server.wait_for_chunks(2, 5)
    console.press("alt+e")
    console.wait_for("Review of changes")
    console.wait_for("hunk 1 of 1")
    console.type("xc")
    console.wait_for("Comment on a.txt, lines 1-2")
    console.type("say three too")
    console.press("enter")
    console.wait_for("say three too”")
    console.type("s")
    console.wait_for("One message to the model")
    console.press("enter")
    console.wait_for("sent")
    console.press("escape")
    server.release()
    console.wait_for("I will undo it")
    told = str(server.requests[2].messages[-1]["content"])
    assert told.startswith('<runtime_feedback kind="user">\nI reviewed your changes')
    assert "1. a.txt, lines 1-2: REJECTED." in told
    assert "   > say three too" in told
    assert sum("I reviewed" in str(m["content"]) for m in server.requests[2].messages) == 1
    assert (desk.folder / "a.txt").read_text() == "one\ntwo\n"
