"""What a run may use up: turns, tokens, money (docs/loop.md, statuses)."""

from dataclasses import dataclass

from harn_tui.events.agent import BudgetExhausted
from harn_tui.kinds import BudgetKind, LoopStatus
from harn_tui.loop.config import LoopConfig
from harn_tui.loop.messages import claimed_messages, estimate_tokens
from harn_tui.loop.state import LoopState, Turn
from harn_tui.providers.base import Usage
from harn_tui.providers.model_facts import cost_usd
from harn_tui.sinks.emit import aemit


@dataclass(frozen=True, slots=True)
class UsedUp:
    """A budget that allows no further call; ``reason`` is one clause in words."""

    kind: BudgetKind
    reason: str


def used_up(config: LoopConfig, state: LoopState) -> UsedUp | None:
    """Return the budget that the run has reached, ``None`` while it may go on."""
    options = config.options
    used = state.budget_tokens
    if options.token_budget is not None and used >= options.token_budget:
        return UsedUp(BudgetKind.TOKENS, f"{used} of {options.token_budget} tokens used")
    limit, spent = options.total_budget_usd, state.spent_usd
    if limit is not None and spent >= limit:
        return UsedUp(BudgetKind.COST, f"${spent:.4f} of ${limit:.4f} spent")
    return None


async def is_too_dear(config: LoopConfig, state: LoopState, turn: Turn) -> bool:
    """Whether the request alone would cross the money budget; the run is then ended.

    Looked at before the call, so that nothing is paid for and thrown away (10.61). The reply is
    not known yet; only the request is counted.
    """
    limit, spent = config.options.total_budget_usd, state.spent_usd
    if limit is None:
        return False
    tokens = estimate_tokens(state, turn.system, claimed_messages(state))
    price = cost_usd(Usage(input_tokens=tokens), config.model_facts)
    if price is None or spent + price <= limit:
        return False
    reason = f"the next call would cost ${price:.4f} of ${limit - spent:.4f} left"
    await end_by_budget(config, state, UsedUp(BudgetKind.COST, reason))
    return True


def used_all_turns(config: LoopConfig) -> UsedUp:
    """Return the budget of turns as reached."""
    return UsedUp(BudgetKind.ITERATIONS, f"all {config.options.max_iterations} turns used")


async def end_by_budget(config: LoopConfig, state: LoopState, used: UsedUp) -> None:
    """End the run as ``budget_exhausted`` and say which budget it was."""
    state.end(LoopStatus.BUDGET_EXHAUSTED, used.reason)
    await aemit(BudgetExhausted(state.session_id, config.options.max_iterations, used.kind))
