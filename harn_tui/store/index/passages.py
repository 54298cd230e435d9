"""What of a log can be found by searching: passages of text, each with its place in the log.

Works on lines, one after the other, and can stop at any line and go on later. What is said twice
in a log (live output, recorded messages) is a passage once.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from harn_tui.events.agent import (
    AgentMessageChunk,
    AgentThoughtChunk,
    FeedbackInjected,
    ToolCall,
    ToolCallUpdate,
    TurnStart,
)
from harn_tui.events.host import (
    FilesRestored,
    FilesSnapshot,
    LlmCallEnd,
    LlmCallStart,
    LlmRetry,
    LoopEnd,
    LoopStart,
    MessageRecorded,
    Notice,
    SessionStart,
    ToolOutput,
    UserMessage,
)
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import LoopStatus, NoticeLevel, ToolCallStatus

BY_ME_TAG = "byme"
ERROR_TAG = "iserror"
LONGEST_LINE_BYTES = 8 * 1024 * 1024
"""Longer lines are passed over: nobody looks for a word in them."""
LONGEST_TEXT = 200_000
"""Characters of one event that can be found; what is behind them cannot."""

_ENVELOPE = re.compile(
    rb'\{"index":(\d{1,15}),"emitted_at_ms":(\d{1,15}),"frame_depth":(?:null|\d{1,9}),"type":"(\w{1,60})"'
)
_CHUNKS = frozenset({AgentMessageChunk.type, AgentThoughtChunk.type})
_SILENT = frozenset(
    {
        *(SessionStart.type, LoopStart.type, LlmCallStart.type, MessageRecorded.type),
        *(ToolOutput.type, FilesSnapshot.type, FilesRestored.type),
    }
)
"""Types that say nothing, or nothing that another event does not say too."""
_BAD_ENDS = frozenset({LoopStatus.ERROR, LoopStatus.FAILED})
_PATH_KEYS = frozenset({"path", "file_path", "file", "filename", "paths", "files", "cwd"})
_PATCHED_FILE = re.compile(r"^(?:\*\*\* (?:Add|Update|Delete) File: |\+\+\+ (?:b/)?)(.+)$", re.M)
_COLOURS = re.compile(r"\x1b\[[0-9;:?]*[ -/]*[@-~]")
_DEEPEST = 20
_LARGEST = 2**60
"""SQLite takes no larger numbers than 2**63."""


@dataclass(frozen=True, slots=True)
class Passage:
    """One text of a session.

    ``event_index`` is the event that says it, the first one of a streamed message. ``turn``
    counts the session's turns from 1, 0 before the first. ``offset`` and ``length`` are the bytes
    of its lines in the log's file ``file_number`` (0 the base file). ``tags`` and ``files`` are
    words for facets.
    """

    event_index: int
    turn: int
    time_ms: int
    file_number: int
    offset: int
    length: int
    text: str
    tags: str
    files: str


@dataclass(frozen=True, slots=True)
class LogPlace:
    """How far a log has been read, and what is known of it up to there.

    ``last_index`` is the index of the last event, -1 before the first. ``cost_usd`` is what the
    calls with a known price cost, ``None`` when there was none.
    """

    file_number: int = 0
    offset: int = 0
    last_index: int = -1
    last_time_ms: int = 0
    turns: int = 0
    cost_usd: float | None = None


@dataclass(slots=True)
class Words:
    """Texts, tags and named files of one event; for these, characters were ``looked_through``."""

    text: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    looked_through: int = 0


@dataclass(slots=True)
class _OpenMessage:
    """A streamed message whose end has not been seen."""

    type: str
    index: int
    turn: int
    time_ms: int
    file_number: int
    offset: int
    end: int
    pieces: list[str]

    def passage(self) -> Passage:
        text = sound("".join(self.pieces)[:LONGEST_TEXT])
        length = self.end - self.offset
        where = (self.index, self.turn, self.time_ms, self.file_number, self.offset, length)
        return Passage(*where, text, "", "")


class PassageReader:
    """Takes the lines of a log in order, from a place on, and gives their passages."""

    def __init__(self, place: LogPlace) -> None:
        self._file_number, self._offset = place.file_number, place.offset
        self._index, self._time_ms = place.last_index, place.last_time_ms
        self._turns, self._cost_usd = place.turns, place.cost_usd
        self._message: _OpenMessage | None = None
        self._before_message = place

    @property
    def place(self) -> LogPlace:
        """Up to where the passages are final: a message that may go on is behind it."""
        return self._place_now() if self._message is None else self._before_message

    def feed(self, line: bytes | None, file_number: int, offset: int, length: int) -> list[Passage]:
        """Return the passages that end with or before the line at ``offset``.

        ``length`` counts its line end. ``None`` stands for a line that is passed over.
        """
        found = self._take(line, file_number, offset, length)
        self._file_number, self._offset = file_number, offset + length
        return found

    def rest(self, torn: bytes, file_number: int, offset: int) -> list[Passage]:
        """Return the passages that are not final, those of a last line without its end, too.

        The reader is of no use afterwards, but for its ``place``, which has to be asked before.
        """
        found = []
        if _object_or_none(torn) is not None:
            found = self._take(torn, file_number, offset, len(torn))
        return [*found, *self._close()]

    def _place_now(self) -> LogPlace:
        return LogPlace(
            self._file_number,
            self._offset,
            self._index,
            self._time_ms,
            self._turns,
            self._cost_usd,
        )

    def _take(
        self, line: bytes | None, file_number: int, offset: int, length: int
    ) -> list[Passage]:
        if line is not None:
            envelope = _ENVELOPE.match(line)
            if envelope is not None and envelope[3].decode() in _SILENT:
                self._index, self._time_ms = int(envelope[1]), int(envelope[2])
                return self._close()
            if not line.strip():
                return []
        members = None if line is None else _object_or_none(line)
        if members is None:
            self._index += 1
            return self._close()
        kind, content = members.get("type"), members.get("content")
        where = (file_number, offset, length)
        if isinstance(kind, str) and kind in _CHUNKS and isinstance(content, str):
            return self._add_chunk(members, kind, content, where)
        closed = self._close()
        self._advance(members)
        return [*closed, *self._event(members, where)]

    def _advance(self, members: JsonObject) -> None:
        index, time_ms = members.get("index"), members.get("emitted_at_ms")
        is_index = type(index) is int and 0 <= index < _LARGEST
        self._index = index if is_index and isinstance(index, int) else self._index + 1
        if type(time_ms) is int and abs(time_ms) < _LARGEST:
            self._time_ms = time_ms

    def _add_chunk(
        self, members: JsonObject, kind: str, content: str, where: tuple[int, int, int]
    ) -> list[Passage]:
        file_number, offset, length = where
        message, closed = self._message, list[Passage]()
        if message is None or (message.type, message.file_number) != (kind, file_number):
            closed = self._close()
            before = self._place_now()
            self._advance(members)
            message = _OpenMessage(
                kind, self._index, self._turns, self._time_ms, file_number, offset, offset, []
            )
            self._message, self._before_message = message, before
        else:
            self._advance(members)
        message.pieces.append(content)
        message.end = offset + length
        return closed

    def _close(self) -> list[Passage]:
        message, self._message = self._message, None
        return [] if message is None else [message.passage()]

    def _event(self, members: JsonObject, where: tuple[int, int, int]) -> Iterator[Passage]:
        kind = members.get("type")
        if kind == TurnStart.type:
            self._turns += 1
        elif kind == LlmCallEnd.type:
            self._add_cost(members.get("cost_usd"))
        words = words_of(members)
        if words.text or words.files:
            yield Passage(
                self._index,
                self._turns,
                self._time_ms,
                *where,
                text=_joined(words.text),
                tags=" ".join(words.tags),
                files=_joined(words.files),
            )

    def _add_cost(self, cost: JsonValue) -> None:
        if isinstance(cost, int | float) and not isinstance(cost, bool) and 0 <= cost < 1e12:
            self._cost_usd = (self._cost_usd or 0.0) + cost


def tool_tag(tool_name: str) -> str:
    """Return the one word that stands for a tool, whatever characters its name has.

    The tag of the start of a name is the start of the tag of the name.
    """
    return f"tool{tool_name.casefold().encode('utf-8', 'replace').hex()}"


def text_at(lines: Iterable[bytes]) -> str:
    """Return the text of the passage that stands on ``lines``; empty when there is none."""
    texts: list[str] = []
    for line in lines:
        members = _object_or_none(line)
        if members is not None:
            content = members.get("content")
            if members.get("type") in _CHUNKS and isinstance(content, str):
                texts.append(content)
            else:
                texts.append("\n".join(words_of(members).text))
    return sound("".join(texts)[:LONGEST_TEXT])


def words_of(members: JsonObject) -> Words:
    """Return what can be found of one event, given as the object on its line."""
    kind = members.get("type")
    words = Words()
    if not isinstance(kind, str) or kind in _SILENT:
        return words
    read = _READERS.get(kind, _read_other)
    read(members, words)
    return words


def sound(text: str) -> str:
    """Return ``text`` as UTF-8 can carry it, without colours, which would be parts of words."""
    if "\x1b" in text:
        text = _COLOURS.sub("", text)
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _joined(texts: list[str]) -> str:
    return sound("\n".join(texts)[:LONGEST_TEXT])


def _read_mine(members: JsonObject, words: Words) -> None:
    _strings(members.get("content"), words.text)
    words.tags.append(BY_ME_TAG)


def _read_feedback(members: JsonObject, words: Words) -> None:
    _strings(members.get("content"), words.text)
    if members.get("kind") == "user":
        words.tags.append(BY_ME_TAG)


def _read_call(members: JsonObject, words: Words) -> None:
    if members.get("parsing") is True:
        return
    _read_tool_name(members, words)
    _read_input(members.get("raw_input"), words)


def _read_update(members: JsonObject, words: Words) -> None:
    status = members.get("status")
    if status not in (ToolCallStatus.COMPLETED, ToolCallStatus.FAILED):
        if members.get("raw_input") is not None:
            _read_call(members, words)
        return
    _read_tool_name(members, words)
    _strings(members.get("raw_output"), words.text)
    _strings(members.get("error"), words.text)
    if status == ToolCallStatus.FAILED or members.get("error") is not None:
        words.tags.append(ERROR_TAG)


def _read_tool_name(members: JsonObject, words: Words) -> None:
    name = members.get("tool_name")
    if isinstance(name, str):
        words.text.append(name)
        words.tags.append(tool_tag(name))


def _read_input(raw_input: JsonValue, words: Words) -> None:
    _strings(raw_input, words.text)
    for key, value in raw_input.items() if isinstance(raw_input, dict) else ():
        if key in _PATH_KEYS:
            _strings(value, words.files)
        elif isinstance(value, str) and key in ("patch", "diff", "input"):
            words.looked_through += len(value)
            words.files += _PATCHED_FILE.findall(value)


def _read_notice(members: JsonObject, words: Words) -> None:
    _strings(members.get("text"), words.text)
    if members.get("level") == NoticeLevel.ERROR:
        words.tags.append(ERROR_TAG)


def _read_retry(members: JsonObject, words: Words) -> None:
    _strings(members.get("message"), words.text)
    words.tags.append(ERROR_TAG)


def _read_end(members: JsonObject, words: Words) -> None:
    _strings(members.get("reason"), words.text)
    status = members.get("status")
    if isinstance(status, str) and status in _BAD_ENDS:
        words.tags.append(ERROR_TAG)


def _read_other(members: JsonObject, words: Words) -> None:
    """Take every text of an event of which nothing special is known."""
    for key, value in members.items():
        if key not in _NO_TEXT and not key.endswith("_id"):
            _strings(value, words.text)


_NO_TEXT = frozenset({"type", "index", "emitted_at_ms", "frame_depth", "usage", "audit", "state"})
_Reader = Callable[[JsonObject, Words], None]
_READERS: dict[str, _Reader] = {
    UserMessage.type: _read_mine,
    FeedbackInjected.type: _read_feedback,
    ToolCall.type: _read_call,
    ToolCallUpdate.type: _read_update,
    Notice.type: _read_notice,
    LlmRetry.type: _read_retry,
    LoopEnd.type: _read_end,
    LlmCallEnd.type: lambda members, words: None,
    "feedback_state": lambda members, words: None,
    "turn_start": lambda members, words: None,
    "turn_end": lambda members, words: None,
}


def _strings(value: JsonValue, into: list[str], depth: int = 0) -> None:
    """Add every text in ``value``, keys left out."""
    if isinstance(value, str):
        if value:
            into.append(value)
    elif depth < _DEEPEST and isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            _strings(item, into, depth + 1)


def _object_or_none(line: bytes) -> JsonObject | None:
    try:
        members = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return members if isinstance(members, dict) else None
