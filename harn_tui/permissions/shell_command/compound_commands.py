"""Reads compound commands behind the word that opens them: loops, branches, tests."""

import re
from abc import abstractmethod

from harn_tui.permissions.shell_command.findings import UnclearError
from harn_tui.permissions.shell_command.inside import chooses_programs
from harn_tui.permissions.shell_command.quoting import WordDraft
from harn_tui.permissions.shell_command.simple_commands import SimpleCommandReader

_RESERVED = re.compile(
    r"(?:if|then|elif|else|fi|do|done|case|esac|while|until|for|select|time|function|coproc"
    r"|\{|\}|!|\[\[)(?=[\s;&|()<>]|$)"
)
_COPROC_NAME = re.compile(r"[A-Za-z_]\w*[ \t]+(?=[{(]|(?:while|until|if|for|case|select)\s|\[\[)")
_IN = re.compile(r"in(?=[\s;])")
_TEST_OPERATORS = "()|&<>!"


class CompoundReader(SimpleCommandReader):
    """Reads the compound commands of one text."""

    @abstractmethod
    def read_list(self, closers: frozenset[str]) -> str:
        """Read commands until one of ``closers``, which is consumed and returned."""

    @abstractmethod
    def read_command(self) -> None:
        """Read one command with what stands before and behind it."""

    def read_until(self, *closers: str) -> None:
        """Read commands until one of ``closers``."""
        self.read_list(frozenset(closers))

    def read_if(self) -> None:
        """Read the rest of ``if``."""
        self.read_until("then")
        while (closer := self.read_list(frozenset({"elif", "else", "fi"}))) != "fi":
            if closer == "elif":
                self.read_until("then")

    def read_loop(self) -> None:
        """Read the rest of ``while`` or ``until``."""
        self.read_until("do")
        self.read_until("done")

    def read_for(self) -> None:
        """Read the rest of ``for`` or ``select``."""
        self.skip_blanks()
        if self.starts("(("):
            self.at += 2
            self.read_arithmetic(WordDraft())
        else:
            self._words_of_loop()
        self.skip_newlines()
        if self.here() == ";":
            self.at += 1
            self.skip_newlines()
        opening = self.reserved()
        if opening not in {"do", "{"}:
            raise UnclearError("has a loop without 'do'")
        self.at += len(opening)
        self.read_until("done" if opening == "do" else "}")

    def _words_of_loop(self) -> None:
        name = self.read_word().text
        if chooses_programs(name):
            self.findings.doubt(f"sets {name}, which decides on programs that run")
        self.skip_newlines()
        if not _IN.match(self.text, self.at):
            return
        self.at += 2
        self.skip_blanks()
        while self.here() not in {"\n", ";", ""}:
            self.needed_word()
            self.skip_blanks()

    def read_case(self) -> None:
        """Read the rest of ``case``."""
        self.skip_blanks()
        self.needed_word()
        self.skip_newlines()
        if not self.starts("in"):
            raise UnclearError("has a case without 'in'")
        self.at += 2
        closer = ";;"
        while closer != "esac":
            self.skip_newlines()
            if self.reserved() == "esac":
                self.at += len("esac")
                return
            self._patterns()
            closer = self.read_list(frozenset({";;", ";&", "esac"}))
            if closer != "esac" and self.here() == "&":
                self.at += 1

    def _patterns(self) -> None:
        if self.here() == "(":
            self.at += 1
        while True:
            self.skip_blanks()
            self.needed_word()
            self.skip_blanks()
            separator = self.here()
            self.at += 1
            if separator == ")":
                return
            if separator != "|":
                raise UnclearError("has a case with an unusual pattern")

    def read_test(self) -> None:
        """Read the rest of ``[[ … ]]``."""
        self.only_bash("[[…]]")
        self.findings.evaluates_again = True
        while True:
            self.skip_blanks()
            character = self.here()
            if character == "\n":
                self.read_newline()
            elif character and character in _TEST_OPERATORS and not self.substitutes():
                self.at += 1
            elif self.needed_word().raw == "]]":
                return

    def read_named_function(self) -> None:
        """Read the rest of ``function``."""
        self.only_bash("'function'")
        self.skip_blanks()
        self.needed_word()
        self.skip_blanks()
        if self.here() == "(":
            self.empty_parentheses()
        self.skip_newlines()
        self.read_command()

    def empty_parentheses(self) -> None:
        """Read ``()``."""
        self.at += 1
        self.skip_blanks()
        if self.here() != ")":
            raise UnclearError("has an unexpected parenthesis")
        self.at += 1

    def read_coproc(self) -> None:
        """Read the rest of ``coproc``."""
        self.only_bash("'coproc'")
        self.skip_blanks()
        name = _COPROC_NAME.match(self.text, self.at)
        self.at = name.end() if name else self.at
        self.read_command()

    def reserved(self) -> str | None:
        """Return the reserved word that stands here, ``None`` for none."""
        found = _RESERVED.match(self.text, self.at)
        return found.group() if found else None
