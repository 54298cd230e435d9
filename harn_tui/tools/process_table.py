"""Which processes run now: ids, parents, groups and sessions, read from the operating system."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_PS_COMMAND = ("ps", "-axo", "pid=,ppid=,pgid=,stat=,lstart=")
_PS_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class ProcessRow:
    """One running process. ``started`` tells two users of the same process id apart.

    ``session_id`` is the process session (POSIX), 0 where the system does not tell it. ``cpu_ms``
    is the processor time that it used, with its children that have ended, ``None`` likewise.
    """

    pid: int
    parent_pid: int
    group_id: int
    session_id: int
    started: str
    cpu_ms: int | None = None

    @property
    def identity(self) -> tuple[int, str]:
        """What no other process ever has."""
        return (self.pid, self.started)


def running_processes() -> list[ProcessRow]:
    """Return all running processes; those that have ended but were not reaped are left out.

    Blocks for some milliseconds: call it in a thread.
    """
    if (_PROC / "self" / "stat").exists():
        return [row for row in map(_row_from_proc, _PROC.glob("[0-9]*/stat")) if row is not None]
    return _rows_from_ps()


def has_variable(pid: int, assignment: bytes) -> bool:
    """Whether a process was started with ``assignment``, such as ``b"NAME=value"``. Blocks.

    False where the system does not tell, and for processes of other users.
    """
    try:
        environment = (_PROC / str(pid) / "environ").read_bytes()
    except OSError:
        return False
    return assignment in environment.split(b"\0")


def _row_from_proc(path: Path) -> ProcessRow | None:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:  # it ended between the listing and the reading
        return None
    # The second field is the program's name in parentheses and may itself hold any character.
    pid = text.split(" ", 1)[0]
    fields = text[text.rindex(")") + 2 :].split()
    if fields[0] in {"Z", "X", "x"}:
        return None
    cpu_ms = sum(map(int, fields[11:15])) * 1000 // os.sysconf("SC_CLK_TCK")
    return ProcessRow(int(pid), int(fields[1]), int(fields[2]), int(fields[3]), fields[19], cpu_ms)


def _rows_from_ps() -> list[ProcessRow]:
    listing = subprocess.run(
        _PS_COMMAND,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=_PS_TIMEOUT_S,
        check=False,
    )
    rows = (line.split(maxsplit=4) for line in listing.stdout.splitlines())
    return [
        ProcessRow(int(pid), int(parent), int(group), 0, started)
        for pid, parent, group, state, started in rows
        if not state.startswith("Z")
    ]
