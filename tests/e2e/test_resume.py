"""Taking a stored session up again: by id, in the picker, and while it is open elsewhere."""

import signal
import subprocess

from tests.e2e.conftest import Desk
from tests.e2e.test_command_line import _run
from tests.support.reply_script import Reply, ToolCall
from tests.support.streaming_server import StreamingServer
from tests.support.terminal import Terminal, harn_tui
from tests.support.waiting import wait_until_blocking


def _open(desk: Desk, server: StreamingServer, *arguments: str) -> Terminal:
    return desk.open("--base-url", server.base_url, "--model", "m", *arguments)


def test_a_session_chosen_in_the_picker_goes_on(desk: Desk, server: StreamingServer) -> None:
    server.enqueue(Reply.text("remember this"), Reply.text("the other one"), Reply.text("I do"))
    _run(desk, "run", "--base-url", server.base_url, "first request")
    _run(desk, "run", "--base-url", server.base_url, "second request")

    console = _open(desk, server, "--resume")
    console.wait_for("second request")
    console.type("first")
    console.wait_for("1 session")
    console.press("enter")
    console.wait_for("What shall be done?")  # the list shows the words of the session too
    console.wait_until_gone("opening the session")
    console.wait_for("remember this")
    console.submit("do you?")
    console.wait_for("I do")

    assert "remember this" in server.wait_for_request(3).text()
    assert len(desk.sessions()) == 2
    console.press("ctrl+q")
    assert console.wait_exit() == 0


def test_the_command_that_is_named_at_the_end_goes_on_with_the_same_server(
    desk: Desk, server: StreamingServer
) -> None:
    server.enqueue(Reply.text("remember this"), Reply.text("I do"))
    console = _open(desk, server)
    console.wait_for("What shall be done?")
    console.submit("hello")
    console.wait_for("remember this")
    console.press("ctrl+q")
    assert console.wait_exit() == 0
    named = console.output.decode().rpartition("harn-tui --resume ")[2].split()[0]
    again = desk.open("--resume", named, OPENAI_API_KEY="of-somebody-else")
    again.wait_for("remember this")
    again.wait_for("m (openai)")
    again.submit("do you?")
    again.wait_for("I do")
    assert "remember this" in server.wait_for_request(2).text()


def test_after_kill_9_queue_draft_open_approval_and_view_are_back(
    desk: Desk, server: StreamingServer
) -> None:
    written = ToolCall("write_file", {"path": "a.txt", "content": "x"})
    server.enqueue(Reply.tools(written, text="I **write** it:\n\n1. first\n2. second\n"))
    console = desk.console(server, columns=90)
    console.submit("write it")
    console.wait_for("Allow write_file?")
    console.submit("and a second one")
    console.wait_for("○ and a second one")
    console.type("half a thought")
    state = desk.sessions()[0] / "state.json"
    wait_until_blocking(lambda: "half a thought" in state.read_text(encoding="utf-8"))
    shown = console.lines()
    said = shown[: next(row for row, line in enumerate(shown) if "a.txt" in line)]
    console.kill(signal.SIGKILL)

    again = desk.open("--base-url", server.base_url, "--continue", columns=90)
    again.wait_for("│ half a thought")
    again.wait_for("Allow write_file?")
    again.wait_for("○ and a second one")
    again.wait_for(lambda lines: lines[: len(said)] == said)
    assert not (desk.folder / "a.txt").exists()
    assert len(server.requests) == 1


