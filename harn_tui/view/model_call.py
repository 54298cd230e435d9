"""What each model call sent, received and cost, and how that is shared among turns and tools."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class ModelCall:
    """One model call. Times are Unix-epoch milliseconds, durations milliseconds.

    ``ended_at_ms`` is ``None`` while it is open, ``cost_usd`` when its price is unknown.
    ``tools`` are the indices of the tool calls that its reply asked for, in ``view.blocks``.
    ``is_cut`` when it failed or was interrupted.
    """

    number: int
    turn: int
    model: str
    started_at_ms: int
    ended_at_ms: int | None = None
    time_to_first_token_ms: int | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cost_usd: float | None = None
    retries: int = 0
    is_cut: bool = False
    tools: list[int] = field(default_factory=list)

    @property
    def duration_ms(self) -> int | None:
        """How long it took; ``None`` while it is open."""
        return None if self.ended_at_ms is None else self.ended_at_ms - self.started_at_ms

    @property
    def cached_share(self) -> float | None:
        """Share of its input that came from the provider's cache, 0 to 1; ``None`` without input.

        Providers count what was read from the cache among the input tokens.
        """
        return self.cache_read_tokens / self.input_tokens if self.input_tokens else None

    @property
    def cost_of_a_tool_usd(self) -> float | None:
        """What each tool call of its reply cost to ask for: an equal share of the call."""
        if self.cost_usd is None or not self.tools:
            return None
        return self.cost_usd / len(self.tools)
