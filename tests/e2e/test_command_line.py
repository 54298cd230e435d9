"""The command line as a person meets it: mistakes, pipes, sessions by the start of their id."""

import json
import re
import subprocess

import pytest

from tests.e2e.conftest import Desk
from tests.support.reply_script import Reply
from tests.support.streaming_server import StreamingServer
from tests.support.terminal import harn_tui


def _run(desk: Desk, *arguments: str, stdin: str = "") -> "subprocess.CompletedProcess[str]":
    done = subprocess.run(
        harn_tui(*arguments),
        env=desk.environment(),
        cwd=desk.folder,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("sesions",), 2, "harn-tui sessions"),
        (("sesions", "list"), 2, "harn-tui sessions"),
        (("--provider", "demo", "run", "hi"), 2, "behind the command: harn-tui run"),
        (("run", "--model", "x", "hi"), 2, "--base-url"),
        (("run", ""), 2, "prompt is empty"),
        (("run", "--set", "loop.max_nudge=1", "hi"), 2, "max_nudges"),
        (("run", "--provider", "opneai", "hi"), 2, "openai"),
        (("run", "--tools", "reed_file", "hi"), 2, "read_file"),
        (("run", "--provider", "demo", "--cwd", "/nowhere/at/all", "hi"), 2, "no folder"),
        (("run", "--provider", "demo", "--image", "no.png", "hi"), 2, "no.png cannot be read"),
        (("replay", "no-such-session"), 2, "no-such-session"),
        (("replay", "--json", "x"), 2, "--headless"),
        (("run", "--input", "jsonl", "-"), 2, "standard input"),
    ],
)
def test_mistakes_are_one_line_with_what_to_do(
    desk: Desk, arguments: tuple[str, ...], code: int, says: str
) -> None:
    done = _run(desk, *arguments)
    assert done.returncode == code
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", ["", "run", "replay", "sessions", "config", "doctor"])
def test_every_command_has_help_with_an_example(desk: Desk, command: str) -> None:
    done = _run(desk, *([command] if command else []), "--help")
    assert done.returncode == 0
    assert "example" in done.stdout
    if "ACTION" in done.stdout:
        assert re.search(r"^  show +\w", done.stdout, re.MULTILINE)


def test_config_schema_names_every_loop_option(desk: Desk) -> None:
    done = _run(desk, "config", "schema")
    assert done.returncode == 0
    assert "loop.max_nudges: a whole number of at least 0" in done.stdout


def test_control_lines_steer_and_approve_a_headless_run(
    desk: Desk, server: StreamingServer
) -> None:
    server.enqueue(Reply.text("first").stalled_after(1), Reply.text("second"))
    process = subprocess.Popen(
        harn_tui("run", "--json", "--input", "jsonl", "--base-url", server.base_url, "go"),
        env=desk.environment(),
        cwd=desk.folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdin is not None
        server.wait_for_chunks(1, 1)
        process.stdin.write('nonsense\n{"type":"feedback","content":"use tabs"}\n')
        process.stdin.flush()
        log = desk.wait_for_log('"use tabs"')
        server.release()
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "control line skipped: not JSON" in err
    assert "use tabs" in server.requests[1].text()
    *lines, result = out.splitlines()
    assert lines == log.read_text(encoding="utf-8").splitlines()
    assert json.loads(result)["status"] == "done"


def test_reader_that_goes_away_ends_the_run(desk: Desk, server: StreamingServer) -> None:
    server.enqueue(Reply.words(5000, tokens_per_second=200))
    command = harn_tui("run", "--base-url", server.base_url, "talk")
    process = subprocess.Popen(
        command, env=desk.environment(), cwd=desk.folder, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdout is not None
    process.stdout.read(10)
    process.stdout.close()
    assert process.wait(timeout=60) == 130
    assert server.wait_for_end(1) == "client gone"
    (end,) = [event for event in desk.events() if event["type"] == "loop_end"]
    assert end["reason"] == "the reader of the output went away"


def test_a_signal_is_named_and_a_closed_standard_error_is_no_fault(
    desk: Desk, server: StreamingServer
) -> None:
    server.enqueue(Reply.words(5000, tokens_per_second=200))
    command = harn_tui("run", "--base-url", server.base_url, "talk")
    process = subprocess.Popen(
        command, env=desk.environment(), cwd=desk.folder, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    process.stderr.close()
    process.stdout.read(10)
    process.terminate()
    process.communicate()
    assert process.returncode == 130
    (end,) = [event for event in desk.events() if event["type"] == "loop_end"]
    assert end["reason"] == "the program was told to end by SIGTERM"
    logs = "".join(path.read_text() for path in desk.home.rglob("harn-tui.log"))
    assert "BrokenPipeError" not in logs


def test_session_is_found_by_the_start_of_its_id(desk: Desk, server: StreamingServer) -> None:
    server.enqueue(Reply.text("remember this"))
    done = _run(desk, "run", "--base-url", server.base_url, "hello")
    assert done.returncode == 0
    start = desk.sessions()[0].name[:13]
    done = _run(desk, "replay", "--headless", start)
    assert "remember this" in done.stdout
    again = _run(desk, "run", "--base-url", server.base_url, "--session", start, "and now?")
    assert again.returncode == 0
    assert len(desk.sessions()) == 1
    assert "remember this" in server.requests[1].text()


def test_session_in_which_nothing_was_said_leaves_nothing(
    desk: Desk, server: StreamingServer
) -> None:
    console = desk.console(server)
    console.press("ctrl+q")
    assert console.wait_exit() == 0
    assert desk.sessions() == []


def test_replay_json_prints_the_log_byte_for_byte(desk: Desk, server: StreamingServer) -> None:
    server.enqueue(Reply.text("x"))
    _run(desk, "run", "--base-url", server.base_url, "hello")
    log = desk.sessions()[0] / "event_log.jsonl"
    with log.open("ab") as file:
        file.write(
            b'{"index":999,"emitted_at_ms":1,"frame_depth":null,"type":"new","session_id":"s"}\n'
        )
    done = _run(desk, "replay", "--headless", "--json", str(log))
    assert done.stdout == log.read_text(encoding="utf-8")
