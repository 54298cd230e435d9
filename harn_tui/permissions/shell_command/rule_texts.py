"""Compares parsed command lines with the patterns of rules.

A rule that holds back looks at every spelling of every command. A rule that lets through must
match each command whatever its variables hold, and each wrapper beside what it runs.
"""

import posixpath
import re
from collections.abc import Iterable

from harn_tui.permissions.globs import glob_matches, literal_glob
from harn_tui.permissions.shell_command.inner_commands import is_transparent
from harn_tui.permissions.shell_command.model import CommandLine, SimpleCommand, Word

_WILDCARD = re.compile(r"[*?\[]")
_ANY_VALUE = ("\x01\x02\x01", "\x01" * 41)
"""What stands for a value that is not known: no pattern has it, so only ``*`` matches both."""


def holding_texts(line: CommandLine) -> frozenset[str]:
    """Return all the texts that a rule which holds back is compared with."""
    texts = {line.source, line.source.strip(), *line.loose_texts}
    for command in line.commands:
        texts.update(command_texts(command))
    return frozenset(texts)


def command_texts(command: SimpleCommand) -> frozenset[str]:
    """Return the spellings of one command: as written, by value, by the program's bare name."""
    values = [word.text for word in command.words]
    assigned = [word.text for word in command.assignments]
    texts = {command.raw, " ".join(word.raw for word in command.words)}
    if values:
        bare = posixpath.basename(values[0]) or values[0]
        straight = [_straightened(value) for value in values[1:]]
        for program in (values[0], bare, bare.lower()):
            texts |= {" ".join([program, *values[1:]]), " ".join([program, *straight])}
    texts.add(" ".join([*assigned, *values]))
    return frozenset(text for text in texts if text)


def is_surely_matched(patterns: tuple[str, ...], line: CommandLine) -> bool:
    """Whether ``patterns`` let every command through that ``line`` would run."""
    source = line.source.strip()
    if source in patterns or literal_glob(source) in patterns:
        return True
    if not line.is_known or not line.commands:
        return False
    by_number = {command.number: command for command in line.commands}
    running = {command.run_by for command in line.commands}
    return all(
        _is_let_through(patterns, command, by_number, runs_others=command.number in running)
        for command in line.commands
    )


def _is_let_through(
    patterns: tuple[str, ...],
    command: SimpleCommand,
    by_number: dict[int, SimpleCommand],
    *,
    runs_others: bool,
) -> bool:
    if any(_matches(pattern, command) for pattern in patterns):
        return True
    if runs_others and is_transparent(command) and not _touches_files(command):
        return True
    if not command.words and not command.assignments and not _touches_files(command):
        return True
    return _is_reached_from_wrapper(patterns, command, by_number)


def _is_reached_from_wrapper(
    patterns: tuple[str, ...], command: SimpleCommand, by_number: dict[int, SimpleCommand]
) -> bool:
    """Whether a pattern for a wrapper names the program of ``command`` in so many words."""
    inner = _raw_words(command)
    wrapper = command
    while inner and wrapper.run_by is not None and wrapper.run_by in by_number:
        wrapper = by_number[wrapper.run_by]
        outer = _raw_words(wrapper)
        if not outer.endswith(f" {inner}"):
            return False
        least = len(outer) - len(inner) + len(command.words[0].raw)
        for pattern in patterns:
            wildcard = _WILDCARD.search(pattern)
            fixed = wildcard.start() if wildcard else len(pattern)
            if fixed >= least and _matches(pattern, wrapper):
                return True
    return False


def _matches(pattern: str, command: SimpleCommand) -> bool:
    """Whether ``pattern`` matches ``command`` for any value of what is not known before."""
    if _touches_files(command) and not _names_redirections(pattern, command):
        return False
    words = (*command.assignments, *command.words)
    if _touches_files(command):
        return all(word.is_fixed for word in words) and glob_matches(pattern, command.raw)
    values = [_text_of(words, value, is_straight=False) for value in _ANY_VALUE]
    straight = [_text_of(words, value, is_straight=True) for value in _ANY_VALUE]
    if all(glob_matches(pattern, text) for text in (*values, *straight)):
        return True
    is_fixed = all(word.is_fixed for word in words) and values == straight
    raw = " ".join(word.raw for word in words)
    return is_fixed and glob_matches(pattern, raw)


def _text_of(words: Iterable[Word], unknown: str, *, is_straight: bool) -> str:
    texts = []
    for word in words:
        is_unknown = word.is_open or (word.has_glob and "/." in f"/{word.text}")
        text = unknown if is_unknown else word.text
        texts.append(_straightened(text) if is_straight else text)
    return " ".join(texts)


def _touches_files(command: SimpleCommand) -> bool:
    return any(found.writes_file or found.reads_file for found in command.redirections)


def _names_redirections(pattern: str, command: SimpleCommand) -> bool:
    writes = sum(found.writes_file for found in command.redirections)
    reads = sum(found.reads_file for found in command.redirections)
    return pattern.count(">") >= writes and pattern.count("<") >= reads


def _raw_words(command: SimpleCommand) -> str:
    return " ".join(word.raw for word in command.words)


def _straightened(value: str) -> str:
    """Return ``value`` without the ``..`` that lead out of a folder named before them."""
    if ".." not in value.replace("=", "/").split("/"):
        return value
    head, equals, path = value.rpartition("=")
    return f"{head}{equals}{posixpath.normpath(path)}" if path else value
