"""Phase 2, preflight: everything that happens between two model calls before a request is built.

Order (docs/loop.md, preflight): host messages that interrupt; system prompt; compaction when it
is due; ``PreAgentTurn`` hooks; ``turn_start``; pending feedback, claimed in one batch, one
``feedback_injected`` each; the request's messages, the task ledger last and never stored.
A claimed line enters the history only when the provider accepts the request, so that a failed
call can give it back.
"""

from dataclasses import replace

from harn_tui.events.agent import FeedbackInjected, TurnStart
from harn_tui.events.host import FeedbackStateChanged, UserMessage
from harn_tui.feedback.item import PREFILL_KIND
from harn_tui.kinds import Boundary, CompactionMode, FeedbackState, HostMessageMode, LifecycleEvent
from harn_tui.loop.compact_history import compact_if_due, compact_on_request
from harn_tui.loop.config import LoopConfig, LoopRequest
from harn_tui.loop.hook_payload import before_turn
from harn_tui.loop.hook_runs import run_hooks
from harn_tui.loop.ledger_text import ledger_block
from harn_tui.loop.line_attachments import attach, find_attachments, tell_attachments
from harn_tui.loop.messages import (
    adopt_message,
    claimed_messages,
    feedback_message,
    person_message,
    record_message,
    user_message,
    with_images,
)
from harn_tui.loop.offered_tools import (
    has_tools,
    native_tools,
    tool_contract_prompt,
)
from harn_tui.loop.prompts import FEEDBACK_CONTRACT, persistent_prompt, system_prompt
from harn_tui.loop.request_messages import RequestMessages
from harn_tui.loop.state import DAEMON_ACTIVE, LoopState, Turn
from harn_tui.loop.tool_set import offer_tools
from harn_tui.loop.transcript_notes import note_host_input
from harn_tui.sinks.emit import aemit, emit


async def admit_request(request: LoopRequest, config: LoopConfig, state: LoopState) -> None:
    """Announce the prompt that starts the run.

    A prompt that was a queued line enters the history with the first call that is accepted, like
    any other line; one that a program gave enters it at once.
    """
    if request.prompt is None:
        return
    item = config.feedback.get(request.feedback_id) if request.feedback_id else None
    if item is not None:
        _announce(state, item.feedback_id, FeedbackState.CLAIMED, Boundary.AFTER_RUN)
    emit(UserMessage(state.session_id, request.prompt, HostMessageMode.WAIT_FOR_COMPLETION))
    message = person_message(request.prompt, request.feedback_id)
    message = with_images(message, item.images if item else ())
    if item is None:
        record_message(state, message)
        return
    state.prompt = (replace(item, boundary=Boundary.AFTER_RUN), message)
    found = await find_attachments(config, item.kind, request.prompt)
    attach(message, found)
    tell_attachments(state, found)


async def run_preflight(config: LoopConfig, state: LoopState, iteration: int) -> Turn:
    """Return the turn, its request messages in place.

    The system prompt and the tools are fixed before hooks and events of the turn run.
    """
    state.iterations = iteration + 1
    if state.daemon_state is not None:
        state.daemon_state = DAEMON_ACTIVE
    deliver_host_messages(config, state, HostMessageMode.INTERRUPT_IMMEDIATE)
    for message in state.session.take_injected():
        adopt_message(state, message)
    turn = Turn(iteration=iteration)
    offer_tools(config, state)
    turn.tools = native_tools(config, state)
    turn.system = _system_prompt(config, state)
    if config.wants_compaction is not None and config.wants_compaction():
        await compact_on_request(config, state, turn.system)
    await compact_if_due(config, state, CompactionMode.PREFLIGHT, turn.system)
    payload = before_turn(
        state.session_id, iteration=iteration, total_iterations=state.total_iterations
    )
    await run_hooks(config, state, LifecycleEvent.PRE_AGENT_TURN, payload)
    state.open_turn = turn
    if state.prompt is not None:
        turn.injected.append(state.prompt)
        state.session.record_message(state.prompt[1])
        state.prompt = None
    await aemit(TurnStart(state.session_id, iteration))
    turn.prefill = config.options.prefill if iteration == 0 else None
    await _claim_feedback(config, state, turn)
    place_messages(state, turn)
    return turn


