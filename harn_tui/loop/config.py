"""What a loop is given: its request, its options with one table of defaults, its collaborators."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, fields
from pathlib import Path

from harn_tui.errors import LoopConfigError
from harn_tui.feedback.host_messages import HostMessageQueue
from harn_tui.feedback.queue import FeedbackQueue
from harn_tui.feedback.session_end import SessionEndHooks
from harn_tui.json_types import JsonObject
from harn_tui.permissions.broker import Answer
from harn_tui.permissions.grants import SessionGrants
from harn_tui.permissions.rules import PermissionRules
from harn_tui.providers.base import ModelFacts, Provider
from harn_tui.tools.registry import ToolRegistry

NATIVE_TOOL_FORMAT = "native"


@dataclass(frozen=True, slots=True)
class LoopOptions:
    """Every option of the loop, with the one default that all entry points share.

    Source: docs/loop.md, options. Counts are at least 0 unless said otherwise; times are
    milliseconds. ``None`` means unset.
    """

    persistent: bool = False
    """Keep going until a completion is accepted, instead of ending on the first plain answer."""
    max_iterations: int = 50
    """Most turns of one run; at least 1."""
    max_nudges: int = 8
    """Nudges before a persistent loop is stuck, on text-only turn ``max_nudges + 1``."""
    nudge: str | None = None
    """Replaces the built-in nudge."""
    done_sentinel: str = "##DONE##"
    """The completion marker of a persistent loop."""
    tool_retries: int = 0
    """Retries of a tool call that failed transiently."""
    tool_backoff_ms: int = 1000
    """Base of the tool retry delay."""
    tool_format: str = NATIVE_TOOL_FORMAT
    """``native`` is the only format built so far."""
    llm_retries: int = 4
    """Retries after the first attempt of a model call."""
    llm_backoff_ms: int = 2000
    """First retry delay; doubles with each further one."""
    token_budget: int | None = None
    """Most input plus output tokens of one run; at least 1."""
    loop_detect_warn: int = 2
    """Identical results before a warning is added; 0 turns the detector off."""
    loop_detect_block: int = 3
    """Identical results before the result is withheld."""
    loop_detect_skip: int = 4
    """Identical calls before the call is not run at all."""
    stop_after_successful_tools: tuple[str, ...] = ()
    """Any of these succeeding ends the run after its turn."""
    require_successful_tools: tuple[str, ...] = ()
    """Unless one of these succeeded, a finished run counts as failed."""
    max_tokens: int = 16384
    """Most tokens of one reply."""
    temperature: float | None = None
    """Sampling temperature; unset leaves it to the provider."""
    thinking_budget_tokens: int | None = None
    """Reasoning budget for providers that take one."""
    prefill: str | None = None
    """Text that the first reply must begin with."""
    skills: tuple[str, ...] = ()
    """Skills to match; refused until skills are built."""
    tool_search: str | None = None
    """Tool search mode; refused until tool search is built."""

    def __post_init__(self) -> None:
        for name, least in _LEAST.items():
            value = getattr(self, name)
            if value is not None and value < least:
                raise LoopConfigError(
                    f"Loop option `{name}` is {value}.", hint=f"It must be at least {least}."
                )
        for name in ("loop_detect_block", "loop_detect_skip"):
            if getattr(self, name) == 1:
                raise LoopConfigError(
                    f"Loop option `{name}` is 1, which would withhold every first call.",
                    hint="Use 0 to turn it off, or 2 and more.",
                )
        if not self.done_sentinel.strip():
            raise LoopConfigError(
                "Loop option `done_sentinel` is blank.", hint="Give a marker such as ##DONE##."
            )


_LEAST = {
    "max_iterations": 1,
    "max_nudges": 0,
    "tool_retries": 0,
    "tool_backoff_ms": 0,
    "llm_retries": 0,
    "llm_backoff_ms": 0,
    "token_budget": 1,
    "loop_detect_warn": 0,
    "loop_detect_block": 0,
    "loop_detect_skip": 0,
    "max_tokens": 1,
    "thinking_budget_tokens": 1,
}

OPTION_NAMES: tuple[str, ...] = tuple(item.name for item in fields(LoopOptions))
"""Names of all loop options, in the order of the documentation."""


@dataclass(frozen=True, slots=True)
class LoopRequest:
    """What a run is asked to do.

    ``history`` is the conversation so far in neutral messages (docs/messages.md). ``feedback_id``
    names the queued line that ``prompt`` came from. ``calls_before`` keeps the numbers of calls
    unique over the runs of one session.
    """

    prompt: str | None = None
    history: tuple[JsonObject, ...] = ()
    feedback_id: str | None = None
    calls_before: int = 0


@dataclass(frozen=True, slots=True)
class PermissionQuestion:
    """What a person is asked before a call runs."""

    request_id: str
    tool_call_id: str
    tool_name: str
    reason: str
    summary: str
    arguments: JsonObject


AskPermission = Callable[[PermissionQuestion], Awaitable[Answer]]
"""Called before the question is announced; what it returns is awaited after that."""


def _default_jitter() -> float:
    return random.uniform(0.85, 1.15)


@dataclass(frozen=True, slots=True)
class LoopConfig:
    """A loop's collaborators and options; immutable while it runs.

    ``session_id`` empty means an anonymous run that nothing stores. ``ask_permission`` ``None``
    means nobody can be asked: such calls are denied. ``on_messages`` is told the whole history
    after each phase that changed it (the session's sync point).
    """

    provider: Provider
    model: str
    tools: ToolRegistry
    session_id: str = ""
    cwd: Path = field(default_factory=Path.cwd)
    workspace_roots: tuple[Path, ...] = ()
    system: str | None = None
    options: LoopOptions = field(default_factory=LoopOptions)
    permissions: PermissionRules = field(default_factory=PermissionRules)
    grants: SessionGrants = field(default_factory=SessionGrants)
    ask_permission: AskPermission | None = None
    feedback: FeedbackQueue = field(default_factory=FeedbackQueue)
    host_messages: HostMessageQueue = field(default_factory=HostMessageQueue)
    session_end: SessionEndHooks = field(default_factory=SessionEndHooks)
    model_facts: ModelFacts = field(default_factory=ModelFacts)
    parent_loop_id: str | None = None
    jitter: Callable[[], float] = _default_jitter
