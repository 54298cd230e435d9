"""Finds the approval that a stored session waits for, from the end of its log alone."""

import re
from pathlib import Path

from harn_tui.events.agent import ToolCallUpdate, TurnStart
from harn_tui.events.codec import RecordDecodeError, decode_record
from harn_tui.events.host import (
    LoopEnd,
    PermissionDecision,
    PermissionRequest,
    SessionStart,
    UserMessage,
)
from harn_tui.events.record import Record
from harn_tui.store.lost_requests import lost_requests

_WINDOWS_BYTES = (16_384, 131_072, 1_048_576)
_ASKING, _TURN = PermissionRequest.type, TurnStart.type
_ANSWERING = (
    *(PermissionDecision.type, ToolCallUpdate.type, SessionStart.type),
    *(LoopEnd.type, UserMessage.type),
)
_LINE = re.compile(
    rf'^\{{"index":\d+,[^{{}}\n]*?"type":"({"|".join((_ASKING, _TURN, *_ANSWERING))})".*$'.encode(),
    re.MULTILINE,
)


def open_request(log_file: Path) -> PermissionRequest | None:
    """Return the first request of the log's last file that nobody has answered yet.

    One of the session's own calls goes before that of an agent. Reads back to the turn that the
    session is in, a mebibyte at most: what was asked further back is not found. Raises OSError.
    """
    lines: list[re.Match[bytes]] = []
    with log_file.open("rb") as file:
        size = file.seek(0, 2)
        for window in _WINDOWS_BYTES:
            start = max(0, size - window)
            file.seek(start)
            data = file.read(window)
            whole = data if start == 0 else data[data.find(b"\n") + 1 :]
            lines = list(_LINE.finditer(whole))
            if start == 0 or any(line[1] == _TURN.encode() for line in lines):
                break
    waiting = lost_requests(_from_the_first_request(lines))
    approvals = [request for request in waiting if isinstance(request, PermissionRequest)]
    own = [request for request in approvals if request.source is None]
    return next(iter([*own, *approvals]), None)


def _from_the_first_request(lines: list[re.Match[bytes]]) -> list[Record]:
    records: list[Record] = []
    for line in lines:
        if not records and line[1] != _ASKING.encode():
            continue
        try:
            records.append(decode_record(line[0]))
        except RecordDecodeError:
            continue
    return records
