"""Splits a shell command into its simple commands, so that rules see each of them.

This is no shell parser. Whatever it cannot see through (substitutions, redirections to files,
here-documents, broken quotes) makes the command *opaque*: no pattern with a wildcard may allow
it. It errs to that side only.
"""

import re
from dataclasses import dataclass

_SEPARATORS = frozenset(";&|\n()")
_HARMLESS_REDIRECTION = re.compile(r">(?:&[0-9-]|>?\s*/dev/null)(?=[\s;&|)]|$)")
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=\S*\s+")
_KEYWORD = re.compile(r"(?:if|then|elif|else|do|while|until|time|exec|command|\{|!)\s+")


@dataclass(frozen=True, slots=True)
class ShellPieces:
    """The simple commands of a command line, in order, and whether more may hide in it."""

    commands: tuple[str, ...]
    is_opaque: bool


def split_command(command: str) -> ShellPieces:
    """Split ``command`` at unquoted ``; & | ( )`` and line ends."""
    scanner = _Scanner(command)
    scanner.scan()
    pieces = (piece.strip() for piece in scanner.pieces)
    return ShellPieces(tuple(piece for piece in pieces if piece), scanner.is_opaque)


def bare_command(piece: str) -> str:
    """Return a simple command without leading assignments and shell keywords."""
    while found := _ASSIGNMENT.match(piece) or _KEYWORD.match(piece):
        piece = piece[found.end() :].lstrip()
    return piece


class _Scanner:
    """One pass over a command; ``pieces`` and ``is_opaque`` are its result."""

    def __init__(self, command: str) -> None:
        self._command = command
        self._place = 0
        self.pieces = [""]
        self.is_opaque = "\x00" in command

    def scan(self) -> None:
        while self._place < len(self._command):
            self._step(self._command[self._place])

    def _step(self, character: str) -> None:
        if character == "\\":
            self._take(2)
        elif character == "'":
            self._take_single_quoted()
        elif character == '"':
            self._take_double_quoted()
        elif character in "<>":
            self._take_redirection()
        elif character in _SEPARATORS and not self._command.startswith("&>", self._place):
            self.pieces.append("")
            self._place += 1
        else:
            self._note_expansion()
            self._take(1)

    def _take(self, count: int) -> None:
        self.pieces[-1] += self._command[self._place : self._place + count]
        self._place += count

    def _take_single_quoted(self) -> None:
        end = self._command.find("'", self._place + 1)
        if end < 0:
            self.is_opaque = True
            end = len(self._command)
        self._take(end + 1 - self._place)

    def _take_double_quoted(self) -> None:
        self._take(1)
        while self._place < len(self._command):
            character = self._command[self._place]
            self._note_expansion()
            self._take(2 if character == "\\" else 1)
            if character == '"':
                return
        self.is_opaque = True

    def _take_redirection(self) -> None:
        harmless = _HARMLESS_REDIRECTION.match(self._command, self._place)
        if harmless is None:
            self.is_opaque = True
            self._take(1)
        else:
            self._take(harmless.end() - self._place)

    def _note_expansion(self) -> None:
        if self._command[self._place] == "`" or self._command.startswith("$(", self._place):
            self.is_opaque = True
