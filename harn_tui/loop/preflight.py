"""Phase 2, preflight: everything that happens between two model calls before a request is built.

Order (docs/loop.md, preflight): host messages that interrupt; system prompt; ``turn_start``;
pending feedback, claimed in one batch, one ``feedback_injected`` each; the request's messages.
A claimed line enters the history only when the provider accepts the request, so that a failed
call can give it back.
"""

from harn_tui.events.agent import FeedbackInjected, TurnStart
from harn_tui.events.host import FeedbackStateChanged, UserMessage
from harn_tui.feedback.item import PREFILL_KIND, FeedbackItem
from harn_tui.kinds import Boundary, FeedbackState, HostMessageMode
from harn_tui.loop.config import LoopConfig, LoopRequest
from harn_tui.loop.messages import feedback_message, person_message, record_message, user_message
from harn_tui.loop.prompts import system_prompt
from harn_tui.loop.state import LoopState, Turn
from harn_tui.sinks.emit import aemit, emit


def admit_request(request: LoopRequest, config: LoopConfig, state: LoopState) -> None:
    """Put the prompt that starts the run into the history; a queued line gets its receipt."""
    if request.prompt is None:
        return
    line = request.feedback_id
    if line is not None:
        _announce(state, line, FeedbackState.CLAIMED, Boundary.AFTER_RUN)
    emit(UserMessage(state.session_id, request.prompt, HostMessageMode.WAIT_FOR_COMPLETION))
    record_message(state, person_message(request.prompt, line))
    if line is not None:
        config.feedback.mark_delivered((line,))
        _announce(state, line, FeedbackState.DELIVERED, Boundary.AFTER_RUN, call=state.calls + 1)


async def run_preflight(config: LoopConfig, state: LoopState, iteration: int) -> Turn:
    """Return the turn, its request messages in place."""
    state.iterations = iteration + 1
    deliver_host_messages(config, state, HostMessageMode.INTERRUPT_IMMEDIATE)
    turn = Turn(iteration=iteration)
    turn.system = system_prompt(config.system, config.options, has_tools=bool(config.tools.names))
    await aemit(TurnStart(state.session_id, iteration))
    turn.prefill = config.options.prefill if iteration == 0 else None
    await _claim_feedback(config, state, turn)
    turn.messages = [*state.messages, *(m for _, m in turn.injected if m is not None)]
    return turn


async def _claim_feedback(config: LoopConfig, state: LoopState, turn: Turn) -> None:
    for item in config.feedback.claim(state.session_id, Boundary.NEXT_PREFLIGHT):
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


def return_feedback(config: LoopConfig, state: LoopState, turn: Turn) -> None:
    """The request never went through: the claimed lines are queued again, in their old order."""
    items: tuple[FeedbackItem, ...] = tuple(item for item, _ in turn.injected)
    turn.injected = []
    if items:
        config.feedback.return_to_queue(tuple(item.feedback_id for item in items))
    for item in items:
        _announce(state, item.feedback_id, FeedbackState.QUEUED, item.boundary)


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
