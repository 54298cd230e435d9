"""Phase 5, post turn: decides whether the run goes on (docs/loop.md, post-turn decisions).

A stop is never final while somebody's words wait: a last look at the queues turns it into one
more turn (10.52). A budget is looked at only to go on, so that it never overwrites an accepted
completion (10.9).
"""

from harn_tui.kinds import HostMessageMode, LoopStatus
from harn_tui.loop.budgets import end_by_budget, used_up
from harn_tui.loop.config import LoopConfig
from harn_tui.loop.preflight import deliver_host_messages
from harn_tui.loop.state import FINISHED, LoopState, Turn
from harn_tui.loop.text_turn import end_text_turn
from harn_tui.loop.tool_turn import end_tool_turn
from harn_tui.loop.waiting_lines import take_waiting_lines


async def run_post_turn(config: LoopConfig, state: LoopState, turn: Turn) -> bool:
    """Return whether the run ends after this turn."""
    if turn.called_tools:
        must_stop = await end_tool_turn(config, state, turn)
    else:
        must_stop = await end_text_turn(config, state, turn)
    if must_stop and not _takes_late_words(config, state, turn):
        return True
    used = used_up(config, state)
    if used is None:
        return False
    await end_by_budget(config, state, used)
    return True


def _takes_late_words(config: LoopConfig, state: LoopState, turn: Turn) -> bool:
    """Whether words came too late for this turn's request and get one more turn.

    A budget that allows no further turn leaves them where they are: the run is finished all the
    same.
    """
    has_turns = turn.iteration + 1 < config.options.max_iterations
    if state.status is not LoopStatus.DONE or not has_turns or used_up(config, state):
        return False
    delivered = deliver_host_messages(config, state, HostMessageMode.WAIT_FOR_COMPLETION)
    is_due = take_waiting_lines(config, state)
    if delivered or turn.has_host_words or is_due or state.session.has_injected:
        state.reason = FINISHED
        return True
    return False
