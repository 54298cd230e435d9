"""Finds regular expressions that can take forever: a repeat inside a repeat, such as ``(a+)+``.

Python's matcher cannot be interrupted, so such an expression would stop the whole program. Only
this, the usual mistake, is found; alternatives that overlap (``(a|a)*``) are not.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_LARGE = 10
_TOKEN = re.compile(
    r"""
    (?P<skipped> \(\?\#[^)]*\) | \(\?[aiLmsux]+\) | \(\?P=\w+\) )
  | (?P<open> \( (?: \? (?: > | : | = | ! | <= | <! | P<\w+> | \(\w+\) | [aiLmsux-]+: ) )? )
  | (?P<close> \) )
  | (?P<repeat> (?: [*+?] | \{ \d* ,? \d* \} ) [?+]? )
  | (?P<atom> \\. | \[\^?\]? (?: \\. | [^\]\\] )* \] | . )
    """,
    re.VERBOSE | re.DOTALL,
)
_BOUNDS = re.compile(r"\{(\d*)(,?)(\d*)\}")


@dataclass(slots=True)
class _Group:
    is_atomic: bool = False
    has_repeat: bool = False


def has_nested_repeat(expression: str) -> bool:
    """Whether the valid ``expression`` repeats a group that itself repeats something.

    Possessive repeats (``a++``) and atomic groups (``(?>a+)``) are never taken back and so do not
    count, nor do repeats of at most ten times; as inner ones, those of a fixed number.
    """
    groups = [_Group()]
    is_after_repeating_group = False
    for kind, text in _tokens(expression):
        if kind == "open":
            groups.append(_Group(is_atomic=text == "(?>"))
        if kind == "repeat" and _can_be_large(text):
            if is_after_repeating_group:
                return True
            groups[-1].has_repeat |= not _is_fixed(text)
        is_after_repeating_group = False
        if kind == "close" and len(groups) > 1:
            inner = groups.pop()
            is_after_repeating_group = inner.has_repeat and not inner.is_atomic
            groups[-1].has_repeat |= is_after_repeating_group
    return False


def _tokens(expression: str) -> Iterator[tuple[str, str]]:
    for token in _TOKEN.finditer(expression):
        if token.lastgroup not in {None, "skipped"}:
            yield str(token.lastgroup), token.group()


def _can_be_large(repeat: str) -> bool:
    if repeat[1:].endswith("+"):  # possessive
        return False
    bounds = _BOUNDS.match(repeat)
    if bounds is None:
        return repeat[0] in "*+"
    least, comma, most = bounds.groups()
    limit = most or ("" if comma else least or "1")
    return not limit or int(limit) > _LARGE


def _is_fixed(repeat: str) -> bool:
    return repeat[0] == "{" and "," not in repeat
