"""A daemon's run as a snapshot, and a snapshot as the beginning of a run (10.31)."""

from harn_tui.loop.daemon.snapshot import DaemonSnapshot
from harn_tui.loop.daemon.state import DaemonState
from harn_tui.loop.ledger import TaskLedger
from harn_tui.loop.messages import record_message, used_call_ids
from harn_tui.loop.state import DAEMON_ACTIVE, LoopState


def snapshot_of(state: LoopState) -> DaemonSnapshot:
    """Return the run as it stands."""
    daemon = state.daemon or DaemonState()
    transcript = state.session.transcript_json()
    events = transcript.get("events")
    summary = transcript.get("summary")
    return DaemonSnapshot(
        daemon_state=state.daemon_state or DAEMON_ACTIVE,
        visible_messages=tuple(state.messages),
        recorded_messages=tuple(state.recorded or state.messages),
        transcript_summary=summary if isinstance(summary, str) else None,
        transcript_events=tuple(e for e in events if isinstance(e, dict))
        if isinstance(events, list)
        else (),
        total_text="\n\n".join(state.texts),
        last_iteration_text=state.last_text,
        all_tools_used=tuple(state.tools_used),
        successful_tools=tuple(state.tools_successful),
        rejected_tools=tuple(state.tools_rejected),
        deferred_user_messages=tuple(state.deferred_user_messages),
        total_iterations=state.total_iterations,
        calls=state.calls,
        wakes=daemon.wakes,
        idle_backoff_ms=daemon.backoff_ms,
        last_run_exit_code=state.verification_exit_code,
        watch_state=daemon.watch,
        task_ledger=None if state.ledger.is_empty else state.ledger.as_json(),
        ledger_done_rejections=state.ledger_done_rejections,
        loop_detector=state.loop_detector.as_json(),
        used_call_ids=tuple(sorted(state.call_ids)),
        usage=state.usage,
        budget_tokens=state.budget_tokens,
        cost_usd=state.cost_usd,
        spent_usd=state.spent_usd,
    )


def restore_run(state: LoopState, snapshot: DaemonSnapshot) -> None:
    """Go on from ``snapshot``; the request of the new run comes behind it.

    A session that has its history already keeps it: the snapshot's messages are those of a
    session that nothing else stores.
    """
    if not state.messages:
        for message in snapshot.visible_messages:
            record_message(state, message)
    state.recorded = [*(snapshot.recorded_messages or state.messages)]
    if snapshot.total_text:
        state.texts.append(snapshot.total_text)
    state.last_text = snapshot.last_iteration_text
    for name in snapshot.all_tools_used:
        state.use_tool(name)
    state.has_acted = bool(snapshot.all_tools_used)
    state.tools_successful += snapshot.successful_tools
    for name in snapshot.rejected_tools:
        state.reject_tool(name)
    state.deferred_user_messages += snapshot.deferred_user_messages
    state.iterations_before = snapshot.total_iterations
    state.calls = max(state.calls, snapshot.calls)
    state.verification_exit_code = snapshot.last_run_exit_code
    if snapshot.task_ledger is not None and state.ledger.is_empty:
        state.ledger = TaskLedger.from_json(snapshot.task_ledger)
    state.ledger_done_rejections = snapshot.ledger_done_rejections
    state.loop_detector.restore(snapshot.loop_detector)
    state.call_ids.add({*snapshot.used_call_ids, *used_call_ids(state.messages)})
    state.usage = state.usage + snapshot.usage
    state.budget_tokens += snapshot.budget_tokens
    state.spent_usd += snapshot.spent_usd
    state.has_unknown_cost |= snapshot.cost_usd is None
