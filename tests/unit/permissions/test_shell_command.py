"""Taking command lines apart into the commands that would run."""

import time

import pytest

from harn_tui.permissions.shell_command.findings import MOST_COMMANDS, MOST_NESTED
from harn_tui.permissions.shell_command.model import CommandLine
from harn_tui.permissions.shell_command.parser import MOST_CHARACTERS, parse_command_line


def texts(line: CommandLine) -> list[str]:
    """Return the commands as words joined by blanks, or their source when they have no words."""
    return [" ".join(word.text for word in c.words) or c.raw for c in line.commands]


@pytest.mark.parametrize(
    ("command", "commands"),
    [
        ("git status", ["git status"]),
        ("a && b || c; d | e & f\ng", ["a", "b", "c", "d", "e", "f", "g"]),
        ("(a; b)", ["a", "b"]),
        ("{ a; }", ["a"]),
        ("! a", ["a"]),
        ("time -p a", ["a"]),
        ("a |& b", ["a", "b"]),
        ("echo 'a; b' \"c && d\" e\\;f", ["echo a; b c && d e;f"]),
        ("r\\m \"-r\"f 'x y'", ["rm -rf x y"]),
        ("$'r\\x6d' $'a\\'b'", ["rm a'b"]),
        ("r\\\nm x", ["rm x"]),
        ("ls # rm x", ["ls"]),
        ("ls a#b; rm x", ["ls a#b", "rm x"]),
        ("echo $(rm x)", ["rm x", "echo $(rm x)"]),
        ('echo "a $(rm x) b"', ["rm x", "echo a $(rm x) b"]),
        ("echo `rm x`", ["rm x", "echo `rm x`"]),
        ("echo `echo \\`rm x\\``", ["rm x", "echo `rm x`", "echo `echo \\`rm x\\``"]),
        ("echo '$(rm x)' '`rm y`'", ["echo $(rm x) `rm y`"]),
        ("echo \\$(rm x)", None),
        ("echo ${a:-$(rm x)}", ["rm x", "echo ${a:-$(rm x)}"]),
        ('echo "${a:-"$(rm x)"}"', ["rm x", 'echo ${a:-"$(rm x)"}']),
        ("diff <(a) >(b)", ["a", "b", "diff <(a) >(b)"]),
        ("echo $((1 + $(rm x)))", ["rm x", "echo $((1 + $(rm x)))"]),
        ("((i = 1)) && rm x", ["rm x"]),
        ("[[ $a =~ ^(x|y)$ && -f $(rm x) ]]", ["rm x"]),
        ("A=1 B='x y' rm x", ["rm x"]),
        ("A=$(rm x)", ["rm x", "A=$(rm x)"]),
        ("a=(b $(rm x)\nc)", ["rm x", "a=(b $(rm x)\nc)"]),
        ("if a; then b; elif c; then d; else e; fi", ["a", "b", "c", "d", "e"]),
        ("while a; do b; done; until c; do d; done", ["a", "b", "c", "d"]),
        ("for i in 1 $(rm x); do b; done", ["rm x", "b"]),
        ("for ((i=0; i<3; i++)); do b; done", ["b"]),
        ("select i in a; do b; done", ["b"]),
        ("case $(rm x) in (a|b) c;; *) d;& e) f;;& esac; g", ["rm x", "c", "d", "f", "g"]),
        ("f() { rm x; }; f", ["rm x", "f"]),
        ("function f { rm x; }", ["rm x"]),
        ("coproc rm x", ["rm x"]),
        ("a > f 2>&1 < g >| h &>> i", ["a"]),
        ("{ a; } > f", ["a", "> f"]),
        ("a >$(rm x)", ["rm x", "a"]),
        ("2>f {fd}>g a", ["a"]),
        ("cat <<A <<'B'\n$(rm x)\nA\n$(rm y)\nB\nrm z", ["cat", "rm x", "rm z"]),
        ("cat <<-A\n\tx\n\tA\nrm z", ["cat", "rm z"]),
        ("cat <<A\nx\\\nA\nrm y\nA\nrm z", ["cat", "rm z"]),
        ("cat <<< $(rm x)", ["rm x", "cat"]),
        ("", []),
        ("  \n # nothing", []),
    ],
)
def test_every_command_of_a_line_is_found(command: str, commands: list[str] | None) -> None:
    line = parse_command_line(command)
    if commands is None:
        assert not line.is_known
    else:
        assert (texts(line), line.doubts) == (commands, ())


