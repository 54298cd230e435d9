"""The language of searching: words, "phrases" and facets. Anything can be typed; nothing raises.

What cannot be used of a query is told in ``problems``, and the rest counts.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from harn_tui.store.index.passages import BY_ME_TAG, ERROR_TAG, sound, tool_tag

FACETS = ("tool:", "file:", "is:error", "by:me", "before:", "after:", "in:")
_ITEM = re.compile(r'(\w+):(?!\S)|(?:(\w+):)?("[^"]*"?|\S+)')
_SPAN = re.compile(r"(\d{1,4})([mhdw])")
_SECONDS = {"m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_MOST_ITEMS = 40
_LONGEST_QUERY = 2_000


@dataclass(slots=True)
class SearchQuery:
    """A query in parts.

    ``phrases`` all have to be in one text, each word for word; one that ends with ``*`` goes on
    as it likes. ``tags`` and ``files`` likewise. Times are Unix-epoch milliseconds: from
    ``after_ms`` on, and before ``before_ms``. ``folder`` is a path, or a single name of a folder.
    """

    phrases: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    after_ms: int | None = None
    before_ms: int | None = None
    folder: str | None = None
    problems: list[str] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing that could be looked for."""
        return not (self.match or self.after_ms or self.before_ms or self.folder)

    @property
    def match(self) -> str:
        """The query of the words as SQLite's FTS5 takes it; empty when there are none."""
        parts = [f"text : {_quoted(phrase)}" for phrase in self.phrases]
        parts += [f"tags : {_quoted(tag)}" for tag in self.tags]
        parts += [f"files : {_quoted(file)}" for file in self.files]
        return " AND ".join(parts)


def facets_apart(text: str, names: Collection[str]) -> tuple[str, str]:
    """Return ``text`` without its facets of ``names``, and those alone.

    Text in quotes that would be a facet without them is text, and loses them.
    """
    facets: list[str] = []

    def take(item: re.Match[str]) -> str:
        name = item[1] or item[2]
        if name is not None and name.lower() in names:
            facets.append(item[0])
            return ""
        inner = item[3].strip('"') if name is None and item[3].startswith('"') else ""
        begins = _ITEM.match(inner)
        is_meant_as_text = begins is not None and (begins[1] or begins[2] or "").lower() in names
        return inner if is_meant_as_text else item[0]

    rest = _ITEM.sub(take, text)
    return (" ".join(rest.split()) if facets else rest), " ".join(facets)


def parse_query(
    text: str, *, now: datetime, cwd: Path, is_being_typed: bool = False
) -> SearchQuery:
    """Return what ``text`` asks for. ``now`` is local time; ``cwd`` is where ``in:.`` points.

    While it ``is_being_typed``, the last word may be the start of one. Never raises.
    """
    query = SearchQuery()
    clean = "".join(c if c.isprintable() else " " for c in sound(text[:_LONGEST_QUERY]))
    items = list(_ITEM.finditer(clean))
    for item in items[:_MOST_ITEMS]:
        name, raw = item[1] or item[2], item[3] or ""
        value = raw.strip('"').strip() if raw.startswith('"') else raw
        read = _READERS.get(name.lower()) if name else None
        if read is None:
            _add_word(query, item[0] if name else raw)
        elif not value:
            query.problems.append(f"{name}: needs something behind it.")
        else:
            read(query, value, now, cwd)
    if len(items) > _MOST_ITEMS:
        query.problems.append(f"Only the first {_MOST_ITEMS} words count.")
    ends_in_word = bool(items) and clean[-1:].isalnum() and not (items[-1][1] or items[-1][2])
    if is_being_typed and ends_in_word and query.phrases and not query.phrases[-1].endswith("*"):
        query.phrases[-1] += "*"
    return query


def _add_word(query: SearchQuery, word: str) -> None:
    if _has_letters(word):
        query.phrases.append(word.replace('"', " ").strip())
    else:
        query.problems.append(f"{word} has no letter or digit to look for.")


def _has_letters(text: str) -> bool:
    return any(character.isalnum() for character in text)


def _quoted(phrase: str) -> str:
    """Return the phrase as a string of FTS5, in which nothing has a meaning."""
    body = phrase.rstrip("*")
    star = "*" if len(body) < len(phrase) else ""
    return '"' + body.replace('"', '""') + '"' + star


def _read_tool(query: SearchQuery, value: str, now: datetime, cwd: Path) -> None:
    name = value.rstrip("*")
    query.tags.append(tool_tag(name) + ("*" if len(name) < len(value) else ""))


def _read_file(query: SearchQuery, value: str, now: datetime, cwd: Path) -> None:
    if _has_letters(value):
        query.files.append(value)
    else:
        query.problems.append(f"file:{value} has no letter or digit to look for.")


def _read_is(query: SearchQuery, value: str, now: datetime, cwd: Path) -> None:
    if value.lower() == "error":
        query.tags.append(ERROR_TAG)
    else:
        query.problems.append(f"is:{value} is not known; there is is:error.")


def _read_by(query: SearchQuery, value: str, now: datetime, cwd: Path) -> None:
    if value.lower() == "me":
        query.tags.append(BY_ME_TAG)
    else:
        query.problems.append(f"by:{value} is not known; there is by:me.")


def _read_before(query: SearchQuery, value: str, now: datetime, cwd: Path) -> None:
    time_ms = _time_ms(value, now)
    if time_ms is None:
        query.problems.append(_no_time("before", value))
    else:
        query.before_ms = min(time_ms, query.before_ms or time_ms)


def _read_after(query: SearchQuery, value: str, now: datetime, cwd: Path) -> None:
    time_ms = _time_ms(value, now)
    if time_ms is None:
        query.problems.append(_no_time("after", value))
    else:
        query.after_ms = max(time_ms, query.after_ms or time_ms)


def _read_in(query: SearchQuery, value: str, now: datetime, cwd: Path) -> None:
    if "/" not in value and value not in (".", "..", "~"):
        query.folder = value
        return
    try:
        query.folder = str((cwd / Path(value).expanduser()).resolve())
    except (OSError, RuntimeError, ValueError):
        query.problems.append(f"in:{value} is no folder.")


_READERS: dict[str, Callable[[SearchQuery, str, datetime, Path], None]] = {
    "tool": _read_tool,
    "file": _read_file,
    "is": _read_is,
    "by": _read_by,
    "before": _read_before,
    "after": _read_after,
    "in": _read_in,
}


def _time_ms(value: str, now: datetime) -> int | None:
    """Return the time that ``2026-01-31``, ``2026-01``, ``today``, ``yesterday`` or ``3d`` means.

    A day means its start; a span means so long ago.
    """
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    word = value.lower()
    try:
        if word in ("today", "yesterday"):
            moment = midnight - timedelta(days=word == "yesterday")
        elif span := _SPAN.fullmatch(word):
            moment = now - timedelta(seconds=int(span[1]) * _SECONDS[span[2]])
        elif re.fullmatch(r"\d{4}-\d{2}", word):
            moment = datetime.fromisoformat(f"{word}-01")
        else:
            moment = datetime.fromisoformat(value)
        return int(moment.timestamp() * 1_000)
    except (ValueError, OverflowError, OSError):
        return None


def _no_time(name: str, value: str) -> str:
    return f"{name}:{value} is no time; 2026-01-31, today, yesterday, 12h and 3d are."
