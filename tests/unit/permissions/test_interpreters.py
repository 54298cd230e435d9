"""Code that an interpreter is given is never let through by a rule for its harmless use."""

from pathlib import Path

import pytest

from harn_tui.kinds import PermissionVerdict
from harn_tui.permissions.command_policy import CommandPolicy
from harn_tui.permissions.command_risk.assessment import assess
from harn_tui.permissions.command_risk.labels import RiskLabel
from harn_tui.permissions.grants import SessionGrants
from harn_tui.permissions.rules import PermissionRules
from harn_tui.permissions.shell_command.parser import parse_command_line
from tests.unit.permissions.calls import RUNS, run

ALLOW, DENY, ASK = PermissionVerdict.ALLOW, PermissionVerdict.DENY, PermissionVerdict.ASK
HERE = Path("/tmp/work")
CODE = [
    "python -c 'import os'",
    "python3 -c x",
    "python3.11 -Ic x",
    "/usr/bin/python -cprint",
    "python -W error -c x",
    "python -X dev -uc x",
    'python "$FLAG" x',
    "python -m timeit x",
    "pypy3 -c x",
    "python <<'A'\nx\nA",
    "python - <<'A'\nx\nA",
    "python < code.py",
    "echo x | python3",
    "echo x | python3 /dev/stdin",
    "node -e x",
    "node -pe x",
    "node --eval=x",
    "node --print x",
    "node --import data:text/javascript,x a.js",
    "nodejs -r ./evil.js a.js",
    "echo x | node",
    "perl -e x",
    "perl -ne x f",
    "perl -i.bak -pe x f",
    "perl -MPOSIX a.pl",
    "perl -I lib -E x",
    "ruby -e x",
    "ruby -ne x",
    "php -r x",
    "lua5.4 -e x",
    "Rscript -e x",
    "julia --eval x",
    "deno eval x",
    "bun -e x",
    "osascript -l JavaScript -e x",
    "awk 'BEGIN { system(\"rm a\") }'",
    "awk '{ print > \"f\" }' a",
    "gawk '{ print | \"sh\" }' a",
    "env A=1 python -c x",
    "xargs -0 python -c x",
    "find . -exec python -c x ';'",
    "sudo -u a python -c x",
    "uv run python -c x",
    "poetry run -q python3 -c x",
    "docker run -it python:3 python -c x",
    "bash -c 'python -c x'",
    "if true; then python -c x; fi",
]
PLAIN = [
    "python setup.py build",
    "python -m pytest -q -c pytest.ini",
    "python -Im pytest",
    "python --version",
    "python3 -V",
    "python -W ignore tool.py -c x",
    "python tool.py <<'A'\nx\nA",
    "echo x | python tool.py",
    "node --version",
    "node server.js -e production",
    "node --test",
    "perl -w tool.pl -e x",
    "perl -v",
    "ruby -w tool.rb",
    "php -l index.php",
    "php artisan migrate",
    "lua tool.lua",
    "deno run main.ts",
    "bun run build",
    "Rscript tool.R",
    "awk '{ print $1 }' a",
    "awk -F'|' '{ print $2 }' a",
    "awk -f tool.awk a",
    "uv run python tool.py",
    "pythonic -c x",
]


def _reaches(command: str, **rules: object) -> PermissionVerdict:
    parsed = PermissionRules.parse(rules)  # type: ignore[arg-type]
    return parsed.decide_call(run(command), RUNS).verdict


@pytest.mark.parametrize("command", CODE)
def test_line_with_code_that_an_interpreter_is_given_is_not_known(command: str) -> None:
    line = parse_command_line(command)
    assert not line.is_known
    program = command.partition(" ")[0]
    patterns = [
        f"{program} *",
        f"{program}*",
        "echo *",
        "env *",
        "python*",
        "node*",
        "perl*",
        "ruby*",
    ]
    assert _reaches(command, allow={"run_command": patterns}) is ASK


@pytest.mark.parametrize("command", CODE)
def test_line_with_code_may_be_let_through_by_its_exact_words_or_a_rule_for_all(
    command: str,
) -> None:
    grants = SessionGrants()
    grants.remember("run_command", run(command).arguments)
    decided = PermissionRules().decide_call(run(command), RUNS, grants)
    assert decided.verdict is ALLOW
    assert _reaches(command, allow=["run_command"]) is ALLOW


@pytest.mark.parametrize("command", CODE)
def test_rule_for_all_commands_lets_no_code_pass_beside_patterns_that_hold_back(
    command: str,
) -> None:
    assert _reaches(command, allow=["run_command"], deny={"run_command": ["wipe *"]}) is ASK


@pytest.mark.parametrize("command", PLAIN)
def test_ordinary_use_of_an_interpreter_stays_known(command: str) -> None:
    line = parse_command_line(command)
    assert line.doubts == ()
    patterns = [f"{command.partition(' ')[0]} *", "python *"]
    assert _reaches(command, allow={"run_command": patterns}) is ALLOW


@pytest.mark.parametrize(
    "command",
    ["python -c x", "node -e x", "perl -e x", "ruby -e x", "python <<A\nx\nA", "echo x | python3"],
)
def test_tools_4_15_code_that_is_not_seen_may_write(command: str) -> None:
    risks = assess(parse_command_line(command), cwd=HERE, roots=(HERE,))
    assert RiskLabel.WRITE_INTENT in {risk.label for risk in risks}
    assert RiskLabel.DESTRUCTIVE not in {risk.label for risk in risks}


def test_tools_4_15_ordinary_use_of_an_interpreter_has_no_risk() -> None:
    for command in ("python -m pytest", "node server.js", "perl -w tool.pl"):
        assert assess(parse_command_line(command), cwd=HERE, roots=(HERE,)) == ()


def test_tools_4_15_command_policy_asks_about_code_whatever_it_asks_about_else() -> None:
    line = parse_command_line("python -c x")
    for data in ({}, {"require_approval": ["sudo"]}):
        policy = CommandPolicy.parse(data, cwd=HERE)  # type: ignore[arg-type]
        risks = policy.risks(line, cwd=HERE, roots=(HERE,))
        assert policy.decide(run("python -c x"), line, risks).verdict is ASK


def test_tools_4_15_one_program_with_code_is_refused_where_a_shell_is_with_the_reason() -> None:
    line = parse_command_line("python -c x")
    policy = CommandPolicy.parse({"default_shell_mode": "argv_only"}, cwd=HERE)
    verdict = policy.decide(run("python -c x"), line, ())
    assert verdict.verdict is DENY
    assert "gives python code that is not looked into" in verdict.reason
