"""Reads lists of commands: pipelines, compound commands, functions, simple commands.

It takes more than a shell does (an empty list, a stray ``;``), because what a shell refuses runs
nothing; it never takes less without saying so.
"""

import re
from collections.abc import Callable

from harn_tui.permissions.shell_command.compound_commands import CompoundReader
from harn_tui.permissions.shell_command.findings import Findings, UnclearError
from harn_tui.permissions.shell_command.model import PipePlace, Redirection, Word
from harn_tui.permissions.shell_command.quoting import WordDraft

_TIME_OPTIONS = re.compile(r"(?:-p|--)(?=\s)")
_SPLIT_OPERATOR = re.compile(r"[<>&|;(]\\\n[<>&|;(]")
_END = ""


class Grammar(CompoundReader):
    """Reads one whole text."""

    def __init__(self, text: str, findings: Findings, *, speaks_bash: bool = True) -> None:
        super().__init__(text, findings, speaks_bash=speaks_bash)
        self._compounds: dict[str, Callable[[], None]] = {
            "{": lambda: self.read_until("}"),
            "if": self.read_if,
            "while": self.read_loop,
            "until": self.read_loop,
            "for": self.read_for,
            "select": self.read_for,
            "case": self.read_case,
            "[[": self.read_test,
            "function": self.read_named_function,
            "coproc": self.read_coproc,
        }

    def read_all(self) -> None:
        """Read the text to its end. Raises UnclearError when that cannot be done surely."""
        if _SPLIT_OPERATOR.search(self.text):
            raise UnclearError("continues a line in the middle of an operator")
        self.read_list(frozenset({_END}))
        if self.awaited:
            raise UnclearError("has a here-document without lines")

    def parse_within(self, text: str) -> None:
        """Parse the commands of another text at the place where the parser stands."""
        Grammar(text, self.findings, speaks_bash=self.speaks_bash).read_all()

    def read_substitution(self) -> None:
        """Read the commands of a substitution and the parenthesis that closes it."""
        outside, self.awaited_outside = self.awaited_outside, len(self.awaited)
        self.read_list(frozenset({")"}))
        if len(self.awaited) != self.awaited_outside:
            raise UnclearError("has a here-document that ends outside its substitution")
        self.awaited_outside = outside

    def read_list(self, closers: frozenset[str]) -> str:
        """Read commands until one of ``closers``, which is consumed and returned."""
        while True:
            self.skip_blanks()
            closer = self._closer(closers)
            if closer is not None:
                return closer
            if not self._separator():
                self._pipeline()

    def _closer(self, closers: frozenset[str]) -> str | None:
        character = self.here()
        if character == "":
            found: str | None = _END
        elif character == ")":
            found = ")"
        elif self.starts(";;"):
            found = ";;"
        elif self.starts(";&"):
            found = ";&"
        else:
            found = self.reserved()
        if found in closers:
            self.at += len(found)
            return found
        if found in {_END, ")", ";;"}:
            raise UnclearError(self.instead_of("more"))
        return None

    def _separator(self) -> bool:
        """Consume one separator of commands, if one stands here."""
        character = self.here()
        if character == "\n":
            self.read_newline()
        elif self.starts("&&") or self.starts("||"):
            self.at += 2
        elif character in ";&" and not self.starts("&>"):
            self.at += 1
        else:
            return False
        return True

    def _pipeline(self) -> None:
        pipes = self.findings.pipes
        pipes.append(PipePlace(self.findings.new_pipeline(), 0))
        self.read_command()
        self.skip_blanks()
        while self.here() == "|" and not self.starts("||"):
            if self.starts("|&"):
                self.only_bash("|&")
                self.at += 1
            self.at += 1
            pipes[-1] = PipePlace(pipes[-1].pipeline, pipes[-1].stage + 1)
            self.skip_newlines()
            self.read_command()
            self.skip_blanks()
        pipes.pop()

    def read_command(self) -> None:
        """Read one command with what stands before and behind it."""
        self.skip_blanks()
        reserved = self.reserved()
        while reserved in {"!", "time"}:
            self.at += len(reserved)
            self.skip_blanks()
            options = _TIME_OPTIONS.match(self.text, self.at) if reserved == "time" else None
            self.at = options.end() if options else self.at
            self.skip_blanks()
            reserved = self.reserved()
        if self.starts("(("):
            self.only_bash("((…))")
            self.at += 2
            self._compound(lambda: self.read_arithmetic(WordDraft()))
        elif self.here() == "(":
            self.at += 1
            self._compound(lambda: self.read_until(")"))
        elif reserved in self._compounds:
            self.at += len(reserved)
            self._compound(self._compounds[reserved])
        elif reserved is not None:
            raise UnclearError(f"has {reserved!r} where a command must stand")
        else:
            self.read_simple()

    def _compound(self, read: Callable[[], None]) -> None:
        """Read a compound command, whose own word was consumed, and its redirections."""
        self.findings.go_in()
        read()
        self.findings.come_out()
        number = self.findings.new_number()
        start = self.at
        redirections: list[Redirection] = []
        self.findings.inside.append(number)
        self.skip_blanks()
        while self.redirects():
            redirections.append(self.read_redirection())
            self.skip_blanks()
        self.findings.inside.pop()
        if redirections:
            self.findings.add(number, [], [], redirections, self.text[start : self.at].strip())

    def read_function(self, words: list[Word], *, is_alone: bool) -> None:
        """Read a function from its parentheses on; ``words`` should be its name alone."""
        if len(words) != 1 or not is_alone or not words[0].is_fixed:
            raise UnclearError("has an unexpected parenthesis")
        self.empty_parentheses()
        self.skip_newlines()
        self.findings.go_in()
        self.read_command()
        self.findings.come_out()