def place_messages(state: LoopState, turn: Turn) -> None:
    """Put the request's messages in place: history, claimed lines, and the ledger for now."""
    tail = claimed_messages(state)
    if not state.ledger.is_empty:
        tail.append(user_message(ledger_block(state.ledger)))
    turn.messages = RequestMessages(state.messages, tail)


def _system_prompt(config: LoopConfig, state: LoopState) -> str:
    options = config.options
    is_offered = has_tools(state)
    parts = [
        config.system,
        state.skills.prompt_block(),
        FEEDBACK_CONTRACT,
        tool_contract_prompt(config, state),
    ]
    return system_prompt([*parts, persistent_prompt(options, has_tools=is_offered)])


async def _claim_feedback(config: LoopConfig, state: LoopState, turn: Turn) -> None:
    carried, state.carried = state.carried, []
    claimed = config.feedback.claim(state.session_id, Boundary.NEXT_PREFLIGHT)
    state.carried = [*carried, *claimed]
    while state.carried:
        item = state.carried[0]
        found = await find_attachments(config, item.kind, item.content)
        del state.carried[0]
        _announce(state, item.feedback_id, FeedbackState.CLAIMED, item.boundary)
        if item.kind == PREFILL_KIND:
            turn.prefill = item.content
            turn.injected.append((item, None))
        else:
            message = feedback_message(item)
            attach(message, found)
            state.session.record_message(message)
            turn.injected.append((item, message))
        state.llm_log.feedback(state.total_iterations, item)
        await aemit(FeedbackInjected(state.session_id, item.kind, item.content))
        tell_attachments(state, found)


def accept_feedback(config: LoopConfig, state: LoopState, turn: Turn) -> None:
    """The provider took the request: the claimed lines are delivered, once and for all."""
    injected, turn.injected = turn.injected, []
    for item, message in injected:
        if message is not None:
            adopt_message(state, message)
        config.feedback.mark_delivered((item.feedback_id,))
        _announce(state, item.feedback_id, FeedbackState.DELIVERED, item.boundary, call=state.calls)


def return_feedback(config: LoopConfig, state: LoopState) -> None:
    """Queue again, in their old order, all claimed lines that no accepted request carried."""
    injected = [] if state.open_turn is None else state.open_turn.injected
    for _, message in injected:
        if message is not None:
            state.session.take_back(message)
    if state.prompt is not None:
        injected = [state.prompt, *injected]
    items = [*(item for item, _ in injected), *state.carried]
    state.prompt, state.carried = None, []
    if state.open_turn is not None:
        state.open_turn.injected = []
    if items:
        config.feedback.return_to_queue(tuple(item.feedback_id for item in items))
    for item in items:
        waiting = config.feedback.get(item.feedback_id) or item
        _announce(state, item.feedback_id, FeedbackState.QUEUED, waiting.boundary)


def deliver_host_messages(config: LoopConfig, state: LoopState, mode: HostMessageMode) -> int:
    """Put the host's messages of ``mode`` into the history; return how many there were."""
    messages = config.host_messages.take(mode)
    for message in messages:
        emit(UserMessage(state.session_id, message.content, message.mode))
        note_host_input(state, message)
        record_message(state, user_message(message.content))
    if messages:
        state.consecutive_text_only = 0
        if state.daemon is not None:
            state.daemon.reset_backoff()
    return len(messages)


def _announce(
    state: LoopState,
    feedback_id: str,
    feedback_state: FeedbackState,
    boundary: Boundary,
    *,
    call: int | None = None,
) -> None:
    emit(
        FeedbackStateChanged(
            session_id=state.session_id,
            feedback_id=feedback_id,
            state=feedback_state,
            boundary=boundary,
            call=call,
        )
    )
