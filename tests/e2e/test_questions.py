"""A model's question in the real program: answered in the console, and without a screen."""

import json
import signal
import subprocess
from typing import Any

import pytest

from harn_tui.json_types import JsonObject
from tests.e2e.conftest import Desk
from tests.support.reply_script import Reply, ToolCall
from tests.support.streaming_server import StreamingServer
from tests.support.terminal import Terminal, harn_tui
from tests.support.waiting import wait_until_blocking

QUESTION: JsonObject = {
    "question": "Which colour shall it have?",
    "options": [{"label": "Red"}, {"label": "Blue", "description": "as the sea"}],
}


def write_script(desk: Desk, *calls: tuple[str, JsonObject], last: str = "Thank you.") -> str:
    """Write replies that make these calls, each in a turn of its own, and then end."""
    script = desk.folder / "script.jsonl"
    replies: list[dict[str, Any]] = [
        {"text": "", "tool_calls": [{"name": name, "arguments": arguments}]}
        for name, arguments in calls
    ]
    lines = [json.dumps(reply) + "\n" for reply in (*replies, {"text": last})]
    script.write_text("".join(lines), encoding="utf-8")
    return str(script)


def ask_in_console(desk: Desk, *calls: tuple[str, JsonObject], last: str = "") -> Terminal:
    console = desk.open("--script", write_script(desk, *calls, last=last or "Thank you."))
    console.wait_for("What shall be done?")
    console.wait_until_gone("opening the session")
    console.submit("paint it")
    console.wait_for("Which colour shall it have?")
    console.wait_for("waiting for you")
    return console


def keys_are_lit(console: Terminal) -> bool:
    """Whether an answer would count: the keys of the dock are bold from then on."""
    row = console.row_of("1-2 choose")
    return console.cell(row, console.lines()[row].index("1-2 choose")).bold


def outcomes(desk: Desk) -> list[tuple[str, list[str]]]:
    events = [e for e in desk.events() if e["type"] == "question_answered"]
    return [(event["outcome"], event["answers"]) for event in events]


def test_question_is_answered_by_choosing_inside_the_dock(desk: Desk) -> None:
    console = ask_in_console(desk, ("ask_user", QUESTION))
    console.press("ctrl+o")
    console.wait_for("decline")
    console.type("2")
    console.wait_for("▸  2 ●")
    wait_until_blocking(lambda: keys_are_lit(console), 20.0)
    console.press("enter")
    console.wait_for("Thank you.")
    console.wait_for("> Blue")
    assert outcomes(desk) == [("answered", ["Blue"])]


def test_question_is_answered_in_words_from_the_prompt(desk: Desk) -> None:
    console = ask_in_console(desk, ("ask_user", QUESTION))
    console.press("alt+w")
    console.wait_for("Your answer to: Which colour")
    console.submit("rather green")
    console.wait_for("Thank you.")
    console.wait_for("> rather green")
    assert outcomes(desk) == [("answered", ["rather green"])]


def test_cancelled_run_takes_its_question_back(desk: Desk) -> None:
    console = ask_in_console(desk, ("ask_user", QUESTION))
    console.press("escape")
    console.wait_until_gone("go in to choose")
    console.wait_for("interrupted")
    desk.wait_for_log("loop_end")
    assert outcomes(desk) == [("withdrawn", [])]


def headless(desk: Desk, *options: str, said: str | None = None) -> "subprocess.Popen[str]":
    script = write_script(desk, ("ask_user", QUESTION))
    return subprocess.Popen(
        harn_tui("run", "--json", "--script", script, *options, "paint it"),
        cwd=desk.folder, env=desk.environment(), text=True,
        stdin=subprocess.PIPE if said is not None else subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


@pytest.mark.parametrize("answer", ['"answer":"2"', '"answers":["blue"]'])
def test_question_is_answered_over_standard_input(desk: Desk, answer: str) -> None:
    with headless(desk, "--input", "jsonl", said=answer) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        asked = next(json.loads(line) for line in process.stdout if "question_asked" in line)
        process.stdin.write('{"type":"answer","question_id":"question_0","answer":"x"}\n')
        process.stdin.write('{"type":"answer","question_id":7}\nnot JSON\n')
        line = f'{{"type":"answer","question_id":"{asked["question_id"]}",{answer}}}\n'
        process.stdin.write(line)
        process.stdin.flush()
        result = json.loads(list(process.stdout)[-1])
        assert process.stderr is not None
        told = process.stderr.read()
        assert process.wait(20) == 0
    assert result["status"] == "done"
    assert outcomes(desk) == [("answered", ["Blue"])]
    assert "no question question_0 is open" in told
    assert told.count("control line skipped") == 2
    assert "Traceback" not in told


@pytest.mark.parametrize("options", [(), ("--yes",), ("--input", "jsonl")])
def test_nobody_can_be_asked_where_nothing_can_be_said(
    desk: Desk, options: tuple[str, ...]
) -> None:
    with headless(desk, *options) as process:
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
    assert outcomes(desk) == [("nobody", [])]
    ended = [e for e in desk.events() if e["type"] == "tool_call_update" and e["error"]]
    assert "Nobody can be asked in this run" in ended[-1]["error"]
    assert json.loads(out.splitlines()[-1])["text"].endswith("Thank you.")


@pytest.mark.parametrize("is_killed", [True, False])
def test_question_that_was_open_is_put_again_and_the_run_goes_on(
    desk: Desk, server: StreamingServer, is_killed: bool
) -> None:
    server.enqueue(Reply.tools(ToolCall("ask_user", QUESTION)))
    console = desk.console(server)
    console.submit("go")
    console.wait_for("Which colour shall it have?")
    if is_killed:
        console.kill(signal.SIGKILL)
    else:
        console.press("ctrl+q")
        assert console.wait_exit() == 0

    server.enqueue(Reply.text("as you like"))
    again = desk.console(server, "--continue")
    again.wait_for("Which colour shall it have?")
    again.wait_for("waiting for you")
    assert len(server.requests) == 1
    again.wait_for("answer in words")
    again.press("alt+w")
    again.wait_for("Your answer to: Which colour")
    again.submit("green, please")
    again.wait_for("as you like")
    assert "green, please" in str(server.requests[1].messages[-1]["content"])
    assert desk.types().count("question_answered") == 1
