"""What was brought back in a folder, so that it can be undone: one JSON line a step.

A restore is written down before the first file is touched, and once more when it is done.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from harn_tui.errors import SnapshotError

_NAME = "restores.jsonl"


@dataclass(frozen=True, slots=True)
class Restore:
    """Files of a session were brought back to how they were at the event ``at_index``.

    ``before`` and ``after`` are the trees around it; ``after`` is ``None`` when the program ended
    in the middle. ``at_index`` is ``None`` when it undid another one. ``at_ms`` is Unix-epoch
    milliseconds.
    """

    number: int
    at_ms: int
    session_id: str
    at_index: int | None
    before: str
    after: str | None = None


class RestoreJournal:
    """The restores of one folder; whoever writes holds the folder's lock."""

    def __init__(self, store_folder: Path) -> None:
        self._path = store_folder / _NAME

    def entries(self) -> list[Restore]:
        """Return all restores, oldest first; lines that cannot be read are passed over."""
        try:
            lines = self._path.read_bytes().splitlines()
        except OSError:
            return []  # most folders have none
        found: dict[int, Restore] = {}
        for line in lines:
            restore = _decode(line)
            if restore is not None:
                found[restore.number] = restore
        return list(found.values())

    def last(self) -> Restore | None:
        """Return the newest restore, ``None`` when there is none."""
        return max(self.entries(), key=lambda one: one.number, default=None)

    def next_number(self) -> int:
        """Return the number of the next restore."""
        last = self.last()
        return 0 if last is None else last.number + 1

    def write(self, restore: Restore) -> None:
        """Write ``restore`` down, or what is new of it. Raises SnapshotError."""
        fields = {
            "number": restore.number,
            "at_ms": restore.at_ms,
            "session_id": restore.session_id,
            "at_index": restore.at_index,
            "before": restore.before,
            "after": restore.after,
        }
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        try:
            # A line feed first: the last line may have been torn off.
            with os.fdopen(os.open(self._path, flags, 0o600), "ab") as file:
                file.write(b"\n" + json.dumps(fields).encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise SnapshotError(
                f"{self._path} cannot be written: {error.strerror}.",
                hint="Check the disk; without it a restore could not be undone.",
            ) from error


def _decode(line: bytes) -> Restore | None:
    try:
        fields = json.loads(line)
        at_index, after = fields["at_index"], fields["after"]
        return Restore(
            int(fields["number"]),
            int(fields["at_ms"]),
            str(fields["session_id"]),
            None if at_index is None else int(at_index),
            str(fields["before"]),
            None if after is None else str(after),
        )
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
