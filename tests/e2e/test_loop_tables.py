"""Every row of the loop's tables, reproduced by a configuration and a script alone.

``harn-tui run --config FILE --provider scripted --script FILE`` is all that a case needs: no
Python, no server. The exit codes of the statuses are those of docs/loop.md.
"""

import signal
import subprocess
from pathlib import Path

import pytest

from harn_tui.cli.main import main
from tests.e2e.loop_tables.case import Case
from tests.e2e.loop_tables.completions import COMPLETION_CASES, VERIFICATION_CASES
from tests.e2e.loop_tables.daemon import DAEMON_CASES
from tests.e2e.loop_tables.forms import NATIVE, run_command
from tests.e2e.loop_tables.program import arguments_of, check
from tests.e2e.loop_tables.statuses import PRECEDENCE_CASES, STATUS_CASES
from tests.e2e.loop_tables.text_turns import NUDGE_CASES, TEXT_TURN_CASES
from tests.e2e.loop_tables.tool_turns import TOOL_TURN_CASES
from tests.support.terminal import harn_tui, isolated_environment


def rows(cases: list[Case]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", cases, ids=[case.row for case in cases])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder to work in."""
    path = tmp_path / "work"
    path.mkdir()
    return path


@rows(STATUS_CASES)
def test_loop_3_1_status(
    case: Case, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    check(case, folder, tmp_path / "home", capsys)


@rows(PRECEDENCE_CASES)
def test_loop_3_2_precedence(
    case: Case, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    check(case, folder, tmp_path / "home", capsys)


@rows(TOOL_TURN_CASES)
def test_loop_4_1_tool_turn(
    case: Case, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    check(case, folder, tmp_path / "home", capsys)


@rows(TEXT_TURN_CASES)
def test_loop_4_2_text_only_turn(
    case: Case, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    check(case, folder, tmp_path / "home", capsys)


@rows(NUDGE_CASES)
def test_loop_4_3_nudge(
    case: Case, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    check(case, folder, tmp_path / "home", capsys)


@rows(COMPLETION_CASES)
def test_loop_4_4_completion(
    case: Case, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    check(case, folder, tmp_path / "home", capsys)


@rows(VERIFICATION_CASES)
def test_loop_4_5_verification(
    case: Case, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    check(case, folder, tmp_path / "home", capsys)


@rows(DAEMON_CASES)
def test_loop_4_6_daemon(
    case: Case, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    check(case, folder, tmp_path / "home", capsys)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_loop_3_1_a_signal_cancels_the_run(
    number: signal.Signals, folder: Path, tmp_path: Path
) -> None:
    case = Case("", [NATIVE.calls(run_command("echo hi"))], "cancelled")
    process = subprocess.Popen(
        harn_tui(*arguments_of(case, folder), "--input", "jsonl"),
        env=isolated_environment(tmp_path / "home"),
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        while '"permission_request"' not in process.stdout.readline():
            pass
        process.send_signal(number)
        *_, result = process.stdout.readlines()
    assert '"status":"cancelled"' in result
    assert process.returncode == case.exit_code == 130


REFUSED = [
    ("max_iterations = 0", "a whole number of at least 1"),
    ("max_iterations = -1", "a whole number of at least 1"),
    ("token_budget = 0", "a whole number of at least 1"),
    ("total_budget_usd = 0", "a number greater than 0"),
    ("max_nudges = 1.5", "a whole number of at least 0"),
    ('persistent = "yes"', "true or false"),
    ('tool_format = "json"', '"native", "text"'),
    ('native_tool_fallback = "maybe"', '"allow", "allow_once", "reject"'),
    ('stop_after_successful_tools = "read_file"', "a list of texts"),
    ("turn_policy = { max_prose = 3 }", "max_prose_chars"),
    ('post_turn_callback = "notify"', "a list of the program and its arguments"),
    ('profile = "fast"', '"tool_using", "researcher", "verifier", "completer"'),
    ("max_nudge = 1", "max_nudges"),
    ('require_successful_tools = ["no_such_tool"]', "read_file"),
    ('skills = ["deploy"]', "there is no such skill"),
    ("task_ledger = { deliverables = 1 }", "task_ledger"),
    ('compact_strategy = "custom"', "compact_callback"),
    ('summarize_prompt = "nowhere.txt"', "nowhere.txt"),
]


@pytest.mark.parametrize(("option", "says"), REFUSED, ids=[option for option, _ in REFUSED])
def test_loop_2_2_an_option_that_cannot_be_used_is_refused_before_the_first_event(
    option: str, says: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = Case("", [NATIVE.says("never asked")], "error", f"[loop]\n{option}\n")
    assert main(arguments_of(case, folder)) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert says in captured.err
    assert len(captured.err.splitlines()) == 1


def test_loop_2_2_a_refusal_is_the_exit_code_of_the_program(folder: Path, tmp_path: Path) -> None:
    case = Case("", [], "error", "[loop]\nmax_iterations = 0\n")
    done = subprocess.run(
        harn_tui(*arguments_of(case, folder)),
        env=isolated_environment(tmp_path / "home"),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "line 2" in done.stderr
