"""Runs a case on the command line, here or as a process of its own, and looks at what it showed."""

import fcntl
import json
import struct
import subprocess
import termios
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pytest

from harn_tui.cli.main import main
from tests.e2e.loop_tables.case import Case, Json, Said, first_misfit, fits
from tests.support.terminal import harn_tui, isolated_environment
from tests.support.waiting import wait_until_blocking

_HOOKS = """
[[hooks]]
event = "PostAgentTurn"
command = ["sh", "-c", "cat >> turns.jsonl"]
"""
_LONGEST_RUN_S = 60
_SHOWN_CHARACTERS = 400


@dataclass(frozen=True)
class Ended:
    """How the program ended; ``lines`` are those on its standard output."""

    exit_code: int
    lines: list[Json]
    errors: str


def check(case: Case, folder: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Run ``case`` in ``folder`` and hold it to what its row says."""
    arguments = arguments_of(case, folder)
    if case.says or case.is_program:
        done = _run_program(case, arguments, folder, home)
    else:
        done = Ended(main(arguments), *_captured(capsys))
    assert "Traceback" not in done.errors
    *events, result = done.lines
    assert fits({"type": "result", "status": case.status, **case.result}, result), result
    assert done.exit_code == case.exit_code, done.errors
    missing = first_misfit(case.shows, events)
    assert missing is None, _told("not shown in its place", missing, events)
    for hidden in case.hides:
        shown = [line for line in events if fits(hidden, line)]
        assert not shown, _told("shown", hidden, shown)
    ends = [line for line in events if line["type"] == "loop_end"]
    assert ends[-1]["status"] == case.status
    if case.turns is not None:
        told = [payload["turn"] for payload in _documents(folder / "turns.jsonl")]
        assert fits(list(case.turns), told), told
    for name, expected in case.leaves.items():
        left = json.loads((folder / name).read_text(encoding="utf-8"))
        assert fits(expected, left), left


def arguments_of(case: Case, folder: Path) -> list[str]:
    """Write the files of ``case`` and return the arguments that run it."""
    (folder / "a.txt").write_text("alpha\n", encoding="utf-8")
    for name, text in case.files.items():
        (folder / name).write_text(text, encoding="utf-8")
    script = folder / "script.jsonl"
    script.write_text("".join(json.dumps(entry) + "\n" for entry in case.script), encoding="utf-8")
    config = folder / "config.toml"
    hooks = "" if case.turns is None else _HOOKS
    config.write_text(f"{case.toml}\n{hooks}", encoding="utf-8")
    control = ["--input", "jsonl"] if case.says else []
    choice = ["--provider", "scripted", "--script", str(script), "--config", str(config)]
    place = ["--cwd", str(folder)]
    return ["run", "--json", *choice, *place, *control, *case.arguments, "do it"]


def _captured(capsys: pytest.CaptureFixture[str]) -> tuple[list[Json], str]:
    captured = capsys.readouterr()
    return [json.loads(line) for line in captured.out.splitlines()], captured.err


def _run_program(case: Case, arguments: list[str], folder: Path, home: Path) -> Ended:
    errors = folder / "errors.txt"
    with errors.open("w", encoding="utf-8") as error_file:
        process = subprocess.Popen(
            harn_tui(*arguments),
            env=isolated_environment(home),
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=error_file,
            text=True,
            encoding="utf-8",
        )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        lines = list(_conversation(process.stdin, process.stdout, case.says))
        exit_code = process.wait(timeout=_LONGEST_RUN_S)
    return Ended(exit_code, lines, errors.read_text(encoding="utf-8"))


def _conversation(stdin: IO[str], stdout: IO[str], says: Sequence[Said]) -> Iterator[Json]:
    """Yield what the program prints; each control line is sent, and taken, in its moment."""
    left = list(says)
    for text in stdout:
        line: Json = json.loads(text)
        if left and line["type"] == left[0].after:
            said = left.pop(0).line.replace("{request_id}", str(line.get("request_id")))
            stdin.write(said + "\n")
            stdin.flush()
            wait_until_blocking(lambda: _is_empty(stdin), what="taking a control line")
        yield line


def _is_empty(pipe: IO[str]) -> bool:
    """Whether the reader of ``pipe`` has taken all that was written."""
    size = fcntl.ioctl(pipe.fileno(), termios.FIONREAD, struct.pack("i", 0))
    return struct.unpack("i", size) == (0,)


def _documents(path: Path) -> list[Json]:
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _told(what: str, wanted: Json, lines: list[Json]) -> str:
    listed = "\n".join(json.dumps(line)[:_SHOWN_CHARACTERS] for line in lines)
    return f"{what}: {wanted}\nin:\n{listed}"
