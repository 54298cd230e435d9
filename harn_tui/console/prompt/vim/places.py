"""Places in a text, as offsets of characters: lines, words, characters that are looked for.

Every function takes any offset and gives one from 0 to the length of the text.
"""

from enum import Enum


class _Kind(Enum):
    SPACE = 0
    WORD = 1
    OTHER = 2


def _kind(character: str, *, is_big: bool) -> _Kind:
    if character.isspace():
        return _Kind.SPACE
    return _Kind.WORD if is_big or character.isalnum() or character == "_" else _Kind.OTHER


def line_start(text: str, at: int) -> int:
    """Return where the line of ``at`` begins."""
    return text.rfind("\n", 0, max(0, at)) + 1


def line_end(text: str, at: int) -> int:
    """Return where the line of ``at`` ends: at its line feed, or at the end of the text."""
    found = text.find("\n", max(0, at))
    return len(text) if found < 0 else found


def first_word(text: str, at: int) -> int:
    """Return the first character of the line that is no space, its last one when all are."""
    start, end = line_start(text, at), line_end(text, at)
    line = text[start:end]
    return on_character(text, start + len(line) - len(line.lstrip()))


def on_character(text: str, at: int) -> int:
    """Return the place that a cursor has which stands on a character, at or before ``at``."""
    at = min(max(at, 0), len(text))
    return max(line_start(text, at), line_end(text, at) - 1) if at == line_end(text, at) else at


def line_at(text: str, at: int, offset: int, column: int) -> int | None:
    """Return the place in ``column`` of the line ``offset`` lines down; ``None`` if there is none.

    A shorter line gives its end.
    """
    start = line_start(text, at)
    for _ in range(abs(offset)):
        if offset > 0:
            end = line_end(text, start)
            if end == len(text):
                return None
            start = end + 1
        elif start == 0:
            return None
        else:
            start = line_start(text, start - 1)
    return min(start + column, line_end(text, start))


def numbered_line(text: str, number: int) -> int:
    """Return the first word of line ``number``, from 1; of the last line when it has fewer."""
    start = 0
    for _ in range(number - 1):
        end = line_end(text, start)
        if end == len(text):
            break
        start = end + 1
    return first_word(text, start)


def is_empty_line(text: str, at: int) -> bool:
    """Whether ``at`` is a line without characters."""
    return line_start(text, at) == at == line_end(text, at)


def next_word(text: str, at: int, *, is_big: bool) -> int:
    """Return where the next word begins; an empty line counts as one."""
    place = at
    if place < len(text):
        kind = _kind(text[place], is_big=is_big)
        while kind is not _Kind.SPACE and _has(text, place, kind, is_big):
            place += 1
    while _has(text, place, _Kind.SPACE, is_big):
        if place > at and is_empty_line(text, place):
            break
        place += 1
    return place


def word_end(text: str, at: int, *, is_big: bool) -> int:
    """Return the last character of the word at or behind ``at``, at least one further on."""
    place = at + 1
    while _has(text, place, _Kind.SPACE, is_big):
        place += 1
    if place >= len(text):
        return max(0, len(text) - 1)
    kind = _kind(text[place], is_big=is_big)
    while _has(text, place + 1, kind, is_big):
        place += 1
    return place


def word_before(text: str, at: int, *, is_big: bool) -> int:
    """Return where the word before ``at`` begins; an empty line counts as one."""
    place = min(at, len(text)) - 1
    while place > 0 and _has(text, place, _Kind.SPACE, is_big) and not is_empty_line(text, place):
        place -= 1
    if place <= 0:
        return 0
    kind = _kind(text[place], is_big=is_big)
    while kind is not _Kind.SPACE and place > 0 and _has(text, place - 1, kind, is_big):
        place -= 1
    return place


def word_end_before(text: str, at: int, *, is_big: bool) -> int:
    """Return the last character of the word before the one at ``at``."""
    place = min(at, len(text))
    if place < len(text):
        kind = _kind(text[place], is_big=is_big)
        while place > 0 and kind is not _Kind.SPACE and _has(text, place, kind, is_big):
            place -= 1
    else:
        place -= 1
    while place > 0 and _has(text, place, _Kind.SPACE, is_big):
        place -= 1
    return max(0, place)


def word_span(text: str, at: int, *, is_big: bool) -> tuple[int, int]:
    """Return start and end of the run of characters of one kind around ``at``, in its line."""
    start, end = line_start(text, at), line_end(text, at)
    if at >= end:
        return at, at
    kind = _kind(text[at], is_big=is_big)
    first = last = at
    while first > start and _kind(text[first - 1], is_big=is_big) is kind:
        first -= 1
    while last < end and _kind(text[last], is_big=is_big) is kind:
        last += 1
    return first, last


def is_space(text: str, at: int) -> bool:
    """Whether there is white space at ``at``."""
    return text[at : at + 1].isspace()


def paragraph(text: str, at: int, step: int) -> int:
    """Return the empty line before (``step`` -1) or behind (1) the paragraph at ``at``."""
    place = line_start(text, at)
    has_text = False
    while True:
        is_empty = is_empty_line(text, place)
        if is_empty and has_text:
            return place
        has_text = has_text or not is_empty
        if step > 0:
            end = line_end(text, place)
            if end == len(text):
                return end
            place = end + 1
        elif place == 0:
            return 0
        else:
            place = line_start(text, place - 1)


def find_in_line(text: str, at: int, wanted: str, step: int) -> int | None:
    """Return the nearest ``wanted`` in the line, behind ``at`` or (``step`` -1) before it."""
    if step > 0:
        found = text.find(wanted, at + 1, line_end(text, at))
    else:
        found = text.rfind(wanted, line_start(text, at), max(0, at))
    return found if found >= 0 else None


def _has(text: str, place: int, kind: _Kind, is_big: bool) -> bool:
    return 0 <= place < len(text) and _kind(text[place], is_big=is_big) is kind
