"""Reads words: quotes, escapes, and what is expanded in them."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable

from harn_tui.permissions.shell_command.cursor import Cursor
from harn_tui.permissions.shell_command.findings import Findings, UnclearError
from harn_tui.permissions.shell_command.model import Word
from harn_tui.permissions.shell_command.quoting import WordDraft, decode_ansi_c

_PLAIN = re.compile(r"[^\s\x00-\x1f'\"\\$`|&;()<>*?\[{\x7f\ud800-\udfff]+")
_ENDS = frozenset(" \t\n|&;()<>")
_IN_DOUBLE_QUOTES = re.compile(r"[^\"\\$`]+")
_IN_ANSI_QUOTES = re.compile(r"(?:[^'\\]|\\.)*", re.DOTALL)
_IN_BACKQUOTES = re.compile(r"(?:[^`\\]|\\.)*", re.DOTALL)
_IN_BRACES = re.compile(r"[^}'\"\\$`<>]+")
_IN_ARITHMETIC = re.compile(r"[^()'\"\\$`]+")
_VARIABLE = re.compile(r"\$(?:[A-Za-z_]\w*|[0-9@*#?$!-])", re.ASCII)
_ESCAPED_IN_DOUBLE_QUOTES = '$`"\\'


class WordReader(Cursor, ABC):
    """Reads words of one text; a grammar adds how lists of commands are read."""

    def __init__(self, text: str, findings: Findings, *, speaks_bash: bool) -> None:
        super().__init__(text, findings, speaks_bash=speaks_bash)
        self._steps: dict[str, Callable[[WordDraft], bool]] = {
            "'": self._single_quotes,
            '"': self._double_quotes,
            "\\": self._escape,
            "$": self._dollar,
            "`": self._backquotes,
            "*": self._special,
            "?": self._special,
            "[": self._special,
            "{": self._special,
            "<": self._process,
            ">": self._process,
        }

    @abstractmethod
    def read_substitution(self) -> None:
        """Read the commands of a substitution and the parenthesis that closes it."""

    @abstractmethod
    def parse_within(self, text: str) -> None:
        """Parse the commands of another text at the place where the parser stands."""

    def read_word(self) -> Word:
        """Read the word at ``at``; it is empty when none begins there."""
        start = self.at
        draft = WordDraft()
        while self.at < self.end:
            plain = _PLAIN.match(self.text, self.at)
            if plain:
                draft.add(plain.group())
                self.at = plain.end()
                continue
            step = self._steps.get(self.text[self.at], self._other)
            if not step(draft):
                break
        self.findings.hides_code = self.findings.hides_code or draft.hides_code
        return draft.finished(self.text[start : self.at])

    def read_double_quoted(self, draft: WordDraft, closer: str) -> None:
        """Read up to an unescaped ``closer`` (empty: the end), expanding as in double quotes."""
        while self.at < self.end:
            plain = _IN_DOUBLE_QUOTES.match(self.text, self.at)
            if plain:
                draft.add(plain.group())
                self.at = plain.end()
                continue
            character = self.text[self.at]
            if character == closer:
                self.at += 1
                return
            if character == "\\":
                self._escape_in_quotes(draft)
            elif character == "$":
                self._expand(draft, is_quoted=True)
            elif character == "`":
                self._backquotes(draft, is_quoted=bool(closer))
            else:
                draft.add(character)
                self.at += 1
        if closer:
            raise UnclearError("has an open quote")

    def read_arithmetic(self, draft: WordDraft) -> None:
        """Read the rest of ``((…))``, of which both opening parentheses were consumed."""
        self.findings.evaluates_again = True
        open_parentheses = 0
        while self.at < self.end:
            plain = _IN_ARITHMETIC.match(self.text, self.at)
            if plain:
                self.at = plain.end()
                continue
            character = self.text[self.at]
            self.at += 1
            if character == "(":
                open_parentheses += 1
            elif character == ")" and open_parentheses:
                open_parentheses -= 1
            elif character == ")":
                if self.here() != ")":
                    raise UnclearError("has what may be arithmetic or a subshell")
                self.at += 1
                return
            else:
                self.at -= 1
                self._in_arithmetic(draft, character)
        raise UnclearError("has an open arithmetic expression")

    def _in_arithmetic(self, draft: WordDraft, character: str) -> None:
        if character == "$":
            self._expand(draft, is_quoted=True)
        elif character == "`":
            self._backquotes(draft, is_quoted=True)
        else:
            raise UnclearError("has quotes in an arithmetic expression")

    def _single_quotes(self, draft: WordDraft) -> bool:
        close = self.text.find("'", self.at + 1)
        if close < 0:
            raise UnclearError("has an open quote")
        draft.add_quoted(self.text[self.at + 1 : close])
        self.at = close + 1
        return True

    def _double_quotes(self, draft: WordDraft) -> bool:
        self.at += 1
        self.read_double_quoted(draft, '"')
        return True

    def _escape(self, draft: WordDraft) -> bool:
        if self.at + 1 >= self.end:
            raise UnclearError("ends with a backslash")
        escaped = self.text[self.at + 1]
        if escaped != "\n":
            draft.add(escaped)
            draft.hides_code = draft.hides_code or escaped in "$`"
        self.at += 2
        return True

    def _escape_in_quotes(self, draft: WordDraft) -> None:
        escaped = self.text[self.at + 1 : self.at + 2]
        if escaped == "":
            raise UnclearError("ends with a backslash")
        if escaped in _ESCAPED_IN_DOUBLE_QUOTES:
            draft.add(escaped)
            draft.hides_code = draft.hides_code or escaped in "$`"
        elif escaped != "\n":
            draft.add(f"\\{escaped}")
        self.at += 2

    def _special(self, draft: WordDraft) -> bool:
        draft.add_special(self.text[self.at])
        self.at += 1
        return True

    def _other(self, draft: WordDraft) -> bool:
        character = self.text[self.at]
        if character in _ENDS:
            return False
        if character == "\x00" or "\ud800" <= character <= "\udfff":
            raise UnclearError("has a character that no command can hold")
        self.findings.doubt("has an unusual white space or control character outside quotes")
        draft.add(character)
        self.at += 1
        return True

    def _process(self, draft: WordDraft) -> bool:
        if not self.text.startswith("(", self.at + 1):
            return False
        self.only_bash("a process substitution")
        start = self.at
        self.at += 2
        self.read_nested(self.read_substitution)
        draft.add_open(self.text[start : self.at])
        return True

    def _dollar(self, draft: WordDraft) -> bool:
        if self.text.startswith("'", self.at + 1):
            self._ansi_c_quotes(draft)
        elif self.text.startswith('"', self.at + 1):
            self.only_bash('$"…"')
            self.at += 2
            self.read_double_quoted(draft, '"')
        else:
            self._expand(draft, is_quoted=False)
        return True

    def _ansi_c_quotes(self, draft: WordDraft) -> None:
        self.only_bash("$'…'")
        found = _IN_ANSI_QUOTES.match(self.text, self.at + 2)
        if found is None or not self.text.startswith("'", found.end()):
            raise UnclearError("has an open quote")
        draft.add_quoted(decode_ansi_c(found.group()))
        self.at = found.end() + 1

    def _expand(self, draft: WordDraft, *, is_quoted: bool) -> None:
        """Read what begins with ``$``."""
        start = self.at
        following = self.text[self.at + 1 : self.at + 2]
        if self.starts("$(("):
            self.at += 3
            self.read_nested(lambda: self.read_arithmetic(WordDraft()))
        elif following == "(":
            self.at += 2
            self.read_nested(self.read_substitution)
        elif following == "{":
            self.at += 2
            self.read_nested(lambda: self._parameter(is_quoted=is_quoted))
        elif following == "[" or self.starts("$\\\n"):
            raise UnclearError("has an expansion that shells read differently")
        elif found := _VARIABLE.match(self.text, self.at):
            self.at = found.end()
        else:
            draft.add("$")
            self.at += 1
            return
        draft.add_open(self.text[start : self.at])

    def _parameter(self, *, is_quoted: bool) -> None:
        """Read the rest of ``${…}``."""
        if self.here() in {" ", "\t", "\n", "|"}:
            raise UnclearError("has a command substitution in braces")
        start = self.at
        inner = WordDraft()
        while self.at < self.end:
            plain = _IN_BRACES.match(self.text, self.at)
            if plain:
                self.at = plain.end()
                continue
            character = self.text[self.at]
            if character == "}":
                self._judge_parameter(self.text[start : self.at])
                self.at += 1
                return
            if character in "<>":
                if is_quoted or not self._process(inner):
                    self.at += 1
            elif character == "'" and is_quoted:
                raise UnclearError("has a single quote in braces within double quotes")
            else:
                self._steps[character](inner)
        raise UnclearError("has an open ${")

    def _judge_parameter(self, source: str) -> None:
        """Note what an expansion evaluates beyond the value of its variable."""
        if "@P" in source:
            self.findings.doubt("expands a value as a prompt, which runs what is in it")
        if ":" in source or "[" in source:
            self.findings.evaluates_again = True

    def _backquotes(self, draft: WordDraft, *, is_quoted: bool = False) -> bool:
        start = self.at
        found = _IN_BACKQUOTES.match(self.text, start + 1)
        if found is None or not self.text.startswith("`", found.end()):
            raise UnclearError("has an open backquote")
        escaped = r"\\([$`\\\"])" if is_quoted else r"\\([$`\\])"
        inner = re.sub(escaped, r"\1", found.group())
        self.read_nested(lambda: self.parse_within(inner))
        self.at = found.end() + 1
        draft.add_open(self.text[start : self.at])
        return True
