"""What the runtime adds to the history once a turn's calls are answered.

Feedback on an assistant turn stands behind it and behind its results, so that no message ever
comes between a call and its answer (10.1).
"""

from harn_tui.config.loop_options import NATIVE_TOOL_FORMAT
from harn_tui.loop.config import LoopConfig
from harn_tui.loop.messages import record_message, runtime_message
from harn_tui.loop.state import LoopState, Turn
from harn_tui.tagged_text.observations import observation_block

TOOL_RESULTS_KIND = "tool_results"


def record_notes(state: LoopState, turn: Turn) -> None:
    """Put the turn's waiting feedback into the history, in the order in which it arose."""
    notes, turn.notes = turn.notes, []
    for kind, content in notes:
        record_message(state, runtime_message(kind, content))


def record_observations(config: LoopConfig, state: LoopState, turn: Turn) -> None:
    """Report the results of a text-format turn; the native format has answered each call."""
    results, turn.results = turn.results, []
    if config.options.tool_format == NATIVE_TOOL_FORMAT or not results:
        return
    content = "".join(observation_block(name, text) for name, text in results)
    record_message(state, runtime_message(TOOL_RESULTS_KIND, content))
