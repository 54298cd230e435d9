"""Steering a console in a real terminal: typed lines reach the model, once, in order."""

import json
import signal

from tests.e2e.conftest import Desk
from tests.support.reply_script import Reply, ToolCall
from tests.support.streaming_server import StreamingServer
from tests.support.terminal import Terminal


def approve(console: Terminal) -> None:
    """Answer the open approval once the dock takes answers, which its bright keys show."""

    def is_armed(lines: list[str]) -> bool:
        rows = [row for row, line in enumerate(lines) if "Alt+y" in line]
        return bool(rows) and console.cell(rows[0], lines[rows[0]].index("Alt+y")).bold

    console.wait_for(is_armed)
    console.press("alt+y")


WAIT_FOR_FILE = "echo begun; while [ ! -e go ]; do sleep 0.05; done"
WRAPPED = '<runtime_feedback kind="user">\n{}\n</runtime_feedback>'


def test_line_typed_while_the_model_streams_is_in_the_next_request(
    desk: Desk, server: StreamingServer
) -> None:
    # The stall only keeps a slow machine from ending the reply before the lines are typed.
    streamed = Reply.words(400, tokens_per_second=200).stalled_after(300)
    server.enqueue(streamed, Reply.text("understood"))
    console = desk.console(server)
    console.submit("write a lot")
    server.wait_for_chunks(1, 40)
    console.submit("use tabs")
    console.submit("and be brief")
    console.wait_for("2 queued")
    server.release()
    console.wait_for("understood")
    contents = [str(message["content"]) for message in server.requests[1].messages]
    assert contents[-2:] == [WRAPPED.format("use tabs"), WRAPPED.format("and be brief")]
    assert sum("use tabs" in content for content in contents) == 1
    types = desk.types()
    second_call = [n for n, kind in enumerate(types) if kind == "llm_call_start"][1]
    injected = [n for n, kind in enumerate(types) if kind == "feedback_injected"]
    assert len(injected) == 2
    assert max(injected) < second_call
    console.wait_for("delivered before call 2")


def test_line_typed_while_a_tool_runs_is_in_the_next_request(
    desk: Desk, server: StreamingServer
) -> None:
    server.enqueue(
        Reply.tools(ToolCall("run_command", {"command": WAIT_FOR_FILE})),
        Reply.text("seen"),
    )
    console = desk.console(server, "--set", "permissions.allow={run_command=true}")
    console.submit("wait for it")
    console.wait_for("begun")
    console.submit("never mind")
    console.wait_for("1 queued")
    (desk.folder / "go").touch()
    console.wait_for("delivered before call 2")
    *_, result, line = server.requests[1].messages
    assert result["role"] == "tool"
    assert line["content"] == WRAPPED.format("never mind")


def test_escape_stops_a_running_tool_and_an_empty_enter_sends_what_waits(
    desk: Desk, server: StreamingServer
) -> None:
    server.enqueue(
        Reply.tools(ToolCall("run_command", {"command": "echo begun; sleep 1000"})),
        Reply.text("seen"),
    )
    console = desk.console(server, "--set", "permissions.allow={run_command=true}")
    console.submit("wait for it")
    console.wait_for("begun")
    console.submit("never mind")
    console.wait_for("1 queued")
    console.press("escape")
    console.wait_for("Stopping when this call ends")
    console.press("escape")
    console.wait_for("processes ended")
    console.wait_for("paused")
    console.press("enter")
    console.wait_for("seen")
    assert "never mind" in server.requests[1].text()


def test_one_escape_lets_the_call_end_and_keeps_its_result(
    desk: Desk, server: StreamingServer
) -> None:
    server.enqueue(
        Reply.tools(ToolCall("run_command", {"command": f"{WAIT_FOR_FILE}; echo all of it"})),
        Reply.text("seen"),
    )
    console = desk.console(server, "--set", "permissions.allow={run_command=true}")
    console.submit("wait for it")
    console.wait_for("running run_command")
    console.wait_for("│ begun")
    console.press("escape")
    console.wait_for("Stopping when this call ends")
    (desk.folder / "go").touch()
    console.wait_for("Interrupted by you")
    console.submit("what came of it?")
    console.wait_for("seen")
    assert "all of it" in server.requests[1].text()
    assert len(server.requests) == 2


def test_lines_are_reordered_and_previewed_as_they_are_sent(
    desk: Desk, server: StreamingServer
) -> None:
    streamed = Reply.words(400, tokens_per_second=200).stalled_after(300)
    server.enqueue(streamed, Reply.text("understood"))
    console = desk.console(server)
    console.submit("write a lot")
    server.wait_for_chunks(1, 40)
    console.submit("use tabs")
    console.submit("and be brief")
    console.wait_for("2 queued")
    console.press("alt+q")
    console.wait_for("b boundary")
    console.press("K")
    console.press("escape")
    console.wait_for("Alt+q choose")
    console.press("alt+i")
    console.wait_for("Sent with the next model call")
    text = console.text()
    assert text.index("and be brief") < text.index("use tabs")
    assert text.count("runtime_feedback") == 4
    console.press("escape")
    server.release()
    console.wait_for("understood")
    contents = [str(message["content"]) for message in server.requests[1].messages]
    assert contents[-2:] == [WRAPPED.format("and be brief"), WRAPPED.format("use tabs")]


