"""Phase 4, tool dispatch: gates the calls of a turn, runs them, answers each.

Every call gets exactly one terminal event and exactly one answer, whatever happens; a
cancellation, or the end of the program, answers the calls that did not get to run as well.
Neighbouring calls that only look, or that say so themselves, run at the same time, each after it
has been approved: the gates of a batch are passed one after another before any of it runs (10.17).
"""

import asyncio
from collections.abc import Iterator, Sequence

from harn_tui.config.loop_options import NATIVE_TOOL_FORMAT
from harn_tui.kinds import LEDGER_TOOL_NAME
from harn_tui.loop.config import LoopConfig
from harn_tui.loop.ledger_call import LedgerCallRun
from harn_tui.loop.messages import INTERRUPTED_RESULT, record_message, tool_message
from harn_tui.loop.state import LoopState, Turn
from harn_tui.loop.step_snapshots import around_step
from harn_tui.loop.tool_call import ToolCallRun
from harn_tui.loop.tool_record import count_call
from harn_tui.loop.transcript_notes import note_tool_execution
from harn_tui.providers.base import ToolCallRequest

CallRun = ToolCallRun | LedgerCallRun


async def run_tool_dispatch(config: LoopConfig, state: LoopState, turn: Turn) -> None:
    """Run the turn's calls and put their results into the history, in the order of the calls."""
    runs = [_run_of(config, state, call) for call in turn.calls]
    for run in runs:
        run.announce(is_known=run.call.id in turn.announced_ids)
    answered = 0
    try:
        await asyncio.sleep(0)  # a cancellation that came with the reply is noticed here
        for batch in _batches(runs):
            await _run_batch(config, state, batch)
            for run in batch:
                _answer(config, state, turn, run)
                answered += 1
    except BaseException:
        for run in runs[answered:]:
            _answer_interrupted(config, state, turn, run)
        raise
    if turn.made_progress:
        state.consecutive_text_only = 0
        state.consecutive_parse_failures = 0
        if state.daemon is not None:
            state.daemon.reset_backoff()


def _run_of(config: LoopConfig, state: LoopState, call: ToolCallRequest) -> CallRun:
    is_ledger = call.name == LEDGER_TOOL_NAME and LEDGER_TOOL_NAME not in state.offered.names
    return LedgerCallRun(state, call) if is_ledger else ToolCallRun(config, state, call)


def _batches(runs: Sequence[CallRun]) -> Iterator[list[CallRun]]:
    """Yield the calls in order, neighbours that may run at the same time together."""
    batch: list[CallRun] = []
    for run in runs:
        if batch and not (run.is_concurrent and batch[-1].is_concurrent):
            yield batch
            batch = []
        batch.append(run)
    if batch:
        yield batch


async def _run_batch(config: LoopConfig, state: LoopState, batch: Sequence[CallRun]) -> None:
    """Take each call through its gates, then run those that passed; returns when all ended."""
    admitted = [run for run in batch if await run.admit()]
    may_change = any(isinstance(run, ToolCallRun) and run.may_change_files for run in admitted)
    async with around_step(config.snapshots if may_change else None, state.session_id):
        await _execute_all(config, admitted)


async def _execute_all(config: LoopConfig, admitted: Sequence[CallRun]) -> None:
    if len(admitted) < 2:
        for run in admitted:
            await run.execute()
        return
    free = asyncio.Semaphore(config.options.max_parallel_tools)

    async def execute(run: CallRun) -> None:
        async with free:
            await run.execute()

    async with asyncio.TaskGroup() as group:
        for run in admitted:
            group.create_task(execute(run), name=f"tool {run.call.name}")


def _answer(config: LoopConfig, state: LoopState, turn: Turn, run: CallRun) -> None:
    """Give the model the result of a call that ended, and count it."""
    _reply(config, state, turn, run.call, run.answer)
    if isinstance(run, LedgerCallRun):
        turn.ledger_results.append(run.is_ok)
    elif run.outcome is not None:
        turn.outcomes.append(run.outcome)
        count_call(config, state, run.outcome)
        note_tool_execution(state, run.call, run.outcome)


def _answer_interrupted(config: LoopConfig, state: LoopState, turn: Turn, run: CallRun) -> None:
    """Answer a call that a cancellation stopped; one that had ended keeps its result."""
    if run.has_ended:
        _answer(config, state, turn, run)
        return
    run.fail_interrupted()
    _reply(config, state, turn, run.call, INTERRUPTED_RESULT)


def _reply(
    config: LoopConfig, state: LoopState, turn: Turn, call: ToolCallRequest, text: str
) -> None:
    if config.options.tool_format == NATIVE_TOOL_FORMAT:
        record_message(state, tool_message(call, text))
    else:
        turn.results.append((call.name, text))
