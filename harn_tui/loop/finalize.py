"""Phase 6, finalize: closes a run whatever ended it; always emits exactly one ``loop_end``."""

from harn_tui.errors import StoreError
from harn_tui.events.agent import TurnEnd
from harn_tui.events.host import LoopEnd, Notice
from harn_tui.json_types import JsonObject
from harn_tui.kinds import HostMessageMode, LoopStatus, NoticeLevel
from harn_tui.loop.call_events import usage_fields
from harn_tui.loop.config import LoopConfig
from harn_tui.loop.daemon_turn import daemon_settings, save_snapshot
from harn_tui.loop.failure_notice import tell_failure
from harn_tui.loop.hook_call import hook_name
from harn_tui.loop.messages import answer_interrupted_calls
from harn_tui.loop.preflight import return_feedback
from harn_tui.loop.skill_servers import release_all_servers
from harn_tui.loop.state import LoopState
from harn_tui.loop.turn_end import turn_info
from harn_tui.loop.turn_notes import record_observations
from harn_tui.sinks.emit import emit
from harn_tui.transcripts.transcript import TranscriptState

HOOK_LIMIT_S = 10.0
"""Longest that one session-end hook may hold up the end of a run."""


async def run_finalize(config: LoopConfig, state: LoopState) -> None:
    """Settle the status, leave the history valid, announce the end, fire session-end hooks."""
    try:
        if config.worker is not None:
            # The session of a nested loop ends with it; another one keeps them for its next run.
            release_all_servers(config.skill_servers, state)
        return_feedback(config, state)
        _answer_open_calls(config, state)
        _end_open_turn(state)
        left = config.host_messages.take(HostMessageMode.WAIT_FOR_COMPLETION)
        state.deferred_user_messages += [message.content for message in left]
        await _settle_daemon(config, state)
        _check_required_tools(config, state)
    finally:
        _end_session(state)
        emit(
            LoopEnd(
                session_id=state.session_id,
                loop_id=state.loop_id,
                status=state.status,
                reason=state.reason,
                iterations=state.iterations,
                usage=_usage(state),
            )
        )
        await _run_hooks(config, state)


async def _settle_daemon(config: LoopConfig, state: LoopState) -> None:
    """A daemon that is done is idle, and leaves a last snapshot; one that fails is told of."""
    if not config.options.daemon:
        return
    if state.status is LoopStatus.DONE:
        state.end(LoopStatus.IDLE, state.reason)
    state.daemon_state = state.status.value
    try:
        await save_snapshot(state, daemon_settings(config).snapshot_path)
    except StoreError as error:
        emit(Notice(state.session_id, NoticeLevel.ERROR, str(error)))


def _end_session(state: LoopState) -> None:
    is_done = state.status is LoopStatus.DONE
    ended_as = TranscriptState.ACTIVE if is_done else TranscriptState.PAUSED
    loaded = (*state.offering.promoted, *state.absent_tools)
    state.session.end(ended_as, state.skills.saved().as_names(), loaded)
    state.transcript = state.session.transcript_json()


def _answer_open_calls(config: LoopConfig, state: LoopState) -> None:
    """Tell what became of the calls of a turn that was cut short; some may have taken effect."""
    answer_interrupted_calls(state)
    if state.open_turn is not None:
        record_observations(config, state, state.open_turn)


def _end_open_turn(state: LoopState) -> None:
    """Give a turn that was cut short its end, so that starts and ends pair (10.38)."""
    turn, state.open_turn = state.open_turn, None
    if turn is not None:
        info = {**turn_info(state, turn), "failed": True}
        emit(TurnEnd(state.session_id, turn.iteration, info))


async def _run_hooks(config: LoopConfig, state: LoopState) -> None:
    """Run the session-end hooks; the run's end is settled, so a failure is merely told."""
    for hook, error in await config.session_end.run(state.session_id, limit_s=HOOK_LIMIT_S):
        what = f"The session-end hook {hook_name(hook)}"
        tell_failure(state.session_id, what, error, "it was passed over")


def _check_required_tools(config: LoopConfig, state: LoopState) -> None:
    required = config.options.require_successful_tools
    if state.status is not LoopStatus.DONE or not required:
        return
    if not set(required) & set(state.tools_successful):
        state.end(LoopStatus.FAILED, f"none of {', '.join(required)} succeeded")


def _usage(state: LoopState) -> JsonObject:
    usage = usage_fields(state.usage)
    if state.cost_usd is not None:
        usage["cost_usd"] = state.cost_usd
    return usage
