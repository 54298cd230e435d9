"""Exit codes of a headless run (docs/loop.md, statuses)."""

from harn_tui.kinds import LoopStatus

OK = 0
ERROR = 1
USAGE = 2
CANCELLED = 130

_BY_STATUS = {
    LoopStatus.DONE: OK,
    LoopStatus.IDLE: OK,
    LoopStatus.ERROR: ERROR,
    LoopStatus.STUCK: 3,
    LoopStatus.BUDGET_EXHAUSTED: 4,
    LoopStatus.FAILED: 5,
    LoopStatus.WATCHDOG: 6,
    LoopStatus.CANCELLED: CANCELLED,
}


def exit_code(status: LoopStatus) -> int:
    """Return the process exit code for a run that ended with ``status``."""
    return _BY_STATUS[status]
