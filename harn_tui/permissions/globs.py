"""The one glob of all permission rules: for tool names, paths and commands alike.

``*`` and ``**`` match any text, slashes included, also none; ``?`` one character; ``[abc]`` and
``[!abc]`` one character of a set (``[*]`` is a plain star). A ``**/`` at the start of a pattern
or after a slash also matches nothing, so ``src/**/x`` matches ``src/x``. The whole text must
match; letters match in their case only. There is no escape character but the set.
"""

import re
from fnmatch import translate
from functools import lru_cache
from itertools import product

_MAX_OPTIONAL_PARTS = 6
_SPECIAL = re.compile(r"[*?\[]")
_ANY_FOLDERS = re.compile(r"(?:(?<=/)|^)(?:\*\*/)+")


def glob_matches(pattern: str, text: str) -> bool:
    """Whether ``text`` matches ``pattern``. Takes time linear in the length of ``text``.

    Raises ValueError for a pattern with more than six ``**/`` parts.
    """
    return any(expression.match(text) for expression in _compiled(pattern))


def matches_everything(pattern: str) -> bool:
    """Whether ``pattern`` consists of stars only."""
    return bool(pattern) and not pattern.strip("*")


def literal_glob(text: str) -> str:
    """Return the glob that matches ``text`` and nothing else."""
    return _SPECIAL.sub(lambda found: f"[{found.group()}]", text)


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> tuple[re.Pattern[str], ...]:
    fixed_parts = _ANY_FOLDERS.split(pattern)
    optional = len(fixed_parts) - 1
    if optional > _MAX_OPTIONAL_PARTS:
        raise ValueError(f"more than {_MAX_OPTIONAL_PARTS} parts of '**/' in {pattern!r}")
    return tuple(
        re.compile(translate(_with_choices(fixed_parts, choices)))
        for choices in product(("", "*/"), repeat=optional)
    )


def _with_choices(fixed_parts: list[str], choices: tuple[str, ...]) -> str:
    pieces = [fixed_parts[0]]
    for choice, part in zip(choices, fixed_parts[1:], strict=True):
        pieces += [choice, part]
    return "".join(pieces)
