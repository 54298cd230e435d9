"""Accepts or refuses what a turn declares complete (docs/loop.md, completion)."""

from harn_tui.loop.completion import completion_signal
from harn_tui.loop.config import LoopConfig
from harn_tui.loop.gates import refusals
from harn_tui.loop.messages import record_message, runtime_message
from harn_tui.loop.state import LoopState, Turn


def accepts_completion(config: LoopConfig, state: LoopState, turn: Turn) -> bool:
    """Whether the turn ends the run; the model is told of each gate that it did not pass.

    Looked at after the turn's calls have run, so that a verification in the same turn counts
    (10.25) and a call that was refused does not (10.48).
    """
    if turn.reply is None:
        return False
    signal = completion_signal(config, state, turn.reply)
    if not signal.is_given:
        return False
    refused = refusals(config, state, signal)
    for refusal in refused:
        record_message(state, runtime_message(refusal.kind, refusal.content))
    if refused:
        return False
    if signal.phase is not None:
        state.counters.phase_changes += 1
        state.reason = f"the model changed to phase {signal.phase}"
    else:
        state.reason = "the model declared the request complete"
    return True
