"""Forking sessions, looking at them as of an event, and following one that runs elsewhere."""

import json
import subprocess

from tests.e2e.conftest import Desk
from tests.support.reply_script import Reply
from tests.support.streaming_server import StreamingServer
from tests.support.terminal import harn_tui
from tests.support.waiting import wait_until_blocking


def _run(desk: Desk, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        harn_tui(*arguments), env=desk.environment(), cwd=desk.folder, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def _two_turns(desk: Desk, server: StreamingServer) -> tuple[str, int]:
    """Have a session of two requests; return its id and the index where the first ended."""
    server.enqueue(Reply.text("the first answer"), Reply.text("the second answer"))
    for words in ("first question", "second question"):
        done = _run(desk, "run", "--base-url", server.base_url, "--session", "origin", words)
        assert done.returncode == 0, done.stderr
    log = desk.sessions()[0] / "event_log.jsonl"
    events = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    return "origin", next(e["index"] for e in events if e["type"] == "loop_end")


def test_a_fork_goes_on_from_what_was_said_up_to_its_event(
    desk: Desk, server: StreamingServer
) -> None:
    origin, end_of_first = _two_turns(desk, server)
    log = desk.sessions()[0] / "event_log.jsonl"
    before = log.read_bytes()

    done = _run(desk, "sessions", "fork", origin, "--at", str(end_of_first), "--json")
    assert done.returncode == 0, done.stderr
    fork = json.loads(done.stdout)["session_id"]

    server.enqueue(Reply.text("another answer"))
    asked = _run(desk, "run", "--base-url", server.base_url, "--session", fork, "what if?")
    assert asked.returncode == 0, asked.stderr
    sent = server.requests[-1].body["messages"]
    words = [message["content"] for message in sent if message["role"] != "system"]
    assert words == ["first question", "the first answer", "what if?"]
    assert log.read_bytes() == before

    shown = _run(desk, "replay", "--headless", fork).stdout
    assert f"Forked from session {origin} at event {end_of_first}" in shown
    assert "the second answer" not in shown

    tree = _run(desk, "sessions", "tree").stdout.splitlines()
    assert tree[0].startswith(origin)
    assert tree[1].startswith(f"└─ {fork}")
    assert tree[1].endswith(f"(forked at event {end_of_first})")


def test_a_session_is_shown_as_of_an_event(desk: Desk, server: StreamingServer) -> None:
    origin, end_of_first = _two_turns(desk, server)
    at = ("--at", str(end_of_first), origin)

    text = _run(desk, "replay", "--headless", *at).stdout
    assert "the first answer" in text
    assert "second" not in text

    lines = _run(desk, "replay", "--headless", "--json", *at).stdout.splitlines()
    assert json.loads(lines[-1])["index"] == end_of_first
    assert len(lines) == end_of_first + 1

    replay = desk.open("replay", *at)
    replay.wait_for("the first answer")
    replay.wait_for(f"{end_of_first + 1}/")
    replay.press("f")
    replay.wait_for("Forked at event")
    replay.press("q")
    assert replay.wait_exit() == 0
    assert len(desk.sessions()) == 2


def test_an_event_that_is_not_there_is_told_in_one_line(
    desk: Desk, server: StreamingServer
) -> None:
    origin, _ = _two_turns(desk, server)
    for words in (
        ("replay", "--headless", "--at", "9999", origin),
        ("replay", "--headless", "--json", "--at", "9999", origin),
        ("sessions", "fork", "--at", "9999", origin),
    ):
        done = _run(desk, *words)
        assert done.returncode == 2
        assert "There is no event 9999" in done.stderr
        assert len(done.stderr.splitlines()) == 1
    assert len(desk.sessions()) == 1


def test_a_session_is_followed_until_its_process_ends(desk: Desk, server: StreamingServer) -> None:
    server.enqueue(Reply.text("said while somebody looked"))
    console = desk.console(server)
    console.type("hello there")
    console.press("enter")
    console.wait_for("said while somebody looked")
    session_id = desk.sessions()[0].name
    commands = [("tail", session_id), ("tail", "--json", "--from-start", session_id)]
    tails = [
        subprocess.Popen(
            harn_tui(*words), env=desk.environment(), cwd=desk.folder, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
        )
        for words in commands
    ]  # fmt: skip
    live = desk.open("replay", session_id)
    live.wait_for("live")
    live.press("end")

    server.enqueue(Reply.text("and a second answer"))
    console.type("go on")
    console.press("enter")
    console.wait_for("and a second answer")
    live.wait_for("and a second answer")
    live.press("q")
    assert live.wait_exit() == 0
    console.press("ctrl+q")
    assert console.wait_exit() == 0

    text, lines = (tail.communicate(timeout=60)[0] for tail in tails)
    assert [tail.returncode for tail in tails] == [0, 0]
    assert text.index("hello there") < text.index("go on") < text.index("and a second answer")
    log = desk.sessions()[0] / "event_log.jsonl"
    wait_until_blocking(lambda: lines == log.read_text(encoding="utf-8"))
