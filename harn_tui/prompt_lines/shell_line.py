"""Shell lines in the prompt: ``!make test``, alone and on one line."""

import re

_SHELL_LINE = re.compile(r"!(?![!\[=])[ \t]*(\S[^\r\n]*)\s*")
_BEGINNING = re.compile(r"!(?![!\[=])[ \t]*\S")


def shell_command_of(text: str) -> str | None:
    """Return the command that ``text`` is to run; ``None`` when it is to be sent.

    ``!!``, ``!=`` and ``![image]`` begin text, and so does a space before the ``!``.
    """
    match = _SHELL_LINE.fullmatch(text)
    return None if match is None else match[1].strip()


def begins_as_command(text: str) -> bool:
    """Whether ``text`` begins as a command does, whether or not it is one line."""
    return _BEGINNING.match(text) is not None