def test_what_is_typed_on_the_way_to_another_session_is_in_its_prompt(
    desk: Desk, server: StreamingServer
) -> None:
    server.enqueue(Reply.text("remember this"), Reply.text("here"), Reply.text("I do"))
    elsewhere = desk.folder.parent / "elsewhere"
    (elsewhere / ".harn").mkdir(parents=True)
    words = harn_tui("run", "--base-url", server.base_url, "the first request")
    subprocess.run(words, env=desk.environment(), cwd=elsewhere, check=True, timeout=60)

    console = desk.console(server)
    console.submit("hello")
    console.wait_for("here")
    console.press("ctrl+q")
    assert console.wait_exit() == 0
    console = desk.console(server, "--resume", "hello")
    console.type("left behind")
    console.press("alt+h")
    console.wait_for("the first request")
    console.type("the first")
    console.wait_for("1 session")
    console.press("enter")
    console.wait_until_gone("1 session")
    console.type("do you?")
    console.wait_for("│ do you?")
    console.wait_for("remember this")
    console.press("enter")
    console.wait_for("I do")
    asked = server.wait_for_request(3).text()
    assert "remember this" in asked
    assert str(elsewhere) in asked, "the folder of that session, not of this one"

    console.press("alt+h")
    console.wait_for("hello")
    console.type("hello")
    console.wait_for("1 session")
    console.press("enter")
    console.wait_for("│ left behind")
    console.press("ctrl+q")
    assert console.wait_exit() == 0
    assert len(desk.sessions()) == 2
    for session in desk.sessions():
        assert f"--resume {session.name}" in console.output.decode()


def test_a_place_found_in_the_picker_is_replayed(desk: Desk, server: StreamingServer) -> None:
    server.enqueue(Reply.text("the needle is here"))
    _run(desk, "run", "--base-url", server.base_url, "first request")

    console = _open(desk, server, "--resume")
    console.wait_for("first request")
    console.type("/needle")
    console.wait_for("1 place")
    console.press("ctrl+r")
    console.wait_for("the needle is here")
    console.wait_for("Replay")
    console.press("q")
    assert console.wait_exit() == 0


def test_leaving_the_picker_starts_nothing(desk: Desk, server: StreamingServer) -> None:
    console = _open(desk, server, "--resume")
    console.wait_for("0 sessions")
    console.press("escape")
    assert console.wait_exit() == 0
    assert not (desk.home / "harn-tui" / "sessions").exists()


def test_a_session_that_is_open_elsewhere_is_followed_read_only(
    desk: Desk, server: StreamingServer
) -> None:
    server.enqueue(Reply.text("the first answer"), Reply.text("the second answer"))
    first = desk.console(server)
    first.submit("hello")
    first.wait_for("the first answer")
    desk.wait_for_log("loop_end")
    session_id = desk.sessions()[0].name

    second = desk.open("--resume", session_id)
    second.wait_for("read only")
    second.wait_for("the first answer")
    first.submit("go on")
    first.wait_for("the second answer")
    second.wait_for("the second answer")

    second.press("q")
    assert second.wait_exit() == 0
    first.press("ctrl+q")
    assert first.wait_exit() == 0


def test_a_session_of_a_newer_program_is_refused_and_left_alone(desk: Desk) -> None:
    folder = desk.home / "harn-tui" / "sessions" / "newer-one"
    folder.mkdir(parents=True)
    line = (
        b'{"index":0,"emitted_at_ms":1,"frame_depth":null,"type":"session_start","session_id":'
        b'"newer-one","cwd":"/","model":"m","provider":"p","tool_format":"native","schema_version":2}\n'
    )
    (folder / "event_log.jsonl").write_bytes(line)
    (folder / "state.json").write_bytes(b'{"schema_version": 2, "title": "new"}')

    done = _run(desk, "run", "--provider", "demo", "--session", "newer-one", "hello")

    assert done.returncode == 1
    assert "written by a newer program" in done.stderr
    assert (folder / "event_log.jsonl").read_bytes() == line
    assert (folder / "state.json").read_bytes() == b'{"schema_version": 2, "title": "new"}'


def test_choices_that_exclude_each_other_are_usage_errors(desk: Desk) -> None:
    for words, hint in (
        (("--resume", "x", "--continue"), "Give one."),
        (("--linear", "--resume"), "sessions list"),
    ):
        done = _run(desk, *words)
        assert done.returncode == 2
        assert hint in done.stderr
    done = _run(desk, "--linear", "--resume", "no-such-session")
    assert done.returncode == 2
    assert "There is no session no-such-session" in done.stderr
