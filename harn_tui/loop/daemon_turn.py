"""What a daemon does when it has nothing to say: persists, waits, wakes (docs/loop.md, daemon)."""

import asyncio
from pathlib import Path

from harn_tui.events.agent import DaemonWatchdogTripped
from harn_tui.events.host import Notice
from harn_tui.json_types import JsonObject
from harn_tui.kinds import Boundary, CompactionMode, HostMessageMode, LoopStatus, NoticeLevel
from harn_tui.loop.compact_history import compact_if_due
from harn_tui.loop.config import LoopConfig
from harn_tui.loop.daemon.idle import NoWakeSource, Watchdog, wait_for_wake
from harn_tui.loop.daemon.settings import DaemonSettings
from harn_tui.loop.daemon.snapshot import save
from harn_tui.loop.daemon.state import DaemonState
from harn_tui.loop.daemon.wake import Wake, WakeReason, WakeSources
from harn_tui.loop.daemon_snapshot import snapshot_of
from harn_tui.loop.hook_payload import TextTurnEnd
from harn_tui.loop.messages import record_message, runtime_message
from harn_tui.loop.preflight import deliver_host_messages
from harn_tui.loop.state import DAEMON_ACTIVE, DAEMON_IDLE, LoopState, Turn
from harn_tui.loop.transcript_notes import note_wake
from harn_tui.loop.turn_end import announce_turn_end, run_turn_hooks
from harn_tui.sinks.emit import aemit, emit


def daemon_settings(config: LoopConfig) -> DaemonSettings:
    """Return the daemon options of a loop, relative paths below its folder."""
    return DaemonSettings.from_options(config.options, cwd=config.cwd)


async def run_daemon_idle(config: LoopConfig, state: LoopState, turn: Turn) -> bool:
    """Wait until there is something to do; return whether the run ends instead.

    The turn ends before the wait, and its hooks are told afterwards how that came out. Words that
    wake it when no turn is left stay where they are, instead of going unanswered.
    """
    settings = daemon_settings(config)
    daemon = state.daemon or DaemonState()
    state.daemon, state.daemon_state = daemon, DAEMON_IDLE
    await announce_turn_end(state, turn)
    if settings.consolidate_on_idle:
        await compact_if_due(config, state, CompactionMode.AUTO, turn.system)
    await save_snapshot(state, settings.snapshot_path)
    sources = WakeSources(state.session_id, config.host_messages, config.feedback, config.wake)
    ended = await wait_for_wake(
        settings,
        sources,
        daemon,
        iteration=turn.iteration,
        on_idle=_IdleNotice(state),
    )
    match ended:
        case NoWakeSource():
            await run_turn_hooks(config, state, turn, TextTurnEnd.IDLE)
            state.end(LoopStatus.IDLE, "nothing can wake the daemon")
            return True
        case Watchdog(attempts, elapsed_ms):
            state.end(LoopStatus.WATCHDOG, f"{attempts} waits in a row were in vain")
            await aemit(DaemonWatchdogTripped(state.session_id, attempts, elapsed_ms))
            await run_turn_hooks(config, state, turn, TextTurnEnd.WATCHDOG)
            return True
        case Wake():
            has_turns = turn.iteration + 1 < config.options.max_iterations
            _take_wake(config, state, ended, takes_words=has_turns)
            await run_turn_hooks(config, state, turn, TextTurnEnd.DAEMON_WAKE)
            return False


def _take_wake(config: LoopConfig, state: LoopState, wake: Wake, *, takes_words: bool) -> None:
    """Put what woke the daemon before the next call."""
    state.daemon_state = DAEMON_ACTIVE
    state.consecutive_text_only = 0
    note_wake(state, wake)
    if wake.feedback is not None:
        record_message(state, runtime_message(wake.feedback.kind, wake.feedback.content))
    if wake.reason is WakeReason.MESSAGE and takes_words:
        deliver_host_messages(config, state, HostMessageMode.WAIT_FOR_COMPLETION)
        state.carried += config.feedback.claim(state.session_id, Boundary.AFTER_RUN)


async def save_snapshot(state: LoopState, path: Path | None) -> None:
    """Write the run as it stands, if there is a place for it. Raises StoreError."""
    if path is not None:
        await asyncio.to_thread(save, path, snapshot_of(state))


class _IdleNotice:
    """Says once in an idle period that the daemon waits, and for what."""

    def __init__(self, state: LoopState) -> None:
        self._state = state
        self._is_said = False

    def __call__(self, idle: JsonObject) -> None:
        if self._is_said:
            return
        self._is_said = True
        watched = idle.get("watch_paths")
        what = f", watching {len(watched)} path(s)" if isinstance(watched, list) and watched else ""
        text = f"The daemon waits{what}."
        emit(Notice(self._state.session_id, NoticeLevel.INFO, text))
