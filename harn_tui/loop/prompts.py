"""The texts that the loop itself says to a model."""

from harn_tui.config.loop_options import LoopOptions

FEEDBACK_CONTRACT = (
    'While you work, messages wrapped in <runtime_feedback kind="user"> may arrive. They are the '
    "person's own words, typed while you were busy: follow them like a request. Feedback of any "
    "other kind comes from the runtime that runs you, not from the person."
)


def system_prompt(base: str | None, options: LoopOptions, *, has_tools: bool) -> str:
    """Return the host's own text, the feedback contract and, if persistent, how to finish."""
    parts = [base, FEEDBACK_CONTRACT]
    if options.persistent:
        parts.append(_persistent_block(options, has_tools=has_tools))
    return "\n\n".join(part.strip() for part in parts if part and part.strip())


def _persistent_block(options: LoopOptions, *, has_tools: bool) -> str:
    how = (
        "Act through the tools; text alone changes nothing."
        if has_tools
        else "Solve it directly in your text."
    )
    return (
        "Keep working until the current request is complete. "
        f"{how} When it is complete, write {options.done_sentinel} once, on a line of its own."
    )


def nudge(options: LoopOptions, *, has_tools: bool) -> str:
    """Return what to tell a persistent loop whose turn called no tool and did not finish."""
    if options.nudge is not None:
        return options.nudge
    act = "Call a tool to make progress" if has_tools else "Go on with your reply"
    return (
        f"You have not finished yet. {act}, or, if everything is done, write "
        f"{options.done_sentinel} on a line of its own."
    )


def sentinel_without_action(options: LoopOptions) -> str:
    """Return what to tell a loop that declared itself done before it ran any tool."""
    return (
        "You declared the request complete, but no tool has run yet. Use the available tools to "
        f"do the work first, then write {options.done_sentinel} on a line of its own."
    )


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
