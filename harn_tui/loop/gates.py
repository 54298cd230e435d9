"""What must hold before a declared completion is accepted (docs/loop.md, completion)."""

from dataclasses import dataclass

from harn_tui.loop.completion import CompletionSignal
from harn_tui.loop.config import LoopConfig
from harn_tui.loop.gate_texts import sentinel_without_action, verification_missing
from harn_tui.loop.ledger_text import GATE_FEEDBACK_KIND, gate_text
from harn_tui.loop.offered_tools import has_tools
from harn_tui.loop.state import LoopState


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a completion was refused: feedback for the model, ``kind`` of docs/loop.md."""

    kind: str
    content: str


def refusals(config: LoopConfig, state: LoopState, signal: CompletionSignal) -> list[Refusal]:
    """Return every gate that is closed, in the order in which the model is told of them.

    A change of phase needs no tool to have run: a phase may consist of thought (10.47). Each
    refusal by the ledger is counted.
    """
    found: list[Refusal] = []
    if state.ledger.open_items:
        state.ledger_done_rejections += 1
        found.append(Refusal(GATE_FEEDBACK_KIND, gate_text(state.ledger)))
    if config.options.exit_when_verified and state.verification_exit_code != 0:
        content = verification_missing(config.options, state.verification_exit_code)
        found.append(Refusal("verification_gate", content))
    is_ready = state.has_acted or not has_tools(state) or signal.phase is not None
    if not is_ready:
        found.append(Refusal("sentinel_without_action", sentinel_without_action(config.options)))
    return found
