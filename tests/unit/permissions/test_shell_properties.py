"""Laws of the command parser."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from harn_tui.json_types import JsonValue
from harn_tui.kinds import PermissionVerdict, ToolKind
from harn_tui.permissions.rules import PermissionRules
from harn_tui.permissions.shell_command.parser import parse_command_line
from harn_tui.permissions.shell_command.rule_texts import holding_texts, is_surely_matched
from tests.unit.permissions.command_wrapping import TEXT_WRAPPERS, hidden_commands

FRAGMENTS = [
    *["zap x", "'", '"', "\\", "$(", ")", "`", "${x:-", "}", "<<A\n", "<<'A'\n", "\nA\n", "\n"],
    *[";", "&&", "|", "(", "{ ", " ; }", "$'", " # ", "echo ", "<(", "((", "))", "$((", "[[ "],
    *[" ]]", "case a in a) ", ";;", " esac", "if true; then ", "; fi", "for i in zap; do ", "!"],
    *["; done", "f() ", "f", "eval ", "bash -c ", "sh -c ", "env ", "xargs ", "command ", "exec "],
    *["timeout 5 ", "find . -maxdepth 0 -exec ", " \\;", "x=1 ", "x='zap y' ", "$x", ">f ", "2>&1"],
    *["\\\n", "*", "{zap,y}", "<<< ", "|& ", "&>f ", "a=(", "a[", "]=", "${x@P}", "x='$(zap)' "],
    *["coproc ", "trap ", "' EXIT", "{fd}>f ", "-", "z\\ap", "'z'ap", '"', "$'\\x7aap' ", "time "],
    *["`zap x`", "$(zap x)", '"$(zap x)"', "\\`zap x\\`", "'zap x'"],
]
"""Pieces of shell lines that tell much when they meet by chance; they are parsed, never run."""

QUIRKS = [
    ">&1\"a\"x='$(zap)' ",
    "a[b c]=d zap x",
    "x='a[$(zap)]'; echo $((x))",
    "x='$(zap)'; echo ${x@P}",
    "!(zap x)",
    "echo `echo \\`zap x\\``",
    "cat <<A <<B\nA\n$(zap x)\nB\n",
    "cat <<A\nb\\\nA\n`zap x`\nA\n",
    "echo ${x:-<(zap x)}",
    "echo {a,$(zap x)}",
    "z\\\nap x",
    "eval 'z'ap",
]
"""Lines in which an oddity of bash may run ``zap``; they are parsed, never run."""


@given(st.text("rm x'\"\\$(){}`;|&<>\n#*!=[]-A", max_size=60), st.text(max_size=60))
def test_any_text_can_be_parsed(first: str, second: str) -> None:
    for text in (first, second, first + second):
        line = parse_command_line(text)
        assert line.source == text
        holding_texts(line)
        is_surely_matched(("a*", "b"), line)


@given(hidden_commands())
@example("echo `echo \\`rm x\\``")
def test_a_hidden_command_is_found_or_the_line_is_unknown(command: str) -> None:
    line = parse_command_line(command)
    assert not line.is_known or any(c.program == "rm" for c in line.commands)


@given(hidden_commands())
def test_a_denied_command_stays_denied_however_it_is_hidden(command: str) -> None:
    rules = PermissionRules.parse({"allow": ["run_command"], "deny": {"run_command": ["rm *"]}})
    verdict = rules.decide("run_command", ToolKind.EXECUTE, {"command": command})
    assert verdict.verdict is PermissionVerdict.DENY


@given(hidden_commands())
def test_no_hiding_gets_a_command_allowed(command: str) -> None:
    allowed: JsonValue = {
        "run_command": [f"{name} *" for name in ("a", "echo", "cat", "env", "find", "git")]
    }
    rules = PermissionRules.parse({"allow": allowed})
    verdict = rules.decide("run_command", ToolKind.EXECUTE, {"command": command})
    assert verdict.verdict is PermissionVerdict.ASK


@pytest.mark.parametrize("template", TEXT_WRAPPERS)
def test_constructs_of_the_shell_are_known(template: str) -> None:
    line = parse_command_line(template.format("rm x"))
    assert line.doubts == ()
    assert any(c.program == "rm" for c in line.commands)


@pytest.mark.parametrize("line", QUIRKS)
def test_what_an_oddity_of_bash_may_run_is_found_or_the_line_is_unknown(line: str) -> None:
    parsed = parse_command_line(line)
    assert not parsed.is_known or any(c.program == "zap" for c in parsed.commands)


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=12).map("".join))
def test_pieces_of_shell_that_meet_by_chance_can_be_parsed(line: str) -> None:
    parsed = parse_command_line(line)
    assert parsed.source == line
    assert all(c.words or c.assignments or c.redirections for c in parsed.commands)
    assert parsed.is_known or parsed.doubts
