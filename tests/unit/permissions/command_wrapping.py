"""Ways to hide a command in a command line."""

import shlex
from collections.abc import Callable

from hypothesis import strategies as st

ARGV_WRAPPERS = (
    "env {}",
    "env -i A=1 {}",
    "timeout -k 1 5 {}",
    "nohup {}",
    "nice -n 3 {}",
    "sudo -u me {}",
    "command {}",
    "exec {}",
    "\\time -p {}",
    "setsid {}",
    "stdbuf -oL {}",
    "xargs -n1 {}",
    "xargs -0 {}",
    "find . -exec {} \\;",
    "2>/dev/null {}",
    "{} >out",
    "git bisect run {}",
)
TEXT_WRAPPERS = (
    "( {} )",
    "{{ {}; }}",
    "! {}",
    "time {}",
    "echo $( {} )",
    'echo "a $( {} ) b"',
    "A=$( {} )",
    "echo ${{A:-$( {} )}}",
    'echo "${{A:-"$( {} )"}}"',
    "cat <( {} )",
    "cat >( {} )",
    "a; {}",
    "a && {}",
    "a || {}",
    "a | {}",
    "{} &",
    "a\n{}",
    "a # comment\n{}",
    "if a; then {}; fi",
    "if {}; then a; fi",
    "while {}; do a; done",
    "for i in 1 2; do {}; done",
    "for i in $( {} ); do a; done",
    "case a in (b) c;; a) {};; esac",
    "case $( {} ) in a) b;; esac",
    "f() {{ {}; }}; f",
    "[[ -n $( {} ) ]]",
    "echo $((1 + $( {} )))",
    "a=(b $( {} ))",
    "a > $( {} )",
    "cat <<< $( {} )",
)
QUOTING_WRAPPERS = (
    "bash -c {}",
    "bash -lc {}",
    "sh -c {}",
    "eval {}",
    "trap {} EXIT",
    "bash <<< {}",
    "env bash -xc {}",
    "xargs -n1 bash -c {}",
    "find . -exec sh -c {} \\;",
    "git rebase --exec {}",
    "docker exec c sh -c {}",
)


def backquoted(command: str) -> str:
    """Return a line that runs ``command`` in backquotes."""
    escaped = "".join(f"\\{c}" if c in "\\`$" else c for c in command)
    return f"echo `{escaped}`"


def in_here_document(command: str) -> str:
    """Return a line that feeds ``command`` to a shell in a here-document."""
    delimiter = "END"
    while delimiter in command:
        delimiter += "_"
    return f"bash <<'{delimiter}'\n{command}\n{delimiter}\n"


def _of(template: str) -> Callable[[str], str]:
    return template.format


def _quoting(template: str) -> Callable[[str], str]:
    return lambda command: template.format(shlex.quote(command))


argv_wrappers = st.sampled_from([_of(template) for template in ARGV_WRAPPERS])
text_wrappers = st.sampled_from(
    [
        *(_of(template) for template in TEXT_WRAPPERS),
        *(_quoting(template) for template in QUOTING_WRAPPERS),
        backquoted,
        in_here_document,
    ]
)
programs = st.sampled_from(["rm", "r\\m", '"rm"', "'r'm", "$'\\x72m'", "/bin/rm", "./rm", 'r""m'])


@st.composite
def hidden_commands(draw: st.DrawFn) -> str:
    """Return a line that runs ``rm x`` within one to six wrappers."""
    command = f"{draw(programs)} x"
    for wrap in draw(st.lists(argv_wrappers, max_size=2)):
        command = wrap(command)
    command = draw(st.sampled_from(["", "A=1 B='c d' "])) + command
    for wrap in draw(st.lists(text_wrappers, max_size=4)):
        command = wrap(command)
    return command
