"""Takes the lines that wait for the next model call before that call comes.

A line that keeps a run going is claimed at once, so that it cannot be withdrawn from under the
turn that it causes.
"""

from harn_tui.feedback.item import PREFILL_KIND, USER_KIND, FeedbackItem
from harn_tui.kinds import Boundary, FeedbackState
from harn_tui.loop.config import LoopConfig
from harn_tui.loop.state import LoopState


def take_waiting_lines(config: LoopConfig, state: LoopState, *, of_person: bool = False) -> bool:
    """Claim what is due at the next preflight; false when that is nothing that gives it reason.

    A prefill alone is no reason to go on, and with ``of_person`` nothing is but the person's own
    words.
    """
    queue = config.feedback
    waiting = [item for item in queue.pending(state.session_id) if not queue.pauses.holds(item)]
    if not any(_is_reason(item, of_person) for item in waiting):
        return False
    state.carried += queue.claim(state.session_id, Boundary.NEXT_PREFLIGHT)
    return True


def _is_reason(item: FeedbackItem, of_person: bool) -> bool:
    is_due = item.state is FeedbackState.QUEUED and item.boundary is not Boundary.AFTER_RUN
    return is_due and (item.kind == USER_KIND if of_person else item.kind != PREFILL_KIND)
