"""Commands in the prompt: ``/name``, and what follows it.

A text asks for a command when it begins with ``/``, a letter, and no second slash in its first
word: ``/usr/bin`` and ``//`` are text, and so is everything behind a leading space.
"""

import re
import shlex
from collections.abc import Collection, Iterable

from harn_tui.errors import HarnError

_FIRST_WORD = re.compile(r"/([^\W\d_][^\s/]*)(?=\s|\Z)")
_BEGUN = re.compile(r"/(?:[^\W\d_][^\n]*)?")


def command_asked_for(text: str, known: Iterable[str]) -> tuple[str, str] | None:
    """Return the name of the command that ``text`` asks for and what follows it.

    The longest of the ``known`` names wins, which may hold spaces and slashes; the name may also
    be none of them. ``None`` when ``text`` is to be sent as it is.
    """
    if not text.startswith("/"):
        return None
    rest = text[1:]
    for name in sorted(known, key=len, reverse=True):
        if rest.startswith(name) and (len(rest) == len(name) or rest[len(name)].isspace()):
            return name, rest[len(name) :].strip()
    match = _FIRST_WORD.match(text)
    return None if match is None else (match[1], text[match.end() :].strip())


def command_being_typed(text: str, cursor: int) -> str | None:
    """Return what is typed of a command's name at ``cursor``, ``None`` when none is typed."""
    typed = text[:cursor]
    return typed[1:] if _BEGUN.fullmatch(typed) else None


def read_values(
    text: str, names: Collection[str], required: Collection[str] = ()
) -> dict[str, str]:
    """Return the values that ``key=value`` words give, quotes as in a shell.

    A single argument needs no key. Raises HarnError for an unknown or missing one.
    """
    offered = ", ".join(names) or "none"
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise HarnError("A quotation mark is not closed.", hint="Close it, or leave it out.") from (
            error
        )
    values: dict[str, str] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or key not in names:
            if len(names) == 1 and not values:
                return {next(iter(names)): text.strip() if len(words) > 1 else word}
            raise HarnError(f"{word!r} is no argument of it.", hint=f"Its arguments: {offered}.")
        values[key] = value
    missing = [name for name in required if name not in values]
    if missing:
        raise HarnError(f"It needs {', '.join(missing)}.", hint="Add key=value for each.")
    return values
