"""Reads simple commands: words, assignments, redirections and the here-documents behind them."""

import re
from abc import abstractmethod

from harn_tui.permissions.shell_command.findings import Findings, UnclearError
from harn_tui.permissions.shell_command.here_documents import here_document, read_body
from harn_tui.permissions.shell_command.model import HereDocument, Redirection, Word
from harn_tui.permissions.shell_command.quoting import WordDraft
from harn_tui.permissions.shell_command.word_reader import WordReader

_REDIRECTION = re.compile(r"(?:\d+|\{[A-Za-z_]\w*\})?(&>>|&>|<<<|<<-|<<|<>|<&|>>|>&|>\||[<>])")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*(?:\[[^\]]*\])?\+?=", re.ASCII)
_OPEN_SUBSCRIPT = re.compile(r"[A-Za-z_]\w*\[", re.ASCII)
_DESCRIPTOR = re.compile(r"[0-9]+-?|-")
_BASH_OPERATORS = frozenset({"&>", "&>>", "<<<"})
_COMMAND_ENDS = frozenset({"", "\n", ";", "&", "|", "(", ")"})


class SimpleCommandReader(WordReader):
    """Reads the simple commands of one text."""

    def __init__(self, text: str, findings: Findings, *, speaks_bash: bool) -> None:
        super().__init__(text, findings, speaks_bash=speaks_bash)
        self.awaited: list[HereDocument] = []
        """Here-documents whose lines begin after the next line end."""
        self.awaited_outside = 0
        """How many of them belong to commands around the substitution that is being read."""

    def read_newline(self) -> None:
        """Consume a line end, and the here-documents that begin after it."""
        if self.awaited_outside:
            raise UnclearError("has a here-document that begins within a substitution")
        self.at += 1
        for document in self.awaited:
            body, self.at = read_body(self.text, self.at, document)
            document.body = Word(body, body)
            if not document.is_quoted:
                document.body = self._expanded(body)
        self.awaited.clear()

    def skip_newlines(self) -> None:
        """Skip blanks, comments and line ends."""
        self.skip_blanks()
        while self.here() == "\n":
            self.read_newline()
            self.skip_blanks()

    @abstractmethod
    def read_function(self, words: list[Word], *, is_alone: bool) -> None:
        """Read a function from its parentheses on; ``words`` should be its name alone."""

    def _expanded(self, body: str) -> Word:
        """Parse what is expanded in a here-document."""
        draft = WordDraft()
        inner = type(self)(body, self.findings, speaks_bash=self.speaks_bash)
        inner.read_double_quoted(draft, "")
        self.findings.hides_code = self.findings.hides_code or draft.hides_code
        return draft.finished(body)

    def needed_word(self) -> Word:
        """Read a word. Raises UnclearError when none begins here."""
        word = self.read_word()
        if not word.raw:
            raise UnclearError(self.instead_of("a word"))
        return word

    def substitutes(self) -> bool:
        """Whether a process substitution begins here."""
        return self.starts("<(") or self.starts(">(")

    def redirects(self) -> bool:
        """Whether a redirection begins here."""
        return _REDIRECTION.match(self.text, self.at) is not None and not self.substitutes()

    def read_redirection(self) -> Redirection:
        """Read a redirection, which begins here."""
        found = _REDIRECTION.match(self.text, self.at)
        assert found is not None, "the caller has looked"
        operator = found.group(1)
        self.at = found.end()
        if operator in _BASH_OPERATORS:
            self.only_bash(operator)
        self.skip_blanks()
        target = self.needed_word()
        if operator in {">&", "<&"} and not _DESCRIPTOR.fullmatch(target.raw):
            self.findings.evaluates_again = True  # bash expands such a target twice
        if operator not in {"<<", "<<-"}:
            return Redirection(operator, target)
        document = here_document(target, strips_tabs=operator == "<<-")
        self.awaited.append(document)
        return Redirection("<<", target, document)

    def _array(self, word: Word) -> Word:
        """Return an assignment with the elements of its array, if ``word`` begins one."""
        if self.here() != "(" or _ASSIGNMENT.fullmatch(word.raw) is None:
            return word
        self.only_bash("an array")
        start = self.at
        self.at += 1
        self.skip_newlines()
        while self.here() != ")":
            self.needed_word()
            self.skip_newlines()
        self.at += 1
        raw = word.raw + self.text[start : self.at]
        return Word(raw, raw, is_open=True)

    def read_simple(self) -> None:
        """Read a simple command, or a function's name and the function."""
        number = self.findings.new_number()
        start = last = self.at
        words: list[Word] = []
        assignments: list[Word] = []
        redirections: list[Redirection] = []
        self.findings.inside.append(number)
        while True:
            if self.redirects():
                redirections.append(self.read_redirection())
            elif self.substitutes() or self.here() not in _COMMAND_ENDS:
                word = self._array(self.needed_word())
                if not words and _OPEN_SUBSCRIPT.match(word.raw) and "]" not in word.raw:
                    raise UnclearError("has blanks in a subscript")
                is_assignment = not words and _ASSIGNMENT.match(word.raw)
                (assignments if is_assignment else words).append(word)
            else:
                break
            last = self.at
            self.skip_blanks()
        self.findings.inside.pop()
        if self.here() == "(":
            self.read_function(words, is_alone=not assignments and not redirections)
            return
        if last == start:
            raise UnclearError(self.instead_of("a command"))
        self.findings.add(number, words, assignments, redirections, self.text[start:last])
