"""What a parsed command line consists of."""

import posixpath
from dataclasses import dataclass

_DUPLICATED = frozenset("0123456789-")
_WRITING_OPERATORS = frozenset({">", ">>", ">|", "&>", "&>>", "<>", ">&"})
_READING_OPERATORS = frozenset({"<", "<>"})
_HARMLESS_TARGETS = frozenset({"/dev/null", "/dev/stdout", "/dev/stderr", "/dev/tty"})


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a command.

    ``raw`` is the source, ``text`` the value without its quotes; what is expanded stands in it
    as written. ``has_glob`` tells of unquoted ``* ? [``, ``is_open`` that the value is not known
    before the shell runs: variables, substitutions, braces.
    """

    raw: str
    text: str
    has_glob: bool = False
    is_open: bool = False

    @property
    def is_fixed(self) -> bool:
        """Whether the command gets exactly ``text``."""
        return not self.has_glob and not self.is_open


class HereDocument:
    """The input that a here-document gives; ``body`` is ``None`` until its lines were read."""

    __slots__ = ("body", "delimiter", "is_quoted", "strips_tabs")

    def __init__(self, delimiter: str, *, is_quoted: bool, strips_tabs: bool) -> None:
        self.delimiter = delimiter
        self.is_quoted = is_quoted
        self.strips_tabs = strips_tabs
        self.body: Word | None = None


@dataclass(frozen=True, slots=True)
class Redirection:
    """One redirection; ``operator`` has no file descriptor, ``here`` is set for ``<<`` alone."""

    operator: str
    target: Word
    here: HereDocument | None = None

    @property
    def _is_duplication(self) -> bool:
        return self.operator in {">&", "<&"} and set(self.target.text) <= _DUPLICATED

    @property
    def writes_file(self) -> bool:
        """Whether a file is written, made or emptied."""
        is_harmless = self.target.is_fixed and self.target.text in _HARMLESS_TARGETS
        return self.operator in _WRITING_OPERATORS and not self._is_duplication and not is_harmless

    @property
    def reads_file(self) -> bool:
        """Whether a file is read."""
        is_harmless = self.target.is_fixed and self.target.text == "/dev/null"
        return self.operator in _READING_OPERATORS and not is_harmless


@dataclass(frozen=True, slots=True)
class PipePlace:
    """A place in a pipeline: stage 0 writes to stage 1."""

    pipeline: int
    stage: int


@dataclass(frozen=True, slots=True)
class SimpleCommand:
    """One program that would run, with its arguments.

    ``words`` begin with the program and are empty for assignments or redirections alone. ``raw``
    is the source with redirections. ``pipes`` are the pipelines that it runs in, outermost
    first. ``inside`` are the numbers of the commands in whose words or redirections it stands,
    ``run_by`` the number of the wrapper (``env``, ``bash -c``) that starts it.
    """

    number: int
    words: tuple[Word, ...]
    assignments: tuple[Word, ...] = ()
    redirections: tuple[Redirection, ...] = ()
    raw: str = ""
    pipes: tuple[PipePlace, ...] = ()
    inside: tuple[int, ...] = ()
    run_by: int | None = None

    @property
    def program(self) -> str | None:
        """The program's name without folders; ``None`` when there is none or it is not known."""
        if not self.words or not self.words[0].is_fixed:
            return None
        return posixpath.basename(self.words[0].text) or self.words[0].text

    @property
    def arguments(self) -> tuple[Word, ...]:
        """The words after the program."""
        return self.words[1:]

    @property
    def reads_pipe(self) -> bool:
        """Whether something is piped into the command."""
        return any(place.stage > 0 for place in self.pipes)


@dataclass(frozen=True, slots=True)
class CommandLine:
    """A command line taken apart.

    ``commands`` are all that would run, inner ones included, each wrapper beside what it runs.
    ``doubts`` are reasons why others may run besides; when there is one the line is unknown and
    ``loose_texts`` are texts of commands that may hide in it, for rules that hold back.
    """

    source: str
    commands: tuple[SimpleCommand, ...]
    doubts: tuple[str, ...] = ()
    loose_texts: tuple[str, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether ``commands`` are surely all that would run."""
        return not self.doubts
