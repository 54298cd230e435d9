"""A daemon without a screen, woken through standard input."""

import json
import subprocess
import sys
from pathlib import Path

from tests.support.terminal import harn_tui, isolated_environment


def test_loop_4_6_a_daemon_is_woken_over_standard_input_and_ends_when_that_closes(
    tmp_path: Path,
) -> None:
    script = tmp_path / "script.jsonl"
    replies = ("first answer", "woken by a signal", "woken by a line")
    script.write_text("".join(json.dumps({"text": text}) + "\n" for text in replies))
    process = subprocess.Popen(
        harn_tui("run", "--json", "--input", "jsonl", "--script", str(script),
                 "--set", "loop.daemon=true", "watch over it"),
        cwd=tmp_path, env=isolated_environment(tmp_path / "home"), text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=sys.stderr,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    lines: list[str] = []

    def read_until(text: str) -> None:
        for line in process.stdout or ():
            lines.append(line)
            if text in line:
                return
        raise AssertionError(f"{text!r} never came: {lines[-5:]}")

    read_until("The daemon waits")
    process.stdin.write('{"type":"resume"}\n')
    process.stdin.flush()
    read_until("The daemon waits")
    process.stdin.write('{"type":"feedback","content":"look at the log"}\n')
    process.stdin.flush()
    read_until("The daemon waits")
    process.stdin.close()
    read_until('"type":"result"')
    result = json.loads(lines[-1])
    assert process.wait(20) == 0
    process.stdout.close()
    assert result["status"] == "idle"
    assert result["text"].split("\n\n") == list(replies)