def test_an_edited_line_is_sent_as_edited_and_a_deleted_one_not_at_all(
    desk: Desk, server: StreamingServer
) -> None:
    server.enqueue(Reply.text("one moment").stalled_after(1), Reply.text("understood"))
    console = desk.console(server)
    console.submit("write a lot")
    server.wait_for_chunks(1, 1)
    console.submit("forget the frogs")
    console.submit("use tabs")
    console.wait_for("2 queued")
    console.press("alt+up")
    console.wait_for("│ use tabs")
    console.wait_for("held while you edit it")
    console.press(*["backspace"] * len("tabs"))
    console.type("spaces")
    console.wait_for("│ use spaces")
    console.press("enter")
    console.wait_for("2 queued")
    console.press("alt+q")
    console.wait_for("b boundary")
    console.press("up", "d")
    console.wait_for("1 queued")
    server.release()
    console.wait_for("understood")
    contents = [str(message["content"]) for message in server.requests[1].messages]
    assert contents[-1] == WRAPPED.format("use spaces")
    assert "tabs" not in server.requests[1].text()
    assert "frogs" not in server.requests[1].text()


def test_escape_keeps_the_partial_answer_and_the_queue_waits(
    desk: Desk, server: StreamingServer
) -> None:
    server.enqueue(Reply.text("half an answer").stalled_after(2), Reply.text("second answer"))
    console = desk.console(server)
    console.submit("go")
    server.wait_for_chunks(1, 2)
    console.wait_for("half")
    console.press("escape")
    console.wait_for("interrupted")
    server.release()
    console.submit("again")
    console.wait_for("second answer")
    roles = [message["role"] for message in server.requests[1].messages]
    assert roles == ["system", "user", "assistant", "user"]
    ends = [event for event in desk.events() if event["type"] == "loop_end"]
    assert [end["status"] for end in ends] == ["cancelled", "done"]


def test_send_now_interrupts_the_reply(desk: Desk, server: StreamingServer) -> None:
    server.enqueue(Reply.text("long story").stalled_after(1), Reply.text("short story"))
    console = desk.console(server)
    console.submit("tell me")
    server.wait_for_chunks(1, 1)
    console.type("shorter please")
    console.press("ctrl+s")
    console.wait_for("short story")
    server.release()
    assert "shorter please" in server.requests[1].text()


def test_line_for_after_the_run_starts_the_next_run(desk: Desk, server: StreamingServer) -> None:
    server.enqueue(Reply.text("first").stalled_after(1), Reply.text("second"))
    console = desk.console(server)
    console.submit("one")
    server.wait_for_chunks(1, 1)
    console.type("two")
    console.press("alt+enter")
    console.wait_for("after this run")
    server.release()
    console.wait_for("second")
    assert server.requests[1].messages[-1] == {"role": "user", "content": "two"}


def test_text_typed_into_the_prompt_never_answers_an_approval(
    desk: Desk, server: StreamingServer
) -> None:
    server.enqueue(
        Reply.tools(ToolCall("write_file", {"path": "a.txt", "content": "x"})),
        Reply.text("finished"),
    )
    console = desk.console(server)
    console.submit("write it")
    console.wait_for("Allow write_file?")
    console.type("yes y Y a n allow ")
    console.wait_for("yes y Y a n allow")
    assert not (desk.folder / "a.txt").exists()
    assert "permission_decision" not in desk.types()
    approve(console)
    console.wait_for("finished")
    assert (desk.folder / "a.txt").read_text() == "x"


def test_kill_9_while_streaming_loses_at_most_the_last_second(
    desk: Desk, server: StreamingServer
) -> None:
    server.enqueue(Reply.words(2000, tokens_per_second=100))
    console = desk.console(server)
    console.submit("go on")
    server.wait_for_chunks(1, 20)
    console.submit("do not lose me")
    console.wait_for("1 queued")
    server.wait_for_chunks(1, 300)
    console.kill(signal.SIGKILL)
    log = (desk.sessions()[0] / "event_log.jsonl").read_bytes()
    events = [json.loads(line) for line in log.split(b"\n")[:-1]]
    text = "".join(e["content"] for e in events if e["type"] == "agent_message_chunk")
    # A second of text may be missing, and what the console had not read yet.
    assert len(text.split()) >= 300 - 100 - 50

    again = desk.console(server, "--continue")
    again.wait_for("do not lose me")
    again.wait_for("paused")
    server.enqueue(Reply.text("not lost"))
    again.press("enter")
    again.wait_for("not lost")
    carried = [r for r in server.requests if "do not lose me" in r.text()]
    assert len(carried) == 1


def test_replay_shows_what_the_console_showed(desk: Desk, server: StreamingServer) -> None:
    server.enqueue(Reply.text("A **bold** answer."))
    console = desk.console(server)
    console.submit("say something")
    console.wait_for("A bold answer.")
    console.press("ctrl+q")
    assert console.wait_exit() == 0
    replay = desk.open("replay", desk.sessions()[0].name)
    replay.wait_for("Replay")
    replay.press("end")
    replay.wait_for("A bold answer.")
    replay.wait_for("say something")
    replay.press("q")
    assert replay.wait_exit() == 0
