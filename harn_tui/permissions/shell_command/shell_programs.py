"""Shells and the builtins of a shell that run text, and where that text comes from."""

import re

from harn_tui.permissions.shell_command.inside import Inside, chosen_programs, names
from harn_tui.permissions.shell_command.model import SimpleCommand, Word

BASH_NAMES = frozenset({"bash", "rbash"})
PLAIN_SHELLS = frozenset({"sh", "dash", "ash"})
OTHER_SHELLS = frozenset({"zsh", "ksh", "ksh93", "mksh", "fish", "tcsh", "csh", "yash", "pwsh"})
SHELLS = BASH_NAMES | PLAIN_SHELLS | OTHER_SHELLS
_STANDARD_INPUT = frozenset({"-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"})
_FILE_OPTIONS = frozenset({"rcfile", "init-file"})
_LONG_OPTIONS = _FILE_OPTIONS | names(
    "login norc noprofile posix restricted verbose version help noediting debugger debug "
    "dump-strings dump-po-strings pretty-print wordexp protected"
)
_PLAIN_TEXT_OPTION = re.compile(r"-[eux]*c")


class _ShellArguments:
    """What the arguments of a shell say: ``-c``, ``-s``, its operands, and words not known."""

    def __init__(self, words: tuple[Word, ...]) -> None:
        self.takes_text = False
        self.reads_input = False
        self.is_open = False
        at = 0
        while at < len(words) and words[at].text[:1] in {"-", "+"}:
            word = words[at]
            at += 1
            self.is_open = self.is_open or not word.is_fixed
            if word.text in {"-", "--"}:
                break
            name = word.text.lstrip("-")
            if word.text.startswith("--") or name in _LONG_OPTIONS:  # bash takes one dash too
                at += name in _FILE_OPTIONS
                continue
            self.takes_text = self.takes_text or "c" in word.text
            self.reads_input = self.reads_input or "s" in word.text
            at += word.text.count("o") + word.text.count("O")
        self.operands = words[at:]


def run_shell(command: SimpleCommand, found: Inside) -> None:
    """Find what a shell runs: the text of ``-c``, or its input."""
    program = command.program or ""
    given = _ShellArguments(command.arguments)
    speaks_bash = program in BASH_NAMES
    if program in OTHER_SHELLS:
        found.doubts.append(f"runs {program}, whose language is not known here")
    if given.is_open:
        found.doubts.append(f"gives {program} options that are not known before")
    if given.takes_text:
        if given.operands:
            found.script(given.operands[:1], speaks_bash=speaks_bash, by=program)
        return
    script = given.operands[0] if given.operands else None
    if script is not None and not script.is_fixed:
        found.doubts.append(f"gives {program} a script that is not known before")
    elif script is None or given.reads_input or script.text in _STANDARD_INPUT:
        _run_input(command, found, speaks_bash=speaks_bash, by=program)


def only_runs_text(command: SimpleCommand) -> bool:
    """Whether a shell runs the text of ``-c`` and no file of its own before that."""
    words = command.arguments
    return len(words) > 1 and _PLAIN_TEXT_OPTION.fullmatch(words[0].text) is not None


def _run_input(command: SimpleCommand, found: Inside, *, speaks_bash: bool, by: str) -> None:
    for redirection in reversed(command.redirections):
        if redirection.here is not None:
            body = redirection.here.body
            if body is not None:
                found.script((body,), speaks_bash=speaks_bash, by=by)
            return
        if redirection.operator == "<<<":
            found.script((redirection.target,), speaks_bash=speaks_bash, by=by)
            return
        if redirection.operator in {"<", "<>", "<&"}:
            if not redirection.target.is_fixed or redirection.target.text in _STANDARD_INPUT:
                found.doubts.append(f"gives {by} a script that is not known before")
            return
    if command.reads_pipe:
        found.doubts.append(f"pipes commands into {by}")


def run_eval(command: SimpleCommand, found: Inside) -> None:
    """Find the text of ``eval``."""
    if command.arguments:
        found.script(command.arguments, speaks_bash=True, by="eval")


def run_trap(command: SimpleCommand, found: Inside) -> None:
    """Find the text that ``trap`` keeps for later."""
    words = [word for word in command.arguments if word.text not in {"--", "-l", "-p"}]
    if len(words) > 1 and words[0].text not in {"-", ""}:
        found.script((words[0],), speaks_bash=True, by="trap")


def run_source(command: SimpleCommand, found: Inside) -> None:
    """Doubt a sourced file that is not a plain one."""
    file = command.arguments[0] if command.arguments else None
    if file is not None and (not file.is_fixed or file.text in _STANDARD_INPUT):
        found.doubts.append("sources what is not known before")


def run_declaration(command: SimpleCommand, found: Inside) -> None:
    """Doubt a declaration that chooses programs."""
    found.doubts += chosen_programs(command.arguments)


def run_joined(command: SimpleCommand, found: Inside) -> None:
    """Find the command of ``watch``, which gives its words to a shell."""
    at = 0
    words = command.arguments
    while at < len(words) and words[at].text.startswith("-"):
        takes_value = words[at].text in {"-n", "--interval", "-q", "--equexit"}
        at += 2 if takes_value else 1
    if at < len(words):
        found.script(words[at:], speaks_bash=False, by="watch")


def run_text_option(command: SimpleCommand, found: Inside) -> None:
    """Find the text of ``-c`` in ``su``, ``runuser``, ``script`` and ``flock``."""
    program = command.program or ""
    words = command.arguments
    for place, word in enumerate(words):
        if word.text in {"-c", "--command"} and place + 1 < len(words):
            found.script((words[place + 1],), speaks_bash=False, by=program)
        elif word.text.startswith("--command="):
            text = word.text.partition("=")[2]
            inner = Word(text, text, word.has_glob, word.is_open)
            found.script((inner,), speaks_bash=False, by=program)
    found.doubts.append(f"runs {program}, whose options are not known here")
