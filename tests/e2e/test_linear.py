"""The console as plain lines: in a terminal, and behind a pipe."""

import subprocess

from tests.e2e.conftest import Desk
from tests.support.reply_script import Reply, ToolCall
from tests.support.streaming_server import StreamingServer
from tests.support.terminal import Terminal, harn_tui


def linear(desk: Desk, server: StreamingServer, *arguments: str) -> Terminal:
    options = ("--base-url", server.base_url, "--model", "m", "--linear", *arguments)
    console = desk.open(*options)
    console.wait_for("/help says what else can be typed.")
    return console


def test_a_person_asks_answers_by_number_and_leaves(desk: Desk, server: StreamingServer) -> None:
    server.enqueue(
        Reply.tools(ToolCall("run_command", {"command": "echo it-ran"})), Reply.text("all done")
    )
    console = linear(desk, server)
    console.type("run it\r")
    console.wait_for("Approval needed. run_command: echo it-ran")
    console.type("1 thanks\r")
    console.wait_for("Assistant: all done")
    console.wait_for("The run is done.")
    assert not console.is_full_screen
    request = server.requests[1].text()
    assert "it-ran" in request
    assert "thanks" in request
    console.type("/quit\r")
    console.wait_for(
        f"To go on with this session: harn-tui --linear --resume {desk.sessions()[0].name}"
    )
    assert console.wait_exit() == 0


def test_a_line_steers_and_a_stop_keeps_the_result_of_the_call(
    desk: Desk, server: StreamingServer
) -> None:
    wait = "echo begun; while [ ! -e go ]; do sleep 0.05; done; echo all of it"
    server.enqueue(Reply.tools(ToolCall("run_command", {"command": wait})), Reply.text("seen"))
    console = linear(desk, server, "--set", "permissions.allow={run_command=true}")
    console.type("wait for it\r")
    console.wait_for("Tool running echo begun")
    console.type("use tabs\r")
    console.wait_for("Queued: it enters before the next model call.")
    console.type("/stop\r")
    console.wait_for("Stopping when this tool call ends")
    (desk.folder / "go").touch()
    console.wait_for("The run was stopped.")
    console.type("/queue\r")
    console.wait_for("use tabs")
    console.type("/resume\r")
    console.wait_for("Assistant: seen")
    assert "all of it" in server.requests[1].text()
    assert "use tabs" in server.requests[1].text()


def test_ctrl_c_stops_the_run_and_then_leaves(desk: Desk, server: StreamingServer) -> None:
    server.enqueue(Reply.text("half an answer").stalled_after(2))
    console = linear(desk, server)
    console.type("go\r")
    server.wait_for_chunks(1, 2)
    console.press("ctrl+c")
    console.wait_for("The run was stopped.")
    console.press("ctrl+c")
    assert console.wait_exit() == 0
    server.release()


def test_behind_a_pipe_it_works_to_the_end_and_refuses_what_nobody_can_answer(
    desk: Desk, server: StreamingServer
) -> None:
    server.enqueue(
        Reply.tools(ToolCall("run_command", {"command": "touch made"})), Reply.text("without it")
    )
    command = harn_tui("--base-url", server.base_url, "--model", "m", "--linear", "make it")
    done = subprocess.run(
        command,
        input="\n",
        capture_output=True,
        text=True,
        env=desk.environment(),
        cwd=desk.folder,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0
    assert "Refused this once." in done.stdout
    assert "Assistant: without it" in done.stdout
    assert done.stdout.endswith("The run is done.\n")
    assert "\x1b" not in done.stdout
    assert not (desk.folder / "made").exists()


def test_a_question_of_the_model_is_answered_by_the_number_of_an_option(
    desk: Desk, server: StreamingServer
) -> None:
    asked = {"question": "Which one?", "options": [{"label": "tabs"}, {"label": "spaces"}]}
    server.enqueue(Reply.tools(ToolCall("ask_user", asked)), Reply.text("as you like"))
    console = linear(desk, server)
    console.type("format it\r")
    console.wait_for("Option 2: spaces")
    console.type("/answer 2\r")
    console.wait_for("Assistant: as you like")
    assert "spaces" in server.requests[1].messages[-1]["content"]
