"""Whether what a session asks can be asked again by the process that takes it up."""

from harn_tui.config.loop_options import NATIVE_TOOL_FORMAT
from harn_tui.session.active_run import ActiveRun
from harn_tui.session.approvals import Approvals
from harn_tui.session.conversation import Conversation
from harn_tui.session.parts import SessionParts


def can_ask_again(
    parts: SessionParts, run: ActiveRun, approvals: Approvals, conversation: Conversation
) -> bool:
    """Whether a person is asked, or was to be asked again, and nothing is lost by leaving.

    ``session.past`` finds it in the log then. Calls in text have no results that could be missing.
    """
    questions = [parts.questions.get(asked) for asked in parts.questions.pending()]
    are_own = approvals.are_own and all(q is None or q.source is None for q in questions)
    is_asked = bool(parts.broker.pending() or questions) or run.takes_up_calls
    is_native = parts.options.tool_format == NATIVE_TOOL_FORMAT
    return is_asked and is_native and are_own and conversation.has_waiting_calls
