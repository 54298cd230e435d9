"""What goes wrong around a console: each a clear message, nothing lost, usable afterwards."""

import signal
import socket
import subprocess

import pytest

from tests.e2e.conftest import Desk
from tests.support.reply_script import Reply, ToolCall
from tests.support.streaming_server import StreamingServer
from tests.support.terminal import Terminal, harn_tui

NO_RETRIES = ("--set", "loop.llm_retries=0")


def _is_usable(console: Terminal, server: StreamingServer) -> None:
    """Send one more line and see its answer."""
    server.enqueue(Reply.text("works again"))
    console.submit("once more")
    console.wait_for("works again")


@pytest.mark.parametrize(
    ("status", "says"),
    [(401, "401"), (404, "404"), (429, "429"), (500, "500"), (503, "503"), (400, "400")],
)
def test_error_of_the_server_is_told_and_the_console_stays_usable(
    desk: Desk, server: StreamingServer, status: int, says: str
) -> None:
    server.enqueue(Reply.failure(status, "the server says no"))
    console = desk.console(server, *NO_RETRIES, columns=200)
    console.submit("hello")
    console.wait_for("the server says no")
    assert any(says in line for line in console.lines())
    _is_usable(console, server)


def test_unreachable_server_is_told_with_its_address(desk: Desk) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    console = desk.open("--base-url", f"http://127.0.0.1:{port}/v1", "--model", "m", *NO_RETRIES)
    console.wait_for("What shall be done?")
    console.submit("hello")
    console.wait_for(f"127.0.0.1:{port}")
    console.type("still typing")
    console.wait_for("still typing")


def test_retry_after_is_honoured_and_shown(desk: Desk, server: StreamingServer) -> None:
    server.enqueue(Reply.failure(429, "slow down", retry_after="0.2"), Reply.text("here it is"))
    console = desk.console(server)
    console.submit("hello")
    console.wait_for("here it is")
    console.wait_for("Retry 1 in 0.2 s")
    first, second = server.requests
    assert second.arrived_at - first.arrived_at >= 0.2


@pytest.mark.parametrize("kind", ["cut", "malformed", "error in the stream", "truncated"])
def test_broken_stream_is_never_a_complete_reply(
    desk: Desk, server: StreamingServer, kind: str
) -> None:
    broken = {
        "cut": Reply.text("half an answer").cut_after(2),
        "malformed": Reply.text("half an answer").malformed_after(2),
        "error in the stream": Reply.text("half an answer").failing_after(2, "broke"),
        "truncated": Reply.text("half an answer").truncated_after(2),
    }[kind]
    server.enqueue(broken, Reply.text("the whole answer"))
    console = desk.console(server, "--set", "loop.llm_backoff_ms=0")
    console.submit("hello")
    console.wait_for("the whole answer")
    console.wait_for("Retry 1")
    recorded = [e for e in desk.events() if e["type"] == "message_recorded"]
    assert [e["message"]["content"] for e in recorded][1:] == ["the whole answer"]


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (ToolCall("read_file", '{"path": '), "not"),
        (ToolCall("no_such_tool", {}), "no tool called"),
        (ToolCall("read_file", {"path": "missing.txt"}), "missing.txt"),
        (ToolCall("read_file", {"path": "binary.bin"}), "binary"),
        (ToolCall("read_file", {"path": "/etc/passwd"}), "outside"),
        (ToolCall("read_file", {}), "missing required parameter"),
    ],
)
def test_bad_tool_call_is_told_to_the_model_and_the_run_goes_on(
    desk: Desk, server: StreamingServer, call: ToolCall, says: str
) -> None:
    (desk.folder / "binary.bin").write_bytes(bytes(range(256)) * 40)
    server.enqueue(Reply.tools(call), Reply.text("I see"))
    console = desk.console(server)
    console.submit("try it")
    console.wait_for("I see")
    assert says in str(server.requests[1].messages[-1]["content"])


def test_huge_file_is_read_in_part(desk: Desk, server: StreamingServer) -> None:
    (desk.folder / "huge.txt").write_text("a line of text\n" * 400_000)
    server.enqueue(Reply.tools(ToolCall("read_file", {"path": "huge.txt"})), Reply.text("long"))
    console = desk.console(server)
    console.submit("read")
    console.wait_for("long")
    assert len(str(server.requests[1].messages[-1]["content"])) < 200_000


