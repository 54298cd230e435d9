"""Lets a run go over to another model at a turn's beginning (docs/loop.md, changing the model)."""

from dataclasses import replace

from harn_tui.events.host import ModelSwitch
from harn_tui.kinds import SwitchState
from harn_tui.loop.ambient import current_loop
from harn_tui.loop.compact_history import compaction_policy
from harn_tui.loop.config import LoopConfig
from harn_tui.loop.messages import claimed_messages, message_size
from harn_tui.loop.model_in_use import ModelInUse
from harn_tui.loop.state import LoopState
from harn_tui.loop.tool_set import refit_tools
from harn_tui.providers.sealed_reasoning import has_sealed_reasoning, without_sealed_reasoning
from harn_tui.sinks.emit import aemit


async def take_model(config: LoopConfig, state: LoopState) -> LoopConfig:
    """Return the configuration with the model that the next call is for.

    What depends on the model follows at once: when the history is compacted, who searches for
    tools, and what of the history only the model before could read. Raises LoopConfigError.
    """
    wanted = None if config.current_model is None else config.current_model()
    if wanted is None or _is_in_use(wanted, config):
        return config
    is_other = wanted.provider is not config.provider or wanted.model != config.model
    config = replace(
        config,
        provider=wanted.provider,
        model=wanted.model,
        model_facts=wanted.facts,
        has_native_tool_search=wanted.has_native_tool_search,
    )
    loop = current_loop()
    if loop is not None:
        loop.config = config
    state.compaction = compaction_policy(
        config.options,
        state.callbacks,
        cwd=config.cwd,
        context_window=wanted.facts.context_window,
    )
    if is_other:
        state.compact_again_at = 0
        refit_tools(config, state)
        _drop_sealed_reasoning(state)
        await aemit(switched_to(state.session_id, wanted, SwitchState.ACTIVE))
    return config


def switched_to(session_id: str, model: ModelInUse, state: SwitchState) -> ModelSwitch:
    """Return the event that tells of ``model``."""
    return ModelSwitch(session_id, state, model.provider.name, model.model, model.base_url)


def _is_in_use(model: ModelInUse, config: LoopConfig) -> bool:
    return (
        model.provider is config.provider
        and model.model == config.model
        and model.facts == config.model_facts
        and model.has_native_tool_search == config.has_native_tool_search
    )


def _drop_sealed_reasoning(state: LoopState) -> None:
    """Forget reasoning that only the model before can read; a server refuses another one's.

    Whoever resumes from the log does the same where the event stands.
    """
    if not has_sealed_reasoning(state.messages):
        return
    state.messages = without_sealed_reasoning(state.messages)
    state.history_bytes = sum(map(message_size, state.messages))
    state.session.replace_messages([*state.messages, *claimed_messages(state)])
