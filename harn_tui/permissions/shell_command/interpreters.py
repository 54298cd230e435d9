"""Interpreters that are given their code with the command, or by their input.

What the code does is not looked into, so a line with such a command is never surely known. When
in doubt an option counts as one that takes code: then a person is asked, and nothing is hidden.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from harn_tui.permissions.shell_command.inside import Inside, names
from harn_tui.permissions.shell_command.model import SimpleCommand, Word

_STANDARD_INPUT: Final = frozenset({"-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"})
_VERSION: Final = re.compile(r"(?<=[a-z])-?[0-9]+(?:\.[0-9]+)*$")
_TELLING: Final = names("--version --help -V -v -h -VV --V --v")


@dataclass(frozen=True, slots=True)
class _Interpreter:
    """``letters`` are short options that take code, alone or in a cluster; ``words`` other ones.

    ``valued`` are the short options whose value is the next word. ``subcommands`` take code as
    their argument. ``idle`` are options without which no script means that input is run.
    """

    letters: str
    words: frozenset[str] = frozenset()
    valued: frozenset[str] = frozenset()
    subcommands: frozenset[str] = frozenset()
    idle: frozenset[str] = _TELLING
    reads_input: bool = True


_PYTHON = _Interpreter("c", valued=names("-W -X --check-hash-based-pycs"))
_NODE = _Interpreter(
    "ep",
    names("--eval --print --import --require --loader --experimental-loader -r"),
    valued=names("-C --conditions --env-file --title"),
    idle=_TELLING | {"--test", "--v8-options", "--run"},
)
_PERL = _Interpreter("eEMm", valued=names("-I"))
_RUBY = _Interpreter("er", valued=names("-I -C -E"))
_LETTER_E = _Interpreter("eE", names("--eval --print --rpc-eval"))
_INTERPRETERS: Final[Mapping[str, _Interpreter]] = MappingProxyType(
    {
        **dict.fromkeys(names("python pypy ipython"), _PYTHON),
        **dict.fromkeys(names("node nodejs"), _NODE),
        "bun": _Interpreter("ep", names("--eval --print --preload -r"), reads_input=False),
        "deno": _Interpreter("", subcommands=names("eval repl"), reads_input=False),
        "perl": _PERL,
        **dict.fromkeys(names("ruby jruby"), _RUBY),
        "php": _Interpreter("rBREd", names("--run"), valued=names("-c -t -S"), idle=names(
            "--version --help -v -h -i -m -S -l"
        )),
        **dict.fromkeys(names("lua luajit"), _Interpreter("el")),
        **dict.fromkeys(names("Rscript R julia groovy scala elixir iex"), _LETTER_E),
        "osascript": _Interpreter("e", valued=names("-l -s")),
        "tclsh": _Interpreter(""),
        "powershell": _Interpreter("cCeE"),
    }
)  # fmt: skip
_AWKS: Final = names("awk gawk mawk nawk busybox-awk")
_ACTING_IN_AWK: Final = re.compile(r"system|[|>]|getline|@")
_CODE_MODULES: Final = names("timeit code")


def run_interpreter(command: SimpleCommand, found: Inside) -> None:
    """Doubt an interpreter whose code stands in the command or comes with its input."""
    doubt = given_code(command.words)
    if doubt is not None:
        found.doubts.append(doubt)


def given_code(words: tuple[Word, ...]) -> str | None:
    """Return what is doubtful of the command of ``words``, ``None`` when it is given no code."""
    program = words[0].text.rpartition("/")[2] if words and words[0].is_fixed else ""
    if program in _AWKS:
        return _awk_doubt(program, words[1:])
    interpreter = _interpreter(program)
    if interpreter is None or not _takes_code(interpreter, words[1:]):
        return None
    return f"gives {program} code that is not looked into"


def is_interpreter(program: str) -> bool:
    """Whether ``program`` is one whose code is looked for here."""
    return program in _AWKS or _interpreter(program) is not None


def _interpreter(program: str) -> _Interpreter | None:
    return _INTERPRETERS.get(program) or _INTERPRETERS.get(_VERSION.sub("", program))


def _takes_code(interpreter: _Interpreter, arguments: tuple[Word, ...]) -> bool:
    at = 0
    while at < len(arguments):
        word = arguments[at]
        text = word.text
        if word.is_open or text in _STANDARD_INPUT:
            return True
        if not text.startswith("-"):
            return text in interpreter.subcommands
        if interpreter is _PYTHON and text.startswith("-m"):
            module = text[2:] or (arguments[at + 1].text if at + 1 < len(arguments) else "")
            return module in _CODE_MODULES
        if text == "--":
            at += 1
            break
        if _is_code_option(interpreter, text):
            return True
        at += 2 if text in interpreter.valued else 1
    if at < len(arguments):
        return arguments[at].is_open or arguments[at].text in _STANDARD_INPUT
    texts = {argument.text for argument in arguments}
    return interpreter.reads_input and not texts & interpreter.idle


def _is_code_option(interpreter: _Interpreter, text: str) -> bool:
    name = text.partition("=")[0]
    if name in interpreter.words:
        return True
    if text.startswith("--") or name in interpreter.idle or name in interpreter.valued:
        return False
    return any(letter in text for letter in interpreter.letters)


def _awk_doubt(program: str, arguments: tuple[Word, ...]) -> str | None:
    """Doubt a program that can start others or write files; a plain one only prints."""
    programs = [word for word in arguments if not word.text.startswith("-F")]
    acts = any(word.is_open or _ACTING_IN_AWK.search(word.text) for word in programs)
    return f"gives {program} code that is not looked into" if acts else None
