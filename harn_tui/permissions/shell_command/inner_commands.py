"""Finds what one simple command runs besides itself: wrappers, shells, ``find -exec``, ``eval``."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from harn_tui.permissions.shell_command.git_programs import is_plain_git, run_git
from harn_tui.permissions.shell_command.inside import Inside, chosen_programs, names
from harn_tui.permissions.shell_command.interpreters import (
    given_code,
    is_interpreter,
    run_interpreter,
)
from harn_tui.permissions.shell_command.model import SimpleCommand, Word
from harn_tui.permissions.shell_command.prefix_wrappers import PREFIX_WRAPPERS, run_prefixed
from harn_tui.permissions.shell_command.shell_programs import (
    SHELLS,
    only_runs_text,
    run_declaration,
    run_eval,
    run_joined,
    run_shell,
    run_source,
    run_text_option,
    run_trap,
)

_FIND_ACTIONS = frozenset({"-exec", "-execdir", "-ok", "-okdir"})
_FD_ACTIONS = frozenset({"-x", "--exec", "-X", "--exec-batch"})
_OPAQUE = names(
    "parallel unshare nsenter systemd-run firejail bwrap at batch expect gdb perf valgrind screen "
    "tmux dtach entr xvfb-run rlwrap ld.so start-stop-daemon setpriv capsh prlimit numactl "
    "run-parts newgrp sg dbus-run-session aa-exec runcon cpulimit ts-node-dev nodemon"
)
_CARRIERS = names(
    "docker podman nerdctl kubectl oc ssh mosh vagrant lxc machinectl wsl adb uv uvx npx "
    "bunx pnpm npm yarn poetry pipenv pdm hatch rye bundle conda mamba direnv nix nix-shell "
    "cargo make just task devcontainer distrobox toolbox flatpak snap watchexec"
)
"""Programs that take a command along, elsewhere or in a setting of their own."""
_SUBSCRIPTING = names(
    "let unset read declare typeset local export readonly mapfile readarray getopts"
)
_ALSO_SUBCOMMANDS = frozenset({"exec", "command", "time", "env", "builtin"})
_DECLARING = frozenset({"export", "declare", "typeset", "local", "readonly"})


def inner_commands(command: SimpleCommand) -> Inside:
    """Return what ``command`` runs besides itself."""
    found = Inside()
    found.doubts += chosen_programs(command.assignments)
    if not command.words:
        return found
    program = command.program
    if program is None:
        found.doubts.append("runs a program whose name is not known before")
        return found
    handler = _HANDLERS.get(program)
    if handler is not None:
        handler(command, found)
    elif is_interpreter(program):
        run_interpreter(command, found)
    return found


def evaluates_again(command: SimpleCommand) -> bool:
    """Whether a builtin evaluates its arguments as numbers, and what stands in subscripts."""
    program = command.program
    if program == "let":
        return True
    if program in {"test", "[", "printf"}:
        return any(word.text in {"-v", "-R"} for word in command.arguments)
    return program in _SUBSCRIPTING and any("[" in word.text for word in command.arguments)


def is_transparent(command: SimpleCommand) -> bool:
    """Whether a wrapper adds nothing that a rule for what it runs would not see."""
    if command.assignments or command.program is None:
        return False
    if command.program != command.words[0].text:
        return False
    if command.program == "git":
        return is_plain_git(command)
    if command.program in SHELLS:
        return only_runs_text(command)
    if command.program == "xargs" and any(_names_file(word) for word in command.arguments):
        return False
    wrapper = PREFIX_WRAPPERS.get(command.program)
    return wrapper is not None and wrapper.is_transparent


def _names_file(word: Word) -> bool:
    """Whether an option of xargs takes a file to read arguments from."""
    return word.text.startswith(("-a", "--arg"))


def _run_find(command: SimpleCommand, found: Inside) -> None:
    words = command.arguments
    if any(word.is_open for word in words):
        found.doubts.append("gives find arguments that are not known before")
    at = 0
    while at < len(words):
        at += 1
        if words[at - 1].text not in _FIND_ACTIONS:
            continue
        start = at
        while at < len(words) and not _ends_action(words, start, at):
            at += 1
        found.run(tuple(_filled(word) for word in words[start:at]))


def _ends_action(words: tuple[Word, ...], start: int, at: int) -> bool:
    text = words[at].text
    return text == ";" or (text == "+" and at > start and words[at - 1].text == "{}")


def _run_fd(command: SimpleCommand, found: Inside) -> None:
    texts = [word.text for word in command.arguments]
    for place, text in enumerate(texts):
        if text in _FD_ACTIONS:
            end = texts.index(";", place) if ";" in texts[place:] else len(texts)
            inner = command.arguments[place + 1 : end]
            found.run(tuple(_filled(word, "{") for word in inner))
            return
        if text.startswith(("-x", "-X", "--exec")):
            found.doubts.append("gives fd a program to run")


def _filled(word: Word, mark: str = "{}") -> Word:
    if mark not in word.text:
        return word
    return Word(word.raw, word.text, word.has_glob, is_open=True)


def _doubt_program(command: SimpleCommand, found: Inside) -> None:
    """Note a program that runs others in ways that are not known here, and try its words."""
    found.doubts.append(f"runs {command.program}, which runs other programs")
    _try_words(command, found)


def _try_words(command: SimpleCommand, found: Inside) -> None:
    """Add the first run of words that begins with a shell or a wrapper.

    Interpreters among them are only looked at for the code that they are given.
    """
    for place, word in enumerate(command.arguments):
        name = word.text.rpartition("/")[2]
        if word.is_fixed and is_interpreter(name):
            doubt = given_code(command.arguments[place:])
            found.doubts += [doubt] if doubt is not None else []
        if word.is_fixed and name in SHELLS | PREFIX_WRAPPERS.keys() - _ALSO_SUBCOMMANDS:
            found.run(command.arguments[place:])
            return


def _doubt_renaming(command: SimpleCommand, found: Inside) -> None:
    """Note a builtin that can put one program under the name of another."""
    texts = [word.text for word in command.arguments]
    is_harmless = {
        "alias": not any("=" in text for text in texts),
        "hash": not any(text.startswith("-") and "p" in text for text in texts),
        "enable": not any(text.startswith("-") and "f" in text for text in texts),
        "mapfile": not any(text.startswith("-C") for text in texts),
        "readarray": not any(text.startswith("-C") for text in texts),
    }
    are_known = all(word.is_fixed for word in command.arguments)
    if not (are_known and is_harmless.get(command.program or "", False)):
        found.doubts.append(f"runs {command.program}, which can rename or run programs")


_HANDLERS: Mapping[str, Callable[[SimpleCommand, Inside], None]] = MappingProxyType(
    {
        **dict.fromkeys(_CARRIERS, _try_words),
        **dict.fromkeys(_OPAQUE, _doubt_program),
        **dict.fromkeys(PREFIX_WRAPPERS, run_prefixed),
        **dict.fromkeys(SHELLS, run_shell),
        **dict.fromkeys(_DECLARING, run_declaration),
        **dict.fromkeys(("su", "runuser", "script", "flock"), run_text_option),
        **dict.fromkeys(
            ("alias", "hash", "enable", "bind", "complete", "compgen", "mapfile", "readarray"),
            _doubt_renaming,
        ),
        "eval": run_eval,
        "trap": run_trap,
        "source": run_source,
        ".": run_source,
        "watch": run_joined,
        "find": _run_find,
        "gfind": _run_find,
        "fd": _run_fd,
        "fdfind": _run_fd,
        "git": run_git,
        "crontab": _doubt_program,
    }
)


def carries_commands(command: SimpleCommand) -> bool:
    """Whether the words of ``command`` may hold a command that is not among those found."""
    program = command.program
    handler = None if program is None else _HANDLERS.get(program)
    return program is None or handler in {_try_words, _doubt_program, run_text_option}