@pytest.mark.parametrize(
    "command",
    [
        "echo 'open",
        'echo "open',
        "echo `open",
        "echo $(open",
        "echo ${open",
        "echo <(open",
        "(open",
        "{ open",
        "if a; then b",
        "case a in b)",
        "[[ a",
        "a)",
        "a ;; b",
        "fi",
        "a | ",
        "a (b)",
        "echo a(b)",
        "cat <<A",
        "cat <<A\nbody",
        "cat <<$(rm x)\nbody\n$(rm x)",
        "echo $(cat <<A)\nbody\nA",
        "echo \x00",
        "echo \ud800",
        "ends\\",
        "echo $[1+1]",
        "echo ${ rm x; }",
        "$\\\n(rm x)",
        "a &\\\n& b",
        "a[1 + 1]=2 rm x",
        "rm\xa0x",
        "rm\rx",
        "$X rm y",
        "r? x",
        "{rm,x}",
        "$(which rm) x",
        "echo ${x@P}",
        "x='a[$(rm y)]'; echo $((x))",
        "echo >&x'$(rm y)'",
        "alias ls=rm",
        "hash -p /bin/rm ls",
        "PAGER=rm git log",
        "export PATH=x",
        "for PATH in x; do git log; done",
        "echo a | sh",
        "source <(a)",
    ],
)
def test_what_cannot_be_read_for_certain_is_unknown(command: str) -> None:
    assert not parse_command_line(command).is_known


def test_commands_before_an_unclear_place_are_still_found() -> None:
    line = parse_command_line("rm x; echo 'open")
    assert texts(line) == ["rm x"]
    assert line.doubts == ("has an open quote",)


def test_loose_texts_show_what_may_hide_behind_an_unclear_place() -> None:
    assert "rm x" in parse_command_line('echo \'open; r"m" x').loose_texts
    assert "rm y" in parse_command_line("$X rm y").loose_texts
    assert parse_command_line("ls; rm x").loose_texts == ()


def test_a_command_knows_its_place_in_pipelines_and_other_commands() -> None:
    line = parse_command_line("a | { b; c $(d); }")
    by_program = {command.program: command for command in line.commands}
    assert not by_program["a"].reads_pipe
    assert all(by_program[name].reads_pipe for name in "bcd")
    assert by_program["d"].inside == (by_program["c"].number,)
    assert by_program["c"].inside == ()


def test_redirections_tell_files_from_descriptors() -> None:
    command = parse_command_line("a >f 2>&1 >/dev/null <g <&3 >&- >>$h").commands[0]
    assert [r.writes_file for r in command.redirections] == [True, *[False] * 5, True]
    assert [r.reads_file for r in command.redirections] == [*[False] * 3, True, *[False] * 3]


@pytest.mark.parametrize(
    "hostile",
    [
        "a" * 1_000_000,
        "a;" * 500_000,
        "rm x;" * 12_000,
        '"' * 60_001,
        "'" * 60_001,
        "(" * 60_000,
        "$(" * 30_000,
        "$((" * 20_000,
        "${x:-" * 12_000,
        "`" * 60_001,
        "\\`" * 30_000,
        "{" * 60_000,
        "[*?" * 20_000,
        "<<A " * 15_000,
        "cat <<A\n" + "\\\n" * 30_000,
        "env " * 16_000,
        "xargs " * 10_000,
        "bash -c " * 8_000,
        "bash -c 'eval \"a\"';" * 3_000,
        "find . " + "-exec a ; " * 6_000,
        "case a in " * 6_000,
        "a|" * 30_000,
        "\\" * 65_535,
        "$'\\U" * 12_000,
        "\x00" * 60_000,
        "\n" * 60_000,
    ],
    ids=lambda text: f"{text[:8]!r}",
)
def test_hostile_input_takes_little_time(hostile: str) -> None:
    start = time.process_time()
    line = parse_command_line(hostile)
    assert time.process_time() - start < 2.0
    assert len(line.commands) <= MOST_COMMANDS
    assert len(line.loose_texts) <= 4_000


def test_a_line_that_is_too_long_or_too_deep_is_unknown() -> None:
    assert parse_command_line("a" * MOST_CHARACTERS).is_known
    assert not parse_command_line("a" * (MOST_CHARACTERS + 1)).is_known
    depth = MOST_NESTED - 1
    assert parse_command_line("(" + "$(" * depth + "rm x" + ")" * depth + ")").doubts == (
        "runs a program whose name is not known before",
    )
    assert "is nested too deeply" in parse_command_line("$(" * 40 + "rm x" + ")" * 40).doubts
