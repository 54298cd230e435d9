"""The options of a loop: the one table of names, defaults and accepted values.

``[loop]`` of a configuration, ``--set loop.KEY=VALUE`` and a program that embeds the loop all
use it, so that no way in has defaults of its own (docs/loop.md, options).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

from harn_tui.config.loop_profiles import PROFILES
from harn_tui.config.value_rules import (
    ValueRule,
    any_of,
    flag,
    json_table,
    not_blank_text_or_texts,
    number_above_zero,
    number_from_zero,
    one_of,
    program,
    seconds_by_tool,
    table_of,
    text,
    texts,
    texts_not_empty,
    whole_number,
    zero_or_from_two,
)
from harn_tui.errors import LoopConfigError
from harn_tui.json_types import JsonObject, JsonValue

NATIVE_TOOL_FORMAT = "native"
TEXT_TOOL_FORMAT = "text"

_TURN_POLICY: Mapping[str, ValueRule] = MappingProxyType(
    {
        "require_action_or_yield": flag(),
        "allow_done_sentinel": flag(),
        "max_prose_chars": whole_number(1),
    }
)
_TOOL_RECORDING: Mapping[str, ValueRule] = MappingProxyType(
    {"mode": one_of(("record", "replay", "replay_or_run")), "path": text()}
)


def _option(default: Any, rule: ValueRule) -> Any:
    return field(default=default, metadata={"rule": rule, "default": default})


def _profiled(default: Any, rule: ValueRule) -> Any:
    """Return a field that a profile may set: ``None`` until it is known which profile holds."""
    return field(default=None, metadata={"rule": rule, "default": default})


@dataclass(frozen=True, slots=True)
class TurnPolicy:
    """What a single turn may look like; a partial table keeps the other defaults."""

    require_action_or_yield: bool = False
    """Stricter nudges; a first tool call is demanded before any plain answer counts."""
    allow_done_sentinel: bool = True
    """False refuses the model's own completion signal and stops advertising it."""
    max_prose_chars: int | None = None
    """Longer prose is cut in the turn's interpreted text, and the nudge says so."""


