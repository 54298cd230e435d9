"""How and when a history is compacted: the decided values, and their fit to a context window."""

from dataclasses import dataclass, replace

from harn_tui.errors import LoopConfigError
from harn_tui.kinds import CompactionLabel, CompactionStrategy
from harn_tui.loop.compaction.callbacks import (
    CompactCallback,
    CompressCallback,
    MaskCallback,
)
from harn_tui.loop.compaction.summarizing import names_messages

DEFAULT_THRESHOLD_TOKENS = 48_000
DEFAULT_TOOL_OUTPUT_MAX_CHARS = 16_000
DEFAULT_KEEP_LAST = 10

_LEAST_WINDOW_TOKENS = 4_096
_LEAST = {
    "keep_first": 0,
    "keep_last": 0,
    "threshold_tokens": 1,
    "hard_limit_tokens": 1,
    "tool_output_max_chars": 1,
}


@dataclass(frozen=True, slots=True)
class CompactionPolicy:
    """A policy as it is applied; without arguments, the one that holds when nobody chose any.

    ``label`` is the name under which compactions are announced. ``keep_first`` and ``keep_last``
    count messages. ``hard_limit_tokens`` ``None`` means none. ``tool_output_max_chars`` is the
    most bytes of UTF-8 that a tool result keeps. ``summarize_prompt`` is a template's text,
    ``None`` for the built-in one. A value that cannot be used raises LoopConfigError.
    """

    is_enabled: bool = True
    label: str = CompactionLabel.HYBRID.value
    strategy: CompactionStrategy = CompactionStrategy.LLM
    keep_first: int = 0
    keep_last: int = DEFAULT_KEEP_LAST
    threshold_tokens: int = DEFAULT_THRESHOLD_TOKENS
    hard_limit_tokens: int | None = None
    hard_limit_strategy: CompactionStrategy = CompactionStrategy.TRUNCATE
    tool_output_max_chars: int = DEFAULT_TOOL_OUTPUT_MAX_CHARS
    compact: CompactCallback | None = None
    mask: MaskCallback | None = None
    compress: CompressCallback | None = None
    summarize_prompt: str | None = None

    def __post_init__(self) -> None:
        for name, least in _LEAST.items():
            value = getattr(self, name)
            if value is not None and (type(value) is not int or value < least):
                raise LoopConfigError(
                    f"`{name}` of compaction cannot be {value!r}.",
                    hint=f"It must be a whole number of at least {least}.",
                )
        for name in ("compact", "mask", "compress"):
            value = getattr(self, name)
            if value is not None and not callable(value):
                raise LoopConfigError(
                    f"`{name}_callback` of compaction cannot be called: it is {value!r}.",
                    hint="Give a function, or leave it out.",
                )
        if self.compact is None and CompactionStrategy.CUSTOM in self._strategies():
            raise LoopConfigError(
                "The compaction strategy `custom` has no callback to call.",
                hint="Give `compact_callback`, or choose another strategy.",
            )
        if self.summarize_prompt is not None and not names_messages(self.summarize_prompt):
            raise LoopConfigError(
                "`summarize_prompt` has no place for the messages to be summarised.",
                hint="Write {{ formatted_messages }} where they belong.",
            )

    def _strategies(self) -> tuple[CompactionStrategy, ...]:
        return (self.strategy, self.hard_limit_strategy) if self.is_enabled else ()


def adapted(
    policy: CompactionPolicy, context_window: int | None, is_threshold_chosen: bool
) -> CompactionPolicy:
    """Return ``policy`` with limits that a context window of so many tokens can hold.

    ``is_threshold_chosen`` tells that a person set the threshold. Nothing is ever raised; an
    unknown window (``None``) changes nothing.
    """
    if context_window is None or context_window <= 0:
        return policy
    usable = max(context_window, _LEAST_WINDOW_TOKENS) * 3 // 4
    hard_limit = policy.hard_limit_tokens
    threshold_limit = usable if is_threshold_chosen else max(1, context_window * 13 // 20)
    return replace(
        policy,
        hard_limit_tokens=usable if hard_limit is None else min(hard_limit, usable),
        threshold_tokens=min(policy.threshold_tokens, threshold_limit),
    )
