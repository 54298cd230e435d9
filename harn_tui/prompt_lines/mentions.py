"""Mentions in a person's line: ``@path``, ``@path:10-40``, ``@"a name"``, ``@server:uri``.

A mention begins at ``@`` where a word could begin: not within an e-mail address, not behind a
backslash, and neither in a fenced block nor between backticks. Whether it names anything is for
those to find out who look.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from harn_tui.prompt_lines.code_spans import code_spans

_START = re.compile(r"""(?<![^\s(\[{<'",;])@(?=[^\s@])""")
_BARE = re.compile(r'[^\s"`<>]+')
_QUOTED = re.compile(r'"((?:[^"\\\n]|\\["\\])*+)"')
_RANGE = re.compile(r":([1-9]\d{0,8})(?:-([1-9]\d{0,8}))?")
_MOST_TYPED = 400
_TRAILING = ".,;:!?)]}'"
_CLOSERS = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True, slots=True)
class Mention:
    """One mention: ``text[start:end]``, from the ``@`` on.

    ``target`` is the path without quotes and range. ``first_line`` and ``last_line`` are counted
    from 1, both included; ``None`` for the whole. ``whole`` is the target with what was taken for
    a range, for addresses that end like one.
    """

    start: int
    end: int
    target: str
    first_line: int | None = None
    last_line: int | None = None
    is_quoted: bool = False

    @property
    def whole(self) -> str:
        """The target and its range as they were written, without quotes."""
        if self.first_line is None:
            return self.target
        last = "" if self.last_line == self.first_line else f"-{self.last_line}"
        return f"{self.target}:{self.first_line}{last}"


def find_mentions(text: str) -> list[Mention]:
    """Return the mentions in ``text``, in order; they do not overlap."""
    if "@" not in text:
        return []
    spans = iter(code_spans(text))
    span = next(spans, None)
    found: list[Mention] = []
    for mention in _candidates(text):
        while span is not None and span[1] <= mention.start:
            span = next(spans, None)
        if span is None or mention.start < span[0]:
            found.append(mention)
    return found


def mention_text(target: str, first_line: int | None = None, last_line: int | None = None) -> str:
    """Return how ``target`` is mentioned, in quotes where they are needed.

    Raises ValueError for a target that no mention can name: an empty one, or one of several
    lines.
    """
    ending = "" if first_line is None else f":{first_line}-{last_line or first_line}"
    wanted = (target, first_line, last_line or first_line)
    for body in (target, '"' + target.replace("\\", "\\\\").replace('"', '\\"') + '"'):
        text = f"@{body}{ending}"
        found = find_mentions(text)
        if len(found) != 1 or found[0].end != len(text):
            continue
        mention = found[0]
        if (mention.target, mention.first_line, mention.last_line) == wanted:
            return text
    raise ValueError(f"no mention can name {target!r}")


def mention_being_typed(text: str, cursor: int) -> tuple[int, str] | None:
    """Return where the mention that ends at ``cursor`` begins, and what of it is typed.

    What is typed comes without the ``@`` and an opening quote. ``None`` when none is typed there.
    """
    line_start = max(text.rfind("\n", 0, cursor) + 1, cursor - _MOST_TYPED)
    for start in range(cursor - 1, line_start - 1, -1):
        if text[start] != "@" or not _may_begin(text, start):
            continue
        typed = text[start + 1 : cursor]
        is_quoted = typed.startswith('"')
        typed = typed.removeprefix('"')
        if any(c == '"' or (c.isspace() and not is_quoted) for c in typed):
            return None
        is_code = any(first <= start < last for first, last in code_spans(text[:cursor]))
        return None if is_code else (start, typed)
    return None


def _may_begin(text: str, start: int) -> bool:
    return start == 0 or text[start - 1].isspace() or text[start - 1] in "([{<'\",;"


def _candidates(text: str) -> Iterator[Mention]:
    place = 0
    while (match := _START.search(text, place)) is not None:
        mention = _mention_at(text, match.start())
        if mention is not None:
            yield mention
        place = match.start() + 1 if mention is None else mention.end


def _mention_at(text: str, start: int) -> Mention | None:
    quoted = _QUOTED.match(text, start + 1)
    if quoted is not None:
        target = re.sub(r"\\(.)", r"\1", quoted[1])
        if not target.strip():
            return None
        lines = _RANGE.match(text, quoted.end())
        end = quoted.end() if lines is None else lines.end()
        return Mention(start, end, target, *_lines(lines), is_quoted=True)
    bare = _BARE.match(text, start + 1)
    if bare is None:
        return None
    body = _without_punctuation(bare[0])
    if not body:
        return None
    colon = body.rfind(":")
    lines = _RANGE.fullmatch(body, colon) if colon > 0 else None
    target = body if lines is None else body[:colon]
    return Mention(start, start + 1 + len(body), target, *_lines(lines))


def _lines(match: re.Match[str] | None) -> tuple[int | None, int | None]:
    if match is None:
        return None, None
    first = int(match[1])
    return first, max(first, int(match[2] or first))


def _without_punctuation(body: str) -> str:
    """Return ``body`` without what ends a sentence; a bracket stays that closes one inside."""
    end = len(body)
    while end and body[end - 1] in _TRAILING:
        closer = body[end - 1]
        opener = _CLOSERS.get(closer)
        if opener is not None and body.count(opener, 0, end) >= body.count(closer, 0, end):
            break
        end -= 1
    return body[:end]
