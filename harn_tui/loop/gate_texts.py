"""What a loop tells a model whose completion it does not accept, or that does not act."""

from harn_tui.config.loop_options import NATIVE_TOOL_FORMAT, LoopOptions


def completion_form(options: LoopOptions, *, has_tools: bool) -> str | None:
    """Return how the model is to declare completion, as a clause; ``None`` when it may not."""
    if not options.turn_policy.allow_done_sentinel:
        return None
    sentinel = options.done_sentinel.strip()
    if has_tools and options.tool_format != NATIVE_TOOL_FORMAT:
        return f"write <done>{sentinel}</done>"
    return f"write {sentinel} once, on a line of its own"


def sentinel_without_action(options: LoopOptions) -> str:
    """Return what to tell a loop that declared itself done before any tool ran."""
    form = completion_form(options, has_tools=True)
    then = (
        f"then {form}."
        if form
        else "the workflow decides when this stage ends, so output no completion marker."
    )
    return (
        "You declared the request complete, but no action was taken: none of the available tools "
        f"has run yet. Use them to do the work first; {then}{_prose_limit(options)}"
    )


def verification_missing(options: LoopOptions, exit_code: int | None) -> str:
    """Return what to tell a loop that declared itself done before a verification passed."""
    tools = ", ".join(options.verification_tools)
    seen = (
        "no verification has run since the last change"
        if exit_code is None
        else f"the last verification ended with exit code {exit_code}"
    )
    return f"The completion is not accepted yet: {seen}. Run one ({tools}) until it passes."


def action_required(options: LoopOptions) -> str:
    """Return what to tell a native loop that must call a tool before it may answer."""
    return (
        "This turn had no tool call, and one is required before a plain answer counts. Call a "
        f"tool through the provider's own tool channel.{_prose_limit(options)}"
    )


def native_tool_contract(policy: str, index: int) -> str:
    """Return what to tell a native loop that wrote its calls as text."""
    allowed = "only the first such reply" if policy == "allow_once" else "no such reply"
    return (
        "Your reply wrote tool calls as text, and they were NOT run. This session is in native "
        f"tool mode and accepts {allowed} (policy {policy}, this was number {index}). Make calls "
        "through the provider's own tool channel."
    )


def schema_retry(fault: str) -> str:
    """Return what to tell a model whose JSON does not fit the wanted schema."""
    return (
        f"Your reply does not fit the required JSON schema: {fault}. "
        "Reply again with the corrected JSON and nothing else."
    )


def _prose_limit(options: LoopOptions) -> str:
    limit = options.turn_policy.max_prose_chars
    return f" Keep prose under {limit} characters." if limit is not None else ""
