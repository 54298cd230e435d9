"""Keeps the history of a run short: when, and what is told of it (docs/loop.md, compaction)."""

from dataclasses import replace
from pathlib import Path

from harn_tui.config.loop_options import LoopOptions
from harn_tui.errors import HarnError, LoopConfigError
from harn_tui.events.host import Notice
from harn_tui.foreign_failure import is_foreign_failure
from harn_tui.kinds import CompactionMode, CompactionStrategy, NoticeLevel
from harn_tui.loop.callbacks import LoopCallbacks
from harn_tui.loop.compaction.callbacks import CompactionCallbacks
from harn_tui.loop.compaction.engine import Compaction, compact, due
from harn_tui.loop.compaction.policy import CompactionPolicy, adapted
from harn_tui.loop.compaction.policy_options import FLAT_OPTION_NAMES, choose_policy
from harn_tui.loop.compaction.tool_output import compact_tool_output
from harn_tui.loop.config import LoopConfig
from harn_tui.loop.failure_notice import tell_failure
from harn_tui.loop.messages import claimed_messages, estimate_tokens, message_size
from harn_tui.loop.state import LoopState
from harn_tui.loop.transcript_notes import note_compaction
from harn_tui.providers.base import CompletionRequest, Delta
from harn_tui.sinks.emit import aemit, emit


def compaction_policy(
    options: LoopOptions, callbacks: LoopCallbacks, *, cwd: Path, context_window: int | None
) -> CompactionPolicy:
    """Return the policy of a run: what its options choose, fitted to the model's window.

    Raises LoopConfigError for values that do not go together, and for a prompt file that cannot
    be read.
    """
    flat = {name: getattr(options, name) for name in FLAT_OPTION_NAMES}
    policy = choose_policy(
        options.compaction,
        flat,
        callbacks=CompactionCallbacks(callbacks.compact, callbacks.mask, callbacks.compress),
        summarize_prompt=_prompt_text(options, cwd),
    )
    return adapted(policy, context_window, options.compact_threshold is not None)


def _prompt_text(options: LoopOptions, cwd: Path) -> str | None:
    if options.summarize_prompt is None:
        return None
    path = cwd / Path(options.summarize_prompt).expanduser()
    try:
        return path.read_text("utf-8")
    except (OSError, ValueError) as error:
        raise LoopConfigError(
            f"The file of loop option `summarize_prompt` cannot be read: {path}: {error}.",
            hint="Give a text file with {{ formatted_messages }} in it.",
        ) from error


async def compact_if_due(
    config: LoopConfig, state: LoopState, mode: CompactionMode, system: str | None
) -> bool:
    """Compact when the next request would be too large; return whether it was done.

    What a compaction could not bring under the threshold is not compacted again before it has
    grown by a tenth of the threshold: a system prompt alone may be larger than that.
    """
    estimate = estimate_tokens(state, system, ())
    if not due(estimate, state.compaction) or estimate < state.compact_again_at:
        return False
    return await compact_now(config, state, mode, system)


async def compact_on_request(config: LoopConfig, state: LoopState, system: str | None) -> None:
    """Compact because somebody asked for it; where there is nothing to archive, say why."""
    if await compact_now(config, state, CompactionMode.MANUAL, system):
        return
    emit(Notice(state.session_id, NoticeLevel.INFO, why_nothing_is_summarised(state.compaction)))


def why_nothing_is_summarised(policy: CompactionPolicy) -> str:
    """Return a sentence for a person who asked for a summary that there is no use for."""
    if not policy.is_enabled:
        return "Compaction is switched off (loop.compaction), so nothing was summarised."
    kept = policy.keep_first + policy.keep_last
    words = "1 message is" if kept == 1 else f"{kept} messages are"
    return f"There is nothing to summarise yet: {words} always kept."


async def compact_now(
    config: LoopConfig, state: LoopState, mode: CompactionMode, system: str | None
) -> bool:
    """Compact whatever the size; false when there is nothing that could be archived.

    The history is changed only when a summary is there, and for an overflow only when that makes
    the request shorter: nobody's words are given up for a request that fails all the same. A
    strategy that fails is reported, and the plain shortening takes its place.
    """
    is_forced = mode is CompactionMode.OVERFLOW
    try:
        done = await _compact(config, state, state.compaction, system, is_forced=is_forced)
    except HarnError as error:
        text = f"Compaction failed, so older messages are cut instead: {error}"
        emit(Notice(state.session_id, NoticeLevel.WARNING, text))
        plain = replace(
            state.compaction,
            strategy=CompactionStrategy.TRUNCATE,
            hard_limit_strategy=CompactionStrategy.TRUNCATE,
        )
        done = await _compact(config, state, plain, system, is_forced=is_forced)
    if done is None:
        return False
    if is_forced and done.estimated_tokens_after >= done.estimated_tokens_before:
        return False
    await _install(state, mode, done)
    return True


async def _compact(
    config: LoopConfig,
    state: LoopState,
    policy: CompactionPolicy,
    system: str | None,
    *,
    is_forced: bool,
) -> Compaction | None:
    async def summarize(prompt: str) -> str:
        try:
            return await _summary(config, state, prompt)
        except BaseException as error:
            if is_foreign_failure(error):
                what = "The model's summary of older messages"
                tell_failure(state.session_id, what, error, "they are cut instead")
            raise

    return await compact(
        state.messages,
        policy,
        system_bytes=len(system.encode("utf-8", "replace")) if system else 0,
        summarize=summarize,
        force=is_forced,
    )


async def _install(state: LoopState, mode: CompactionMode, done: Compaction) -> None:
    state.messages = list(done.messages)
    state.history_bytes = sum(map(message_size, state.messages))
    state.counters.compactions += 1
    margin = max(1, state.compaction.threshold_tokens // 10)
    state.compact_again_at = done.estimated_tokens_after + margin
    state.session.replace_messages([*state.messages, *claimed_messages(state)])
    compacted, recorded = done.events(state.session_id, mode)
    note_compaction(state, compacted)
    emit(compacted)
    await aemit(recorded)


async def _summary(config: LoopConfig, state: LoopState, prompt: str) -> str:
    """Return what the model makes of ``prompt``; the call is paid for like any other."""
    request = CompletionRequest(
        model=config.model,
        messages=({"role": "user", "content": prompt},),
        max_tokens=config.options.max_tokens,
        temperature=config.options.temperature,
        is_exempt_from_rate_limit=True,
    )
    completion = await config.provider.complete(request, _ignore)
    state.add_usage(completion.usage, config.model_facts, counts_for_budget=False)
    return completion.text


def _ignore(delta: Delta) -> None:
    """A summary is not shown while it is written."""


async def shortened_output(state: LoopState, tool_name: str, text: str) -> str:
    """Return what the model reads of a tool's result while compaction is on."""

    def tell(error: HarnError) -> None:
        note = f"A tool result was shortened without the callback: {error}"
        emit(Notice(state.session_id, NoticeLevel.WARNING, note))

    return await compact_tool_output(
        text, tool_name=tool_name, policy=state.compaction, on_failure=tell
    )
