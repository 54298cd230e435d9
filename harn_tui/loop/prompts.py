"""The system prompt of a loop and the nudges of a persistent one."""

from collections.abc import Sequence

from harn_tui.config.loop_options import NATIVE_TOOL_FORMAT, LoopOptions
from harn_tui.loop.gate_texts import completion_form

FEEDBACK_CONTRACT = (
    'While you work, messages wrapped in <runtime_feedback kind="user"> may arrive. They are the '
    "person's own words, typed while you were busy: follow them like a request. Feedback of any "
    "other kind comes from the runtime that runs you, not from the person."
)


def system_prompt(parts: Sequence[str | None]) -> str:
    """Return the parts that say something, trimmed, with a blank line between them."""
    return "\n\n".join(part.strip() for part in parts if part and part.strip())


def persistent_prompt(options: LoopOptions, *, has_tools: bool) -> str | None:
    """Return how a persistent loop works and ends, ``None`` for one that is not."""
    if not options.persistent:
        return None
    how = (
        "Act through the tools; text alone changes nothing."
        if has_tools
        else "Solve it directly in your text."
    )
    form = completion_form(options, has_tools=has_tools)
    if form is None:
        end = ""
    elif options.exit_when_verified:
        end = f" When it is complete and its verification has passed, {form}."
    else:
        end = f" When it is complete, {form}."
    return f"Keep working until the current request is complete. {how}{end}"


def nudge(options: LoopOptions, *, has_tools: bool, is_prose_too_long: bool) -> str:
    """Return what to tell a persistent loop whose turn called no tool and did not finish."""
    if options.turn_policy.require_action_or_yield:
        return _action_or_yield(options, has_tools=has_tools, is_prose_too_long=is_prose_too_long)
    if options.nudge is not None:
        return options.nudge
    act = "Call a tool to make progress" if has_tools else "Go on with your reply"
    form = completion_form(options, has_tools=has_tools)
    end = f", or, if everything is done, {form}" if form else ""
    return f"You have not finished yet. {act}{end}."


def _action_or_yield(options: LoopOptions, *, has_tools: bool, is_prose_too_long: bool) -> str:
    is_native = options.tool_format == NATIVE_TOOL_FORMAT
    if not has_tools:
        act = "Go on with your reply now"
    elif is_native:
        act = (
            "Call a tool now, through the provider's own tool channel; calls written by hand in "
            "the text do not count"
        )
    else:
        act = "Write a <tool_call> block now"
    ways = [act, "switch the phase if this one is finished"]
    form = completion_form(options, has_tools=has_tools)
    if form is not None:
        ways.append(f"if everything is done, {form}")
    limit = options.turn_policy.max_prose_chars
    brevity = f" Prose may have at most {limit} characters." if limit is not None else ""
    if is_prose_too_long:
        brevity += " Your last prose was TOO LONG: be brief."
    return f"{', or '.join(ways)}.{brevity}"


def loop_warning(count: int, result: str) -> str:
    """Return the hint that is added to a result seen ``count`` times in a row."""
    first_line = result.strip().splitlines()[0][:200] if result.strip() else "(empty)"
    return (
        f"[LOOP DETECTED] This call has now returned the same result {count} times: "
        f"{first_line}\nTry something else."
    )


def loop_block(count: int) -> str:
    """Return what replaces a result seen too often."""
    return (
        f"BLOCKED: the same call has returned the same result {count} times, so it is not shown "
        "again. Use what you know already, change the arguments, or do something else."
    )


def loop_skip(count: int) -> str:
    """Return what answers a call that was not run because it would only repeat itself."""
    return (
        f"The call was NOT executed: the same call already returned the same result {count} times. "
        "Change the arguments or do something else."
    )
