"""What a run refuses at its beginning, asked before there is a run to begin."""

from pathlib import Path

from harn_tui.config.loop_options import LoopOptions
from harn_tui.loop.callbacks import LoopCallbacks, effective_callbacks
from harn_tui.loop.compact_history import compaction_policy
from harn_tui.loop.daemon.settings import DaemonSettings
from harn_tui.loop.ledger import TaskLedger


def check_beginning(options: LoopOptions, cwd: Path) -> None:
    """Raise LoopConfigError for what ``begin_run`` would refuse when no program is there.

    For a front end that has to know before a person types. Reads the prompt file, if there is one.
    """
    callbacks = effective_callbacks(LoopCallbacks(), options, cwd)
    compaction_policy(options, callbacks, cwd=cwd, context_window=None)
    ledger_of(options)
    DaemonSettings.from_options(options, cwd=cwd)


def ledger_of(options: LoopOptions) -> TaskLedger:
    """Return the ledger that ``options`` ask for. Raises LoopConfigError."""
    return TaskLedger.from_options(options.task_ledger, options.root_task, options.deliverables)
