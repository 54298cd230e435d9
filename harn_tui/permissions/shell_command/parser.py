"""Takes a command line apart into all the simple commands that it would run.

Written for this program, because no library was fit (docs/dependencies.md). It reads bash as
``bash -c`` does. What it cannot read for certain makes the line *unknown*; it never guesses.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from harn_tui.permissions.shell_command.findings import (
    MOST_NESTED,
    Findings,
    UnclearError,
)
from harn_tui.permissions.shell_command.grammar import Grammar
from harn_tui.permissions.shell_command.inner_commands import (
    carries_commands,
    evaluates_again,
    inner_commands,
)
from harn_tui.permissions.shell_command.model import CommandLine, SimpleCommand, Word

MOST_CHARACTERS = 65_536
"""Longer lines are unknown; Linux runs none over 131,072 bytes."""
_CRUDE_ENDS = re.compile(r"[;&|\n(){}`]|\$\(")
_QUOTES = str.maketrans("", "", "'\"\\")
_MOST_LOOSE_TEXTS = 4_000
_MOST_WORDS_OF_LOOSE_TEXT = 48
_TOO_LONG = f"is longer than {MOST_CHARACTERS} characters"


@lru_cache(maxsize=64)
def parse_command_line(text: str) -> CommandLine:
    """Return the commands of ``text``. Never raises; doubts say what could not be read."""
    findings = Findings()
    if len(text) > MOST_CHARACTERS:
        findings.doubt(_TOO_LONG)
    else:
        _parse(text, findings, speaks_bash=True)
        _resolve(findings)
    if findings.evaluates_again and findings.hides_code:
        findings.doubt("evaluates values once more, and has quoted text that would run then")
    commands = tuple(findings.commands)
    return CommandLine(text, commands, findings.doubts, _loose_texts(text, findings))


def _parse(text: str, findings: Findings, *, speaks_bash: bool) -> None:
    try:
        Grammar(text, findings, speaks_bash=speaks_bash).read_all()
    except UnclearError as error:
        findings.doubt(str(error))
    except RecursionError:
        findings.doubt("is nested too deeply")


def _resolve(findings: Findings) -> None:
    """Add what the commands found so far run besides themselves, to any depth."""
    depths: dict[int, int] = {}
    place = 0
    while place < len(findings.commands):
        command = findings.commands[place]
        place += 1
        findings.evaluates_again |= evaluates_again(command)
        inside = inner_commands(command)
        for doubt in inside.doubts:
            findings.doubt(doubt)
        depth = depths.get(command.number, 0) + 1
        if (inside.argvs or inside.scripts) and depth > MOST_NESTED:
            findings.doubt("is nested too deeply")
            continue
        known = len(findings.commands)
        findings.stand_in(command)
        try:
            for words in inside.argvs:
                _add(words, command, findings)
        except UnclearError as error:
            findings.doubt(str(error))
        for text, speaks_bash in inside.scripts:
            findings.stand_in(command)
            _parse(text, findings, speaks_bash=speaks_bash)
        depths |= {found.number: depth for found in findings.commands[known:]}


def _add(words: tuple[Word, ...], command: SimpleCommand, findings: Findings) -> None:
    raw = " ".join(word.raw for word in words)
    number = findings.new_number()
    findings.add(number, list(words), [], list(command.redirections), raw)


def _loose_texts(text: str, findings: Findings) -> tuple[str, ...]:
    """Return texts of commands that may hide where the parser could not look."""
    loose: dict[str, None] = {}
    for candidate in _candidates(text, findings):
        loose[candidate] = None
        if len(loose) >= _MOST_LOOSE_TEXTS:
            break
    return tuple(loose)


def _candidates(text: str, findings: Findings) -> Iterator[str]:
    for command in findings.commands:
        if findings.doubts or carries_commands(command):
            yield from _suffixes([word.text for word in command.words])
    if not findings.doubts:
        return
    for piece in _CRUDE_ENDS.split(text[:MOST_CHARACTERS]):
        words = piece.translate(_QUOTES).split()
        yield from _suffixes(words)


def _suffixes(words: list[str]) -> Iterator[str]:
    for start in range(min(len(words), _MOST_WORDS_OF_LOOSE_TEXT)):
        yield " ".join(words[start : start + _MOST_WORDS_OF_LOOSE_TEXT])