@dataclass(frozen=True, slots=True)
class LoopOptions:
    """Every option of the loop, with the one default that all entry points share.

    Source: docs/loop.md, options. ``None`` means unset. Times are milliseconds. A value of the
    wrong type or out of bounds raises LoopConfigError that says what is accepted.
    """

    profile: str | None = _option(None, one_of(tuple(PROFILES)))
    """A named set of defaults; keys that are given win over it."""
    persistent: bool = _option(False, flag())
    """Keep going until a completion is accepted, instead of ending on the first plain answer."""
    max_iterations: int = _profiled(50, whole_number(1))
    """Most turns of one run."""
    max_nudges: int = _profiled(8, whole_number(0))
    """Nudges before a persistent loop is stuck, on text-only turn ``max_nudges + 1``."""
    max_parse_failures: int = _option(5, whole_number(0))
    """Turns in a row whose calls could all not be read before the loop is stuck (10.46)."""
    nudge: str | None = _option(None, text())
    """Replaces the built-in nudge."""
    done_sentinel: str = _option("##DONE##", text())
    """The completion marker of a persistent loop."""
    break_unless_phase: str | None = _option(None, text())
    """The current phase: a reply whose ``next_phase:`` line names another ends the run."""
    exit_when_verified: bool = _option(False, flag())
    """Accept a completion only after a verification tool has succeeded."""
    verification_tools: tuple[str, ...] = _option(("run", "run_command"), texts_not_empty())
    """Tools whose exit code verifies; an edit after it makes the verification void."""
    tool_retries: int = _profiled(0, whole_number(0))
    """Retries of a tool call that failed transiently."""
    tool_backoff_ms: int = _option(1000, whole_number(0))
    """Base of the tool retry delay."""
    tool_timeout_s: float | None = _option(None, number_above_zero())
    """Longest time of one attempt of a tool that has no limit of its own."""
    tool_timeouts: JsonObject | None = _option(None, seconds_by_tool())
    """Longest time by the tool's name, or a glob for names; 0 takes a limit away."""
    tool_recording: JsonObject | None = _option(None, table_of(_TOOL_RECORDING))
    """Record the results of tools in a file, or answer calls from it (docs/tools.md, 2.4)."""
    tool_format: str = _option(NATIVE_TOOL_FORMAT, one_of((NATIVE_TOOL_FORMAT, TEXT_TOOL_FORMAT)))
    """``native``: the server's own tool calls; ``text``: calls written as tagged text."""
    native_tool_fallback: str = _option("allow", one_of(("allow", "allow_once", "reject")))
    """What a native loop does with a reply that writes its calls as text."""
    tool_choice: str | JsonObject | None = _option(
        None, any_of("text or a table of the server's form", text(), json_table())
    )
    """``auto``, ``required``, ``none``, a tool's name, or the server's own form."""
    tool_examples: str | None = _option(None, text())
    """Examples for the prompt of the text format."""
    max_parallel_tools: int = _option(8, whole_number(1))
    """Most calls of one turn that run at the same time; each was approved before."""
    llm_retries: int = _profiled(4, whole_number(0))
    """Retries after the first attempt of a model call."""
    llm_backoff_ms: int = _option(2000, whole_number(0))
    """First retry delay; doubles with each further one."""
    schema_retries: int = _profiled(0, whole_number(0))
    """Times that a reply which breaks ``output_schema`` is asked for again."""
    response_format: str | None = _option(None, one_of(("json",)))
    """``json`` asks the server for JSON."""
    output_schema: JsonObject | None = _option(None, json_table())
    """JSON Schema of the reply's JSON."""
    fallback_chain: tuple[str, ...] = _option((), texts())
    """Configured providers to try when the first one fails."""
    timeout_s: float | None = _option(None, number_above_zero())
    """Longest silence of the server, instead of the provider's own setting."""
    token_budget: int | None = _option(None, whole_number(1))
    """Most input plus output tokens of one run."""
    total_budget_usd: float | None = _option(None, number_above_zero())
    """Most money of one run; needs a model with a known price."""
    loop_detect_warn: int = _option(2, whole_number(0))
    """Identical results before a warning is added; 0 turns the detector off."""
    loop_detect_block: int = _option(3, zero_or_from_two())
    """Identical results before the result is withheld."""
    loop_detect_skip: int = _option(4, zero_or_from_two())
    """Identical calls before the call is not run at all."""
    turn_policy: TurnPolicy = _option(TurnPolicy(), table_of(_TURN_POLICY))
    """What a single turn may look like."""
    stop_after_successful_tools: tuple[str, ...] = _option((), texts())
    """Any of these succeeding ends the run after its turn."""
    require_successful_tools: tuple[str, ...] = _option((), texts())
    """Unless one of these succeeded, a finished run counts as failed."""
    post_turn_callback: tuple[str, ...] | None = _option(None, program())
    """A command that gets each tool turn's ``turn_info`` and may inject a message or stop."""
    task_ledger: JsonObject | None = _option(None, json_table())
    """The ledger to begin with, in the shape of the result."""
    root_task: str | None = _option(None, text())
    """The ledger's task in one sentence."""
    deliverables: tuple[str, ...] = _option((), texts())
    """What the ledger holds open at the beginning."""
    daemon: bool = _option(False, flag())
    """Wait for something to do instead of ending."""
    persist_path: str | None = _option(None, text())
    """Where a daemon keeps its snapshot."""
    resume_path: str | None = _option(None, text())
    """The snapshot that a daemon begins with."""
    wake_interval_ms: int | None = _option(None, whole_number(1))
    """Wake a daemon regularly."""
    watch_paths: tuple[str, ...] = _option((), not_blank_text_or_texts())
    """Files and folders whose changes wake a daemon."""
    consolidate_on_idle: bool = _option(False, flag())
    """Compact the history when a daemon goes idle."""
    idle_watchdog_attempts: int | None = _option(None, whole_number(0))
    """Idle periods in a row without a reason to wake before a daemon ends."""
    compaction: str | bool | JsonObject | None = _option(
        None, any_of("true, false, a strategy or a table", flag(), text(), json_table())
    )
    """How the history is kept short (docs/loop.md, compaction)."""
    auto_compact: bool | None = _option(None, flag())
    """The older switch for compaction, with the options below."""
    compact_threshold: int | None = _option(None, whole_number(1))
    """Estimated tokens from which on the history is compacted."""
    compact_strategy: str | None = _option(
        None, one_of(("llm", "truncate", "custom", "observation_mask"))
    )
    """What stands for the archived messages."""
    compact_keep_first: int | None = _option(None, whole_number(0))
    """Messages at the beginning that stay."""
    compact_keep_last: int | None = _option(None, whole_number(0))
    """Messages at the end that stay."""
    hard_limit_tokens: int | None = _option(None, whole_number(1))
    """Size after which a summary is itself shortened."""
    hard_limit_strategy: str | None = _option(
        None, one_of(("llm", "truncate", "custom", "observation_mask"))
    )
    """How it is shortened then."""
    tool_output_max_chars: int | None = _option(None, whole_number(1))
    """Longest tool result that is kept whole while compaction is on."""
    summarize_prompt: str | None = _option(None, text())
    """A file with the prompt for the ``llm`` strategy."""
    compact_callback: tuple[str, ...] | None = _option(None, program())
    """A command that writes the summary; makes the strategy ``custom``."""
    mask_callback: tuple[str, ...] | None = _option(None, program())
    """A command that says what masked messages become."""
    compress_callback: tuple[str, ...] | None = _option(None, program())
    """A command that shortens a long tool result."""
    max_tokens: int = _option(16384, whole_number(1))
    """Most tokens of one reply."""
    temperature: float | None = _option(None, number_from_zero())
    """Sampling temperature; unset leaves it to the provider."""
    thinking_budget_tokens: int | None = _option(None, whole_number(1))
    """Reasoning budget for providers that take one."""
    prefill: str | None = _option(None, text())
    """Text that the first reply must begin with."""
    skills: tuple[str, ...] = _option((), texts())
    """The only skills to use, by id or name; unset uses all that are found."""
    skill_match: JsonObject | None = _option(None, json_table())
    """How skills are matched (docs/skills.md, matching)."""
    working_files: tuple[str, ...] = _option((), texts())
    """Files that the work is about, for the globs of skills."""
    tool_search: str | bool | JsonObject | None = _option(
        None, any_of('true, false, "bm25", "regex" or a table', flag(), text(), json_table())
    )
    """How deferred tools are found (docs/tool_search.md)."""

    def __post_init__(self) -> None:
        if self.profile is not None:
            _check("profile", self.profile)
        profile = PROFILES[self.profile] if self.profile else {}
        for item in fields(self):
            value = getattr(self, item.name)
            if value is None:
                default = profile.get(item.name, item.metadata["default"])
                object.__setattr__(self, item.name, default)
                continue
            _check(item.name, value)
            object.__setattr__(self, item.name, _stored(item.name, value))


