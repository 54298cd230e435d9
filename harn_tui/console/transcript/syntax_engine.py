"""The syntax engine: Pygments' lexers, their tokens reduced to our roles.

Slow to import; the start-up room loads it after the first frame.
"""

from collections.abc import Sequence
from functools import lru_cache

from pygments.lexer import Lexer
from pygments.lexers import get_all_lexers, get_lexer_by_name
from pygments.token import Comment, Generic, Keyword, Literal, Name, Number, Operator, String
from pygments.token import _TokenType as TokenType
from pygments.util import ClassNotFound

from harn_tui.console.transcript.engines import ColouredLine
from harn_tui.console.transcript.roles import Role

MAX_LEXED_CHARS = 1000
"""A longer line is not coloured: lexers may take quadratic time."""

_ROLES: tuple[tuple[TokenType, Role], ...] = (
    (Comment, Role.COMMENT),
    (Keyword, Role.KEYWORD),
    (Operator.Word, Role.KEYWORD),
    (String, Role.STRING),
    (Number, Role.NUMBER),
    (Literal, Role.NUMBER),
    (Name.Function, Role.FUNCTION),
    (Name.Decorator, Role.FUNCTION),
    (Name.Builtin, Role.FUNCTION),
    (Name.Class, Role.TYPE),
    (Name.Exception, Role.TYPE),
    (Name.Namespace, Role.TYPE),
    (Name.Tag, Role.KEYWORD),
    (Name.Attribute, Role.TYPE),
    (Generic.Inserted, Role.ADDED),
    (Generic.Deleted, Role.REMOVED),
    (Generic.Subheading, Role.HUNK),
    (Generic.Heading, Role.HUNK),
)


class PygmentsEngine:
    """Colours source code line by line or piece by piece."""

    def colour_line(self, language: str, line: str) -> ColouredLine | None:
        """Colour one line seen alone; ``None`` when the language is unknown."""
        return _colour_line(language, line)

    def colour_lines(
        self, language: str, source: str, context: str
    ) -> Sequence[ColouredLine] | None:
        """Colour the lines of ``source``, read after ``context``; ``None`` as above."""
        lexer = _lexer(language)
        if lexer is None:
            return None
        lines = source.split("\n")
        if max(map(len, lines)) > MAX_LEXED_CHARS:
            return [[(line, Role.CODE)] for line in lines]
        text = f"{context}\n{source}" if context and len(context) < 8000 else source
        return _lex(lexer, text)[-len(lines) :]

    def warm(self, languages: Sequence[str]) -> None:
        """Import the lexers of ``languages``, so that their first use is quick."""
        for language in languages:
            _lexer(language)


@lru_cache(maxsize=512)
def _colour_line(language: str, line: str) -> ColouredLine | None:
    lexer = _lexer(language)
    if lexer is None:
        return None
    if len(line) > MAX_LEXED_CHARS:
        return [(line, Role.CODE)]
    return _lex(lexer, line)[0]


@lru_cache(maxsize=64)
def _lexer(language: str) -> Lexer | None:
    # Only names that Pygments ships: looking for plug-ins scans every installed package.
    if language.lower() not in _aliases():
        return None
    try:
        return get_lexer_by_name(language, stripnl=False, ensurenl=True)
    except ClassNotFound:
        return None


@lru_cache(maxsize=1)
def _aliases() -> frozenset[str]:
    shipped = get_all_lexers(plugins=False)
    return frozenset(alias.lower() for _, aliases, _, _ in shipped for alias in aliases)


@lru_cache(maxsize=256)
def _role(token: TokenType) -> Role:
    for parent, role in _ROLES:
        if token in parent:
            return role
    return Role.CODE


def _lex(lexer: Lexer, text: str) -> list[list[tuple[str, Role]]]:
    """Return the coloured lines of ``text``: as many as it has."""
    lines: list[list[tuple[str, Role]]] = [[]]
    for token, value in lexer.get_tokens(text):
        role = _role(token)
        first, *others = value.split("\n")
        if first:
            lines[-1].append((first, role))
        lines.extend([(part, role)] if part else [] for part in others)
    count = text.count("\n") + 1
    lines += [[]] * (count - len(lines))
    return lines[:count]
