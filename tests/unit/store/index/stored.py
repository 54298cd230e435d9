"""Stored sessions for tests of the index."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from harn_tui.events.agent import AgentMessageChunk, ToolCall, ToolCallUpdate, TurnStart
from harn_tui.events.codec import encode_record
from harn_tui.events.host import SessionStart, UserMessage
from harn_tui.events.record import Event, Record
from harn_tui.json_types import JsonObject
from harn_tui.kinds import HostMessageMode, ToolCallStatus, ToolKind
from harn_tui.store.index.query import parse_query
from harn_tui.store.index.search import SearchHit, SearchResult
from harn_tui.store.index.session_index import SessionIndex
from harn_tui.store.session_folder import SessionFolder, create_session_folder

NOON = datetime(2026, 3, 5, 12, 0).astimezone()
NOON_MS = int(NOON.timestamp() * 1_000)


class Stored:
    """A folder of sessions and their index."""

    def __init__(self, home: Path) -> None:
        self.directory = home / "sessions"
        self.path = home / "index.sqlite"
        self.index = SessionIndex(self.directory, self.path)

    def add(
        self, session_id: str, events: Iterable[Event], *, start_ms: int = NOON_MS
    ) -> SessionFolder:
        folder = create_session_folder(self.directory, session_id)
        self.append(folder, events, first=0, start_ms=start_ms)
        return folder

    def append(
        self,
        folder: SessionFolder,
        events: Iterable[Event],
        *,
        first: int,
        start_ms: int = NOON_MS,
    ) -> None:
        lines = [
            encode_record(Record(index, start_ms + index * 1_000, None, event)) + "\n"
            for index, event in enumerate(events, first)
        ]
        with folder.event_log.open("a", encoding="utf-8") as file:
            file.write("".join(lines))

    def search(self, text: str) -> SearchResult:
        query = parse_query(text, now=NOON, cwd=Path("/code"))
        return self.index.search(query, on_progress=lambda done, total: None)

    def places(self, text: str) -> list[tuple[str, int | None]]:
        return [place(hit) for hit in self.search(text).hits]


def place(hit: SearchHit) -> tuple[str, int | None]:
    return hit.session.session_id, hit.event_index


def start(session_id: str, cwd: str = "/code/project") -> SessionStart:
    return SessionStart(session_id, cwd, "m", "p", "native")


def asked(session_id: str, text: str) -> UserMessage:
    return UserMessage(session_id, text, HostMessageMode.FINISH_STEP)


def said(session_id: str, text: str) -> AgentMessageChunk:
    return AgentMessageChunk(session_id, text)


def turn(session_id: str, number: int = 1) -> TurnStart:
    return TurnStart(session_id, number)


def call(session_id: str, name: str, arguments: JsonObject) -> ToolCall:
    return ToolCall(session_id, "c1", name, ToolKind.READ, ToolCallStatus.PENDING, dict(arguments))


def result(session_id: str, name: str, output: str) -> ToolCallUpdate:
    return ToolCallUpdate(session_id, "c1", name, ToolCallStatus.COMPLETED, output)


def failure(session_id: str, name: str, error: str) -> ToolCallUpdate:
    return ToolCallUpdate(session_id, "c1", name, ToolCallStatus.FAILED, None, error)