def test_hanging_tool_is_stopped_by_its_time_limit(desk: Desk, server: StreamingServer) -> None:
    server.enqueue(
        Reply.tools(ToolCall("run_command", {"command": "sleep 1000", "timeout_s": 1})),
        Reply.text("it took too long"),
    )
    console = desk.console(server, "--set", 'permissions.allow=["run_command"]')
    console.submit("wait")
    console.wait_for("it took too long")
    ends = [e for e in desk.events() if e.get("error_category") == "timeout"]
    assert len(ends) == 1


def test_prompt_of_one_megabyte_is_sent_whole(desk: Desk, server: StreamingServer) -> None:
    text = "0123456789abcde\n" * 65_536
    server.enqueue(Reply.text("that was a lot"))
    console = desk.console(server)
    console.paste(text)
    console.wait_for("paste #1")
    console.press("enter")
    console.wait_for("that was a lot")
    assert str(server.requests[0].messages[-1]["content"]).strip() == text.strip()


def test_damaged_log_opens_with_its_damage_visible(desk: Desk, server: StreamingServer) -> None:
    server.enqueue(Reply.text("an answer"))
    console = desk.console(server)
    console.submit("hello")
    console.wait_for("an answer")
    console.press("ctrl+q")
    console.wait_exit()
    log = desk.sessions()[0] / "event_log.jsonl"
    lines = log.read_bytes().splitlines()
    envelope = b'{"index":3,"emitted_at_ms":1,"frame_depth":null,'
    unknown = envelope + b'"type":"from_the_future","session_id":"s"}'
    log.write_bytes(b"\n".join([*lines[:3], b"\x00 not json", unknown, *lines[3:], b'{"torn":']))
    again = desk.console(server, "--continue")
    again.wait_for("an answer")
    again.wait_for("unreadable")
    again.wait_for("from_the_future")
    _is_usable(again, server)


def test_no_terminal_on_stdout_is_a_usage_error(desk: Desk) -> None:
    done = subprocess.run(
        harn_tui("--provider", "demo"),
        env=desk.environment(),
        cwd=desk.folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "needs a terminal" in done.stderr
    assert "Traceback" not in done.stderr


def test_console_in_a_terminal_of_40_by_10_can_be_used(desk: Desk, server: StreamingServer) -> None:
    server.enqueue(Reply.text("fits"))
    console = desk.open("--base-url", server.base_url, "--model", "m", columns=40, rows=10)
    console.wait_for("What shall be done?")
    console.submit("hi")
    console.wait_for("fits")


def test_keys_typed_before_the_console_is_ready_are_kept(
    desk: Desk, server: StreamingServer
) -> None:
    server.enqueue(Reply.text("got it"))
    console = desk.open("--base-url", server.base_url, "--model", "m")
    console.submit("typed very early")
    console.wait_for("got it")
    assert server.requests[0].messages[-1]["content"] == "typed very early"


def test_hostile_text_reaches_the_screen_without_its_power(
    desk: Desk, server: StreamingServer
) -> None:
    server.enqueue(Reply.text("\x1b]0;owned\x07 [red]x[/x] \x1b[2J\u202egpj.exe end"))
    console = desk.console(server)
    console.submit("be nasty")
    console.wait_for("end")
    console.wait_for("be nasty")
    assert b"]0;owned\x07" not in console.output


def test_resize_storm_leaves_a_right_screen(desk: Desk, server: StreamingServer) -> None:
    server.enqueue(Reply.words(200, tokens_per_second=400))
    console = desk.console(server)
    console.submit("talk")
    for columns in (40, 120, 61, 160, 33, 90):
        console.resize(columns, 10 + columns // 5)
        console.type("x")
    console.wait_for("xxxxxx")
    console.wait_for("word199")
    console.wait_for("idle")
    console.type("y")  # what came before it is drawn by the time that it is
    console.wait_for("xxxxxxy")
    seen = console.lines()
    console.kill(signal.SIGTSTP)
    console.wait_until_stopped()
    console.kill(signal.SIGCONT)
    console.wait_for(lambda lines: lines == seen)


def test_ctrl_c_clears_the_draft_and_can_be_undone(desk: Desk, server: StreamingServer) -> None:
    console = desk.console(server)
    console.type("a precious thought")
    console.wait_for("a precious thought")
    console.press("ctrl+c")
    console.wait_until_gone("a precious thought")
    console.press("ctrl+c")
    console.press("ctrl+c")
    console.wait_exit()
