"""Phase 2, preflight: everything that happens between two model calls before a request is built.

Order (docs/loop.md, preflight): host messages that interrupt; system prompt; ``turn_start``;
pending feedback, claimed in one batch, one ``feedback_injected`` each; the request's messages.
A claimed line enters the history only when the provider accepts the request, so that a failed
call can give it back.
"""

from dataclasses import replace

from harn_tui.events.agent import FeedbackInjected, TurnStart
from harn_tui.events.host import FeedbackStateChanged, UserMessage
from harn_tui.feedback.item import PREFILL_KIND
from harn_tui.kinds import Boundary, FeedbackState, HostMessageMode
from harn_tui.loop.config import LoopConfig, LoopRequest
from harn_tui.loop.messages import feedback_message, person_message, record_message, user_message
from harn_tui.loop.prompts import system_prompt
from harn_tui.loop.state import LoopState, Turn
from harn_tui.sinks.emit import aemit, emit


def admit_request(request: LoopRequest, config: LoopConfig, state: LoopState) -> None:
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
    if item is None:
        record_message(state, message)
    else:
        state.prompt = (replace(item, boundary=Boundary.AFTER_RUN), message)


async def run_preflight(config: LoopConfig, state: LoopState, iteration: int) -> Turn:
    """Return the turn, its request messages in place."""
    state.iterations = iteration + 1
    deliver_host_messages(config, state, HostMessageMode.INTERRUPT_IMMEDIATE)
    turn = state.open_turn = Turn(iteration=iteration)
    if state.prompt is not None:
        turn.injected.append(state.prompt)
        state.prompt = None
    turn.system = system_prompt(config.system, config.options, has_tools=bool(config.tools.names))
    await aemit(TurnStart(state.session_id, iteration))
    turn.prefill = config.options.prefill if iteration == 0 else None
    await _claim_feedback(config, state, turn)
    turn.messages = [*state.messages, *(m for _, m in turn.injected if m is not None)]
    return turn


async def _claim_feedback(config: LoopConfig, state: LoopState, turn: Turn) -> None:
    carried, state.carried = state.carried, []
    claimed = config.feedback.claim(state.session_id, Boundary.NEXT_PREFLIGHT)
    state.carried = [*carried, *claimed]
    while state.carried:
        item = state.carried.pop(0)
        _announce(state, item.feedback_id, FeedbackState.CLAIMED, item.boundary)
        if item.kind == PREFILL_KIND:
            turn.prefill = item.content
            turn.injected.append((item, None))
        else:
            turn.injected.append((item, feedback_message(item)))
        await aemit(FeedbackInjected(state.session_id, item.kind, item.content))


def accept_feedback(config: LoopConfig, state: LoopState, turn: Turn) -> None:
    """The provider took the request: the claimed lines are delivered, once and for all."""
    injected, turn.injected = turn.injected, []
    for item, message in injected:
        if message is not None:
            record_message(state, message)
        config.feedback.mark_delivered((item.feedback_id,))
        _announce(state, item.feedback_id, FeedbackState.DELIVERED, item.boundary, call=state.calls)


def return_feedback(config: LoopConfig, state: LoopState) -> None:
    """Queue again, in their old order, all claimed lines that no accepted request carried."""
    injected = [] if state.open_turn is None else state.open_turn.injected
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
        record_message(state, user_message(message.content))
    if messages:
        state.consecutive_text_only = 0
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
