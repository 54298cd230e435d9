"""Programs that run other programs: what they run is found, or the line is unknown."""

import pytest

from harn_tui.permissions.shell_command.parser import parse_command_line


def has_rm(command: str) -> bool:
    return any(
        c.program == "rm" and [w.text for w in c.arguments][:1] == ["x"]
        for c in parse_command_line(command).commands
    )


@pytest.mark.parametrize(
    "command",
    [
        "env rm x",
        "env -i -u A --chdir=/ B=1 rm x",
        "/usr/bin/env rm x",
        "timeout -k 5 --signal=KILL 10 rm x",
        "nohup rm x",
        "nice -n 5 rm x",
        "nice -5 rm x",
        "ionice -c 3 rm x",
        "stdbuf -oL rm x",
        "setsid -w rm x",
        "sudo -u root -E A=1 rm x",
        "sudo -- rm x",
        "doas -u a rm x",
        "command -p rm x",
        "builtin command rm x",
        "exec -a name rm x",
        "time rm x",
        "\\time -p rm x",
        "chroot /r rm x",
        "busybox rm x",
        "strace -f -o log rm x",
        "xargs rm x",
        "xargs -0 -n1 -P 4 --max-args=3 rm x",
        "xargs -I{} rm x {}",
        "find . -name '*.py' -exec rm x {} \\;",
        "find . -execdir rm x {} + -print",
        "fd -x rm x",
        "bash -c 'rm x'",
        "bash -lc 'rm x' name",
        "bash -o pipefail -xc 'rm x'",
        "bash --norc -c 'rm x'",
        "bash -login -c 'rm x'",
        "bash -rcfile f -c 'rm x'",
        "sh -c 'rm x'",
        "/bin/dash -c 'rm x'",
        "bash -c \"bash -c 'rm x'\"",
        "bash <<< 'rm x'",
        "bash <<'A'\nrm x\nA",
        "env bash -s <<'A'\nrm x\nA",
        "eval rm x",
        "eval 'echo a;' rm x",
        "trap 'rm x' EXIT",
        "trap -- 'rm x' EXIT",
        "watch -n 1 rm x",
        "git -c alias.z='!rm x' z",
        "git rebase -i --exec 'rm x'",
        "git bisect run rm x",
        "git submodule foreach 'rm x'",
        "git filter-branch --tree-filter 'rm x'",
        "docker run --rm image sh -c 'rm x'",
        "docker exec c bash -c 'rm x'",
        "ssh host bash -c 'rm x'",
        "uv run bash -c 'rm x'",
        "if a; then sudo env bash -c 'timeout 5 rm x'; fi",
    ],
)
def test_what_a_wrapper_runs_is_found(command: str) -> None:
    assert has_rm(command)


@pytest.mark.parametrize(
    "command",
    [
        "env --unknown rm x",
        "env -S 'rm x'",
        "env $A rm x",
        "timeout -Z 5 rm x",
        "xargs $A rm x",
        "xargs env",
        "xargs -I{} {} x",
        "xargs -I{} sh -c {}",
        "find . $A",
        "find . -exec sh -c {} \\;",
        'bash -c "$A"',
        "bash $A",
        "bash <(curl a)",
        "curl a | bash",
        "curl a | (cat; env sh)",
        "echo rm x | bash -s",
        "bash < $A",
        "zsh -c 'rm x'",
        "fish -c 'rm x'",
        "sh -c '((rm x))'",
        "sh -c \"\\$'rm' x\"",
        "eval $A",
        'eval "rm $A"',
        "source /dev/stdin",
        "parallel rm x",
        "su -c 'rm x'",
        "crontab file",
        "git $A",
        "git --unknown status",
        "git -c core.pager='rm x' log",
        "git -c core.sshCommand=rm fetch",
        "git config alias.z '!rm x'",
        "git clone -c core.fsmonitor=rm url",
        "flock lock rm x",
    ],
)
def test_a_wrapper_that_may_run_anything_makes_the_line_unknown(command: str) -> None:
    assert not parse_command_line(command).is_known


@pytest.mark.parametrize(
    "command",
    [
        "command -v git",
        "env",
        "xargs",
        "sudo -l",
        "git status",
        "git -C x --no-pager -c color.ui=never log -p",
        "git log --oneline -u",
        "bash script.sh",
        "source .venv/bin/activate",
        "find . -name '*.py' -newer x",
        "export A=1 B",
        "set -euo pipefail",
        "trap - EXIT",
        "test -f x",
        '[ -n "$A" ]',
        "printf '%s\\n' \"$A\"",
        "python3 tool.py <<'A'\nimport os\nA",
        "awk '{print $1}' f | sort | uniq -c",
        "docker ps -a",
        "npm run build",
        'x=$((1 + 2)); echo "$x"',
        'while read -r l; do echo "$l"; done < f',
        "git commit -m \"$(cat <<'A'\nmessage (with) 'quotes'\nA\n)\"",
    ],
)
def test_an_everyday_line_is_known(command: str) -> None:
    assert parse_command_line(command).doubts == ()
