"""Makes folders of many stored sessions, as large as they say and quick to write."""

import random
from collections.abc import Iterator
from pathlib import Path

from harn_tui.events.agent import AgentMessageChunk, ToolCall, ToolCallUpdate, TurnEnd, TurnStart
from harn_tui.events.codec import encode_record
from harn_tui.events.host import LlmCallEnd, LoopEnd, LoopStart, SessionStart, UserMessage
from harn_tui.events.record import Event, Record
from harn_tui.kinds import HostMessageMode, LoopStatus, ToolCallStatus, ToolKind
from harn_tui.store.session_folder import SessionFolder, create_session_folder
from harn_tui.store.state_file import SessionState, save_state

_SYLLABLES = ("ka", "ro", "mi", "ten", "sal", "vor", "ne", "pli", "qua", "du", "ser", "gor")
_START_MS = 1_700_000_000_000
_DAY_MS = 86_400_000


def make_sparse_sessions(directory: Path, count: int, size: int) -> None:
    """Make sessions whose logs are ``size`` bytes long and have a hole between start and end."""
    for number in range(count):
        folder = _folder(directory, number)
        records = list(_records(folder.session_id, number, turns=2))
        lines = [f"{encode_record(record)}\n".encode() for record in records]
        with folder.event_log.open("wb") as file:
            file.write(b"".join(lines[:-8]))
            file.seek(size - sum(map(len, lines[-8:])) - 1)
            file.write(b"\n" + b"".join(lines[-8:]))
        _save_state(folder, number)


def make_full_sessions(directory: Path, count: int, turns: int) -> int:
    """Make sessions with text from end to end; return how many bytes of logs there are."""
    size = 0
    for number in range(count):
        folder = _folder(directory, number)
        records = _records(folder.session_id, number, turns)
        data = "".join(f"{encode_record(record)}\n" for record in records).encode()
        folder.event_log.write_bytes(data)
        size += len(data)
        _save_state(folder, number)
    return size


def _folder(directory: Path, number: int) -> SessionFolder:
    folder = create_session_folder(directory, f"session-{number:05d}")
    folder.lock_file.touch(0o600)
    folder.feedback_journal.touch(0o600)
    return folder


def _save_state(folder: SessionFolder, number: int) -> None:
    state = SessionState(title=f"request {number}", model="m", provider="p", cwd="/home/me/work")
    save_state(folder.state_file, state)


def _records(session_id: str, number: int, turns: int) -> Iterator[Record]:
    words = random.Random(number)
    time_ms = _START_MS + number * _DAY_MS
    for index, event in enumerate(_events(session_id, number, turns, words)):
        yield Record(index, time_ms + index * 100, None, event)


def _events(session_id: str, number: int, turns: int, words: random.Random) -> Iterator[Event]:
    yield SessionStart(session_id, "/home/me/work", "m", "p", "native")
    yield UserMessage(session_id, _prose(words, 20), HostMessageMode.FINISH_STEP)
    yield LoopStart(session_id, "loop")
    for turn in range(1, turns + 1):
        yield TurnStart(session_id, turn)
        for _ in range(3):
            yield AgentMessageChunk(session_id, _prose(words, 40))
        call, name = f"call-{turn}", "read_file"
        arguments = {"path": f"src/part_{turn}.py"}
        yield ToolCall(
            session_id, call, name, ToolKind.READ, ToolCallStatus.PENDING, dict(arguments)
        )
        output = _prose(words, 120)
        yield ToolCallUpdate(session_id, call, name, ToolCallStatus.COMPLETED, output)
        yield LlmCallEnd(session_id, turn, {"input_tokens": 100}, cost_usd=0.01)
        yield TurnEnd(session_id, turn, {})
    if number % 100 == 0:
        yield AgentMessageChunk(session_id, "Here is the rare needle.")
    yield LoopEnd(session_id, "loop", LoopStatus.DONE, "It is done.", turns, {})


def _prose(words: random.Random, count: int) -> str:
    return " ".join("".join(words.choices(_SYLLABLES, k=words.randint(1, 3))) for _ in range(count))
