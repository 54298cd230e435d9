"""What a program that runs other programs would run."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from harn_tui.permissions.shell_command.model import Word

_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)\+?=")
_PROGRAM_VARIABLES = re.compile(
    r"(?:GIT_SSH|GIT_SSH_COMMAND|GIT_EXTERNAL_DIFF|GIT_ASKPASS|SSH_ASKPASS|GIT_CONFIG\w*|"
    r"GIT_PROXY_COMMAND|GIT_EXEC_PATH|GIT_TEMPLATE_DIR|\w*PAGER|\w*EDITOR|VISUAL|BROWSER|"
    r"PROMPT_COMMAND|PS[0-4]|BASH_ENV|ENV|BASH_FUNC\w*|SHELLOPTS|BASHOPTS|LD_\w+|DYLD_\w+|"
    r"PYTHONSTARTUP|PYTHONPATH|PERL5OPT|PERL5LIB|RUBYOPT|NODE_OPTIONS|LESSOPEN|LESSCLOSE|PATH|IFS)"
)
MISSING = Word("…", "…", is_open=True)
"""An argument that is added when the program runs."""


@dataclass(slots=True)
class Inside:
    """What a handler found in one command.

    ``argvs`` are commands as words; ``scripts`` are texts for a shell, each with whether that
    shell is bash; ``doubts`` are reasons why something else may run as well.
    """

    argvs: list[tuple[Word, ...]] = field(default_factory=list)
    scripts: list[tuple[str, bool]] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)

    def run(self, words: tuple[Word, ...]) -> None:
        """Add a command, if there are words for one."""
        if words:
            self.argvs.append(words)

    def script(self, words: tuple[Word, ...], *, speaks_bash: bool, by: str) -> None:
        """Add the text that ``words`` make when blanks join them."""
        if not all(word.is_fixed for word in words):
            self.doubts.append(f"gives {by} a text that is not known before")
        self.scripts.append((" ".join(word.text for word in words), speaks_bash))


def names(text: str) -> frozenset[str]:
    """Return the words of ``text`` as a set."""
    return frozenset(text.split())


def assigned_name(word: Word) -> str | None:
    """Return the variable that ``word`` sets as ``NAME=value``, ``None`` when it sets none."""
    found = _ASSIGNMENT.match(word.text)
    return found.group(1) if found else None


def chooses_programs(variable: str) -> bool:
    """Whether the value of ``variable`` decides on programs that run."""
    return _PROGRAM_VARIABLES.fullmatch(variable) is not None


def chosen_programs(words: tuple[Word, ...]) -> Iterator[str]:
    """Yield a doubt for each variable set in ``words`` that says what programs run."""
    for word in words:
        name = assigned_name(word)
        if name is not None and chooses_programs(name):
            yield f"sets {name}, which decides on programs that run"