@dataclass(frozen=True, slots=True)
class LoopOption:
    """One row of the table. ``default`` ``None`` means unset; it is JSON, lists as lists."""

    rule: ValueRule
    default: JsonValue = None


def loop_options(values: Mapping[str, object]) -> LoopOptions:
    """Return the options that ``values`` give by name.

    Raises LoopConfigError for a name that is none and for a value that cannot be used.
    """
    for name in values:
        if name not in LOOP_OPTIONS:
            near = get_close_matches(name, LOOP_OPTIONS, n=1)
            question = f"Did you mean `{near[0]}`? " if near else ""
            raise LoopConfigError(
                f"`{name}` is no loop option.",
                hint=f"{question}Accepted: {', '.join(LOOP_OPTIONS)}.",
            )
    return LoopOptions(**dict(values))  # type: ignore[arg-type]  # checked one by one above


def _check(name: str, value: object) -> None:
    rule = LOOP_OPTIONS[name].rule
    fault = rule.find_fault(_as_json(value))
    if fault is None:
        return
    where = ".".join((name, *map(str, fault.path)))
    shown = "" if fault.path or isinstance(value, dict) else f" cannot be {value!r}"
    raise LoopConfigError(
        f"Loop option `{where}`{shown or ' has a wrong value'}.", hint=f"It must be {fault.wanted}."
    )


def _stored(name: str, value: object) -> object:
    if name == "turn_policy" and isinstance(value, Mapping):
        return TurnPolicy(**value)
    if name == "watch_paths" and isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


def _as_json(value: Any) -> JsonValue:
    if isinstance(value, TurnPolicy):
        known = {item.name: getattr(value, item.name) for item in fields(value)}
        return {name: part for name, part in known.items() if part is not None}
    return list(value) if isinstance(value, tuple) else value


LOOP_OPTIONS: Mapping[str, LoopOption] = MappingProxyType(
    {
        item.name: LoopOption(item.metadata["rule"], _as_json(item.metadata["default"]))
        for item in fields(LoopOptions)
    }
)
"""Every loop option by name, in the order of docs/loop.md."""
