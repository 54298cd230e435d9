"""What a plug-in prints stands neither between the lines of a run nor on the screen."""

import json
import subprocess
from pathlib import Path

import pytest

from harn_tui.cli.own_output import STRAY_FILE_NAME, standard_output_kept
from tests.support.terminal import Terminal, harn_tui, isolated_environment

PLUGIN = '''
import os
import subprocess
import sys
import threading

from harn_tui.tools.authoring import tool

print("NOISE of the import")
os.write(1, b"NOISE of the import at the descriptor\\n")


@tool(kind="read")
def chatter() -> str:
    """Prints in every way there is."""
    print("NOISE of print")
    sys.__stdout__.write("NOISE of the other stream\\n")
    sys.__stdout__.flush()
    os.write(1, b"NOISE at the descriptor\\n")
    os.write(2, b"NOISE at the second descriptor\\n")
    thread = threading.Thread(target=print, args=("NOISE of a thread",))
    thread.start()
    thread.join()
    subprocess.run(["sh", "-c", "echo NOISE of a command; echo NOISE of it >&2"], check=True)
    return "chattered"
'''
LIMIT_S = 120
SAID = 7


def _work(folder: Path) -> tuple[Path, dict[str, str], Path]:
    """Return a trusted folder with the plug-in, the environment and the script to play."""
    work = folder / "work"
    (work / ".harn" / "tools").mkdir(parents=True)
    (work / ".harn" / "tools" / "noisy.py").write_text(PLUGIN)
    environment = isolated_environment(folder / "home")
    home = Path(environment["HARN_TUI_HOME"])
    home.mkdir(parents=True)
    (home / "trusted_folders").write_text(f"{work.resolve()}\n")
    script = folder / "script.jsonl"
    call = {"tool_calls": [{"name": "chatter", "arguments": {}}]}
    script.write_text(f"{json.dumps(call)}\n{json.dumps({'text': 'quite done'})}\n")
    return work, environment, script


@pytest.mark.parametrize("output", ["--json", None])
def test_run_prints_only_its_own_lines_on_standard_output(
    tmp_path: Path, output: str | None
) -> None:
    work, environment, script = _work(tmp_path)
    options = ["--script", str(script), *([output] if output else [])]
    done = subprocess.run(
        harn_tui("run", *options, "go"), cwd=work, env=environment, text=True,
        stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=LIMIT_S,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    if output is None:
        assert done.stdout == "quite done\n"
    else:
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        assert lines[-1]["type"] == "result"
        assert "chattered" in done.stdout
    assert done.stderr.count("NOISE") == SAID + 2


def test_run_whose_standard_error_is_closed_keeps_its_lines_all_the_same(tmp_path: Path) -> None:
    work, environment, script = _work(tmp_path)
    done = subprocess.run(
        ["sh", "-c", '"$@" 2>&-', "sh", *harn_tui("run", "--json", "--script", str(script), "go")],
        cwd=work, env=environment, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False, timeout=LIMIT_S,
    )  # fmt: skip
    assert all(json.loads(line)["type"] for line in done.stdout.splitlines())


def test_output_without_a_descriptor_is_kept_apart_from_what_is_printed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with standard_output_kept() as out:
        print("NOISE")
        out.write("a line\n")
    print("after it")
    assert tuple(capsys.readouterr()) == ("a line\nafter it\n", "NOISE\n")


def test_console_shows_nothing_of_it_and_follows_the_size_of_the_terminal(tmp_path: Path) -> None:
    work, environment, script = _work(tmp_path)
    with Terminal(
        harn_tui("--script", str(script), "go"), env=environment, cwd=work, columns=80, rows=24
    ) as console:
        console.wait_for("quite done")
        console.resize(100, 30)
        console.wait_for(lambda lines: len(lines) == 30 and len(lines[-1].rstrip()) > 80)
        console.press("ctrl+q")
        assert console.wait_exit() == 0
        assert b"NOISE" not in console.output
        assert "to go on with this session" in console.printed()
    stray = Path(environment["HARN_TUI_HOME"]) / "logs" / STRAY_FILE_NAME
    assert "NOISE at the descriptor" in stray.read_text()
    assert "NOISE of a command" in stray.read_text()
    assert stray.stat().st_mode & 0o777 == 0o600
