"""The options of ``[loop]``: the names, types and defaults that the loop has.

A configuration is read without building a loop, so the table stands here a second time; a test
compares the two.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from harn_tui.config.value_rules import (
    ValueRule,
    flag,
    number_from_zero,
    one_of,
    text,
    texts,
    whole_number,
    zero_or_from_two,
)
from harn_tui.json_types import JsonValue


@dataclass(frozen=True, slots=True)
class LoopOption:
    """One option. ``default`` ``None`` means unset; it is a list where the loop has a tuple."""

    rule: ValueRule
    default: JsonValue = None


LOOP_OPTIONS: Mapping[str, LoopOption] = MappingProxyType(
    {
        "persistent": LoopOption(flag(), False),
        "max_iterations": LoopOption(whole_number(1), 50),
        "max_nudges": LoopOption(whole_number(0), 8),
        "nudge": LoopOption(text()),
        "done_sentinel": LoopOption(text(), "##DONE##"),
        "tool_retries": LoopOption(whole_number(0), 0),
        "tool_backoff_ms": LoopOption(whole_number(0), 1000),
        "tool_format": LoopOption(one_of(("native",)), "native"),
        "llm_retries": LoopOption(whole_number(0), 4),
        "llm_backoff_ms": LoopOption(whole_number(0), 2000),
        "token_budget": LoopOption(whole_number(1)),
        "loop_detect_warn": LoopOption(whole_number(0), 2),
        "loop_detect_block": LoopOption(zero_or_from_two(), 3),
        "loop_detect_skip": LoopOption(zero_or_from_two(), 4),
        "stop_after_successful_tools": LoopOption(texts(), []),
        "require_successful_tools": LoopOption(texts(), []),
        "max_tokens": LoopOption(whole_number(1), 16384),
        "temperature": LoopOption(number_from_zero()),
        "thinking_budget_tokens": LoopOption(whole_number(1)),
        "prefill": LoopOption(text()),
        "skills": LoopOption(texts(), []),
        "tool_search": LoopOption(text()),
    }
)
"""Every loop option by name (docs/loop.md, options)."""
