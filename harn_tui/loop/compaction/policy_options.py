"""From the options of a loop to its compaction policy.

``compaction`` names a whole policy; the older ``auto_compact`` and the options beside it set one
value each (docs/loop.md, compaction). Absent and ``None`` mean the same: not chosen.
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from harn_tui.errors import LoopConfigError
from harn_tui.kinds import CompactionLabel, CompactionStrategy
from harn_tui.loop.compaction.callbacks import CompactionCallbacks
from harn_tui.loop.compaction.policy import CompactionPolicy

LEGACY_KEEP_LAST = 12

_NO_OPTIONS: Mapping[str, object] = MappingProxyType({})
_NO_CALLBACKS = CompactionCallbacks()

_POLICIES: Mapping[str, CompactionPolicy] = MappingProxyType(
    {
        CompactionLabel.NONE: CompactionPolicy(is_enabled=False, label=CompactionLabel.NONE),
        CompactionLabel.TRUNCATE: CompactionPolicy(
            label=CompactionLabel.TRUNCATE, strategy=CompactionStrategy.TRUNCATE
        ),
        CompactionLabel.SUMMARIZE_MIDDLE: CompactionPolicy(
            label=CompactionLabel.SUMMARIZE_MIDDLE, hard_limit_strategy=CompactionStrategy.LLM
        ),
        CompactionLabel.SUMMARIZE_ALL: CompactionPolicy(
            label=CompactionLabel.SUMMARIZE_ALL,
            keep_last=0,
            hard_limit_strategy=CompactionStrategy.LLM,
        ),
        CompactionLabel.HYBRID: CompactionPolicy(),
    }
)
_ALIASES = MappingProxyType(
    {
        "summarize": CompactionLabel.SUMMARIZE_MIDDLE,
        "llm": CompactionLabel.SUMMARIZE_MIDDLE,
    }
)
_LEGACY = CompactionPolicy(
    label=CompactionStrategy.OBSERVATION_MASK,
    strategy=CompactionStrategy.OBSERVATION_MASK,
    keep_last=LEGACY_KEEP_LAST,
    hard_limit_strategy=CompactionStrategy.LLM,
)
_TYPE_KEYS = ("type", "kind", "strategy")
_KEEP_KEYS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"keep_first": ("keep_first", "keep_first_n"), "keep_last": ("keep_last", "keep_last_n")}
)
_COUNTS: Mapping[str, tuple[str, int]] = MappingProxyType(
    {
        "compact_threshold": ("threshold_tokens", 1),
        "compact_keep_first": ("keep_first", 0),
        "compact_keep_last": ("keep_last", 0),
        "hard_limit_tokens": ("hard_limit_tokens", 1),
        "tool_output_max_chars": ("tool_output_max_chars", 1),
    }
)
_STRATEGIES: Mapping[str, str] = MappingProxyType(
    {"compact_strategy": "strategy", "hard_limit_strategy": "hard_limit_strategy"}
)
FLAT_OPTION_NAMES: tuple[str, ...] = ("auto_compact", *_COUNTS, *_STRATEGIES)
"""The options beside ``compaction``, each of which sets one value of a policy."""


def choose_policy(
    compaction: object,
    options: Mapping[str, object] = _NO_OPTIONS,
    *,
    callbacks: CompactionCallbacks = _NO_CALLBACKS,
    summarize_prompt: str | None = None,
) -> CompactionPolicy:
    """Return the policy of a loop: what ``compaction`` names, else what ``options`` say.

    ``options`` holds any of ``FLAT_OPTION_NAMES``. Raises LoopConfigError that names the option
    and what it accepts.
    """
    if compaction is None:
        policy = policy_from_options(options, callbacks)
    else:
        policy = policy_from_value(compaction, options, callbacks)
    return replace(policy, summarize_prompt=summarize_prompt)


def policy_from_options(
    options: Mapping[str, object], callbacks: CompactionCallbacks = _NO_CALLBACKS
) -> CompactionPolicy:
    """Return the policy that the options beside ``compaction`` describe.

    ``auto_compact`` true is the older policy, false is none; unset is the default one. A compact
    callback makes the strategy ``custom`` unless one is given.
    """
    is_on = options.get("auto_compact")
    if is_on is not None and not isinstance(is_on, bool):
        raise _refused("auto_compact", is_on, "true or false")
    policy = CompactionPolicy() if is_on is None else replace(_LEGACY, is_enabled=is_on)
    values = {**_counts(options), **_strategies(options)}
    if "strategy" in values:
        values["label"] = str(values["strategy"])
    elif callbacks.compact is not None:
        values |= _CUSTOM
    return _with(policy, values, callbacks)


def policy_from_value(
    value: object,
    options: Mapping[str, object] = _NO_OPTIONS,
    callbacks: CompactionCallbacks = _NO_CALLBACKS,
) -> CompactionPolicy:
    """Return the policy that a value of ``compaction`` names: a label, a table or a boolean.

    Of ``options``, limits and the counts that the value leaves open are taken; ``auto_compact``
    and ``compact_strategy`` give way to it. Under true, or in a table without a label, a compact
    callback makes the strategy ``custom``.
    """
    label, kept = _label_and_counts(value)
    policy = CompactionPolicy() if label is None else _POLICIES[label]
    values = _counts(options) | _strategies(options)
    values.pop("strategy", None)
    if label is CompactionLabel.SUMMARIZE_ALL:
        values.pop("keep_last", None)
    elif label is None and callbacks.compact is not None:
        values |= _CUSTOM
    return _with(policy, values | kept, callbacks)


def _with(
    policy: CompactionPolicy, values: Mapping[str, Any], callbacks: CompactionCallbacks
) -> CompactionPolicy:
    return replace(
        policy,
        **values,
        compact=callbacks.compact,
        mask=callbacks.mask,
        compress=callbacks.compress,
    )


def _label_and_counts(value: object) -> tuple[CompactionLabel | None, dict[str, Any]]:
    """Return the label, ``None`` for the default policy, and the counts that a table gives."""
    if isinstance(value, bool):
        return (None if value else CompactionLabel.NONE), {}
    if isinstance(value, str):
        return _label(value), {}
    if not isinstance(value, Mapping):
        raise _refused("compaction", value, f"true, false, a table, or {_LABEL_WORDS}")
    accepted = (*_TYPE_KEYS, *(key for keys in _KEEP_KEYS.values() for key in keys))
    unknown = sorted(str(key) for key in value if key not in accepted)
    if unknown:
        raise LoopConfigError(
            f"`compaction` has no key `{unknown[0]}`.", hint=f"Accepted: {', '.join(accepted)}."
        )
    name, given = _one_of(value, _TYPE_KEYS)
    if given is not None and not isinstance(given, str):
        raise _refused(f"compaction.{name}", given, _LABEL_WORDS)
    kept: dict[str, Any] = {}
    for field_name, keys in _KEEP_KEYS.items():
        name, count = _one_of(value, keys)
        if count is not None:
            kept[field_name] = _count(f"compaction.{name}", count, 0)
    return (None if given is None else _label(given)), kept


def _one_of(table: Mapping[str, object], keys: tuple[str, ...]) -> tuple[str, object]:
    """Return the one of ``keys`` that ``table`` gives, and its value, ``None`` for none."""
    given = [key for key in keys if table.get(key) is not None]
    if len(given) > 1:
        raise LoopConfigError(
            f"`compaction` gives both `{given[0]}` and `{given[1]}`, which mean the same.",
            hint="Keep one of them.",
        )
    return (given[0], table[given[0]]) if given else (keys[0], None)


def _label(name: str) -> CompactionLabel:
    label = _ALIASES.get(name, name)
    if label not in _POLICIES:
        raise _refused("compaction", name, _LABEL_WORDS)
    return CompactionLabel(label)


def _counts(options: Mapping[str, object]) -> dict[str, Any]:
    return {
        field_name: _count(name, options[name], least)
        for name, (field_name, least) in _COUNTS.items()
        if options.get(name) is not None
    }


def _count(name: str, value: object, least: int) -> int:
    if type(value) is not int or value < least:
        raise _refused(name, value, f"a whole number of at least {least}")
    return value


def _strategies(options: Mapping[str, object]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, field_name in _STRATEGIES.items():
        value = options.get(name)
        if value is None:
            continue
        if not isinstance(value, str) or value not in set(CompactionStrategy):
            raise _refused(name, value, f"one of {', '.join(CompactionStrategy)}")
        found[field_name] = CompactionStrategy(value)
    return found


def _refused(name: str, value: object, wanted: str) -> LoopConfigError:
    return LoopConfigError(
        f"Loop option `{name}` cannot be {value!r}.", hint=f"It must be {wanted}."
    )


_LABEL_WORDS = f"one of {', '.join((*_POLICIES, *_ALIASES))}"
_CUSTOM: Mapping[str, Any] = MappingProxyType(
    {"strategy": CompactionStrategy.CUSTOM, "label": CompactionStrategy.CUSTOM.value}
)
