"""What a nested loop inherits: its parent's means and policies, never more than its parent has."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from harn_tui.config.loop_options import LoopOptions
from harn_tui.errors import ToolError, UsageError
from harn_tui.feedback.host_messages import HostMessageQueue
from harn_tui.feedback.queue import FeedbackQueue
from harn_tui.kinds import ToolErrorCategory
from harn_tui.loop.config import LoopConfig
from harn_tui.loop.sub_agents.agent_request import AgentRequest
from harn_tui.permissions.policy_set import policies_in_force
from harn_tui.tools.base import Tool
from harn_tui.tools.registry import ToolRegistry

RUN_AGENT_NAME = "run_agent"
MOST_NESTED = 3
"""How deep loops may be nested: one at this depth starts no others."""

_PROMPT = """\
You are an agent that another agent started for one task, which is the first message. Nobody sees \
what you write but that agent, and you see nothing of its conversation. Nobody answers questions \
that you write: decide for yourself, and say what you assumed. Your last message is the result of \
the task: make it complete and brief."""

_OF_THE_PARENT_ALONE = (
    "persistent",
    "nudge",
    "break_unless_phase",
    "exit_when_verified",
    "tool_choice",
    "schema_retries",
    "response_format",
    "output_schema",
    "turn_policy",
    "stop_after_successful_tools",
    "require_successful_tools",
    "post_turn_callback",
    "task_ledger",
    "root_task",
    "deliverables",
    "daemon",
    "persist_path",
    "resume_path",
    "wake_interval_ms",
    "watch_paths",
    "consolidate_on_idle",
    "idle_watchdog_attempts",
    "prefill",
)
"""Options that shape the parent's own task; a nested loop begins with their defaults."""


def inherited_config(parent: LoopConfig, request: AgentRequest) -> LoopConfig:
    """Return the configuration of a nested loop, but for what belongs to its session.

    Rules, hooks, provider and folders are the parent's. Grants are a copy, so that what is
    granted to the nested loop ends with it. Raises ToolError when tools are asked for that the
    parent does not have.
    """
    return replace(
        parent,
        session_id="",
        sessions=None,
        tools=_tools(parent, request),
        more_tools=_more_tools(parent, request),
        policies=None,
        system=_system(parent),
        options=_options(parent.options, request),
        grants=parent.grants.for_nested(),
        callbacks=replace(parent.callbacks, post_turn=None),
        wake=None,
        wants_compaction=None,
        feedback=FeedbackQueue(),
        host_messages=HostMessageQueue(),
    )


def depth_of(config: LoopConfig) -> int:
    """Return how many loops the loop of ``config`` is nested in."""
    return 0 if config.worker is None else config.worker.depth


def may_nest(depth: int) -> bool:
    """Whether a loop nested in ``depth`` others may start one of its own.

    The policy in force may say less than ``MOST_NESTED`` (docs/tools.md, ``recursion_limit``).
    """
    policies = policies_in_force()
    is_allowed = policies is None or policies.execution.allows_depth(depth + 1)
    return is_allowed and depth < MOST_NESTED


def _tools(parent: LoopConfig, request: AgentRequest) -> ToolRegistry:
    tools = parent.tools
    if parent.more_tools is not None:
        tools = tools.with_tools(t for t in parent.more_tools() if t.name not in tools)
    if request.tools is not None:
        try:
            named = tools.narrowed(request.tools)
        except UsageError as error:
            raise ToolError(
                error.message, category=ToolErrorCategory.SCHEMA_VALIDATION, hint=error.hint
            ) from error
        # Whoever names tools has found them already; the agent need not search for them.
        tools = ToolRegistry(replace(tool, defer_loading=False) for tool in named)
    if may_nest(depth_of(parent) + 1):
        return tools
    return ToolRegistry(tool for tool in tools if tool.name != RUN_AGENT_NAME)


def _more_tools(parent: LoopConfig, request: AgentRequest) -> Callable[[], tuple[Tool, ...]] | None:
    """Return what asks for tools that come later, such as those of servers that a skill needs.

    ``None`` where the agent's tools were named: these it has, and it is to get no others.
    """
    ask = parent.more_tools
    if ask is None or request.tools is not None:
        return None
    if may_nest(depth_of(parent) + 1):
        return ask
    seen: tuple[Tool, ...] | None = None
    left: tuple[Tool, ...] = ()

    def without_agents() -> tuple[Tool, ...]:
        nonlocal seen, left
        current = ask()
        if current is not seen:
            seen = current
            left = tuple(tool for tool in current if tool.name != RUN_AGENT_NAME)
        return left

    return without_agents


def _system(parent: LoopConfig) -> str:
    """Return the parent's prompt, followed once by what a nested loop needs to know."""
    if parent.worker is not None:
        return parent.system or _PROMPT
    return f"{parent.system}\n\n{_PROMPT}" if parent.system else _PROMPT


def _options(options: LoopOptions, request: AgentRequest) -> LoopOptions:
    defaults = LoopOptions()
    changes: dict[str, Any] = {name: getattr(defaults, name) for name in _OF_THE_PARENT_ALONE}
    if request.max_iterations is not None:
        changes["max_iterations"] = min(request.max_iterations, options.max_iterations)
    return replace(options, **changes)
