"""Runs an agent loop: the guards, the order of the phases, and nothing else.

skills -> preflight -> model call -> tool dispatch -> post turn, until post turn says stop; then
finalize, whatever happened (docs/loop.md). A run that takes up the calls of an earlier process
begins with their dispatch.
"""

import asyncio
from contextlib import ExitStack
from dataclasses import replace

from harn_tui.errors import ConfigError, HarnError, LoopConfigError
from harn_tui.events.host import LoopStart
from harn_tui.foreign_failure import is_foreign_failure
from harn_tui.kinds import LoopStatus
from harn_tui.loop.ambient import RunningLoop, current_session, running_loop
from harn_tui.loop.begin import begin_daemon, begin_run
from harn_tui.loop.budgets import end_by_budget, is_too_dear, used_all_turns
from harn_tui.loop.cancellation import RunControl, to_its_end
from harn_tui.loop.config import LoopConfig, LoopRequest
from harn_tui.loop.finalize import run_finalize
from harn_tui.loop.llm_call import run_llm_call
from harn_tui.loop.messages import answer_interrupted_calls
from harn_tui.loop.model_switch import take_model
from harn_tui.loop.post_turn import run_post_turn
from harn_tui.loop.preflight import admit_request, run_preflight
from harn_tui.loop.result import LoopResult
from harn_tui.loop.run_result import result_of
from harn_tui.loop.skill_phase import match_skills, restore_skills
from harn_tui.loop.state import LoopState
from harn_tui.loop.taken_up_turn import begin_taken_up_turn
from harn_tui.loop.tool_dispatch import run_tool_dispatch
from harn_tui.loop.tool_fixtures import fixtures_of
from harn_tui.loop.validation import check_model_facts, check_options, check_skills
from harn_tui.permissions.policy_set import PolicySet, policies_pushed
from harn_tui.sinks.base import EventSink
from harn_tui.sinks.emit import aemit
from harn_tui.sinks.scope import loop_sink


async def run_agent_loop(
    request: LoopRequest | str,
    config: LoopConfig,
    *,
    sink: EventSink | None = None,
    control: RunControl | None = None,
) -> LoopResult:
    """Run the loop on ``request`` until it ends, and return how it ended.

    ``sink`` hears every event of the run. A failed model call or a hook's error is a result with
    status ``error``; LoopConfigError alone is raised, before the first event. A run ended
    through ``control`` returns status ``cancelled``; cancelling the task instead finalizes the
    run and then raises CancelledError, as asyncio expects. So do KeyboardInterrupt, SystemExit
    and what else is raised by a provider without being a ProviderError.
    """
    if isinstance(request, str):
        request = LoopRequest(prompt=request)
    check_options(config.options, config.tools.names)
    check_skills(config.options, config.skills)
    check_model_facts(config.model_facts)
    if config.tool_fixtures is None:
        config = replace(config, tool_fixtures=fixtures_of(config.options, config.cwd))
    with ExitStack() as guards:
        policies = _put_in_force(config, guards)
        state = begin_run(request, config, policies)
        guards.enter_context(current_session(state.session_id))
        guards.enter_context(running_loop(RunningLoop(config, state.loop_id)))
        if sink is not None:
            guards.enter_context(loop_sink(state.session_id, sink))
        if control is not None:
            guards.enter_context(control.attached())
        return await _run_guarded(request, config, state, control)


def _put_in_force(config: LoopConfig, guards: ExitStack) -> PolicySet:
    """Return the policies of the run, which hold until ``guards`` close.

    Raises LoopConfigError when they name what the loop around does not allow.
    """
    try:
        return guards.enter_context(policies_pushed(config.policies))
    except ConfigError as error:
        raise LoopConfigError(error.message, hint=error.hint) from error


async def _run_guarded(
    request: LoopRequest, config: LoopConfig, state: LoopState, control: RunControl | None
) -> LoopResult:
    """Run the phases; whatever ends them, finalize once."""
    cancellation: asyncio.CancelledError | None = None
    bug: BaseException | None = None
    try:
        await aemit(LoopStart(state.session_id, state.loop_id, config.parent_loop_id))
        await _run_turns(request, config, state, control)
    except asyncio.CancelledError as error:
        if is_foreign_failure(error):
            state.error = "something that the run waited for was cancelled"
            state.end(LoopStatus.ERROR, state.error)
        else:
            cancellation = error
            state.end(LoopStatus.CANCELLED, control.reason if control else "the run was cancelled")
    except GeneratorExit:
        raise  # the coroutine is closed and can await nothing any more
    except HarnError as error:
        state.error = str(error)
        state.end(LoopStatus.ERROR, str(error))
    except BaseException as error:  # noqa: BLE001 - boundary: raised once the run is finalized
        bug = error
        state.error = f"{type(error).__name__}: {error}"
        state.end(LoopStatus.ERROR, f"internal error: {state.error}")
    _, late = await to_its_end(run_finalize(config, state), "finalize")
    cancellation = late or cancellation
    if bug is not None:
        raise bug
    if cancellation is not None and (control is None or not control.take_cancellation()):
        raise cancellation
    if control is not None:
        await control.settle()
    return result_of(config, state)


async def _run_turns(
    request: LoopRequest, config: LoopConfig, state: LoopState, control: RunControl | None
) -> None:
    if config.tool_fixtures is not None:
        await config.tool_fixtures.prepare()
    await begin_daemon(config, state)
    await restore_skills(config, state, [*request.skills_before, *state.session.active_skills])
    if not request.takes_up_calls:
        answer_interrupted_calls(state)
    await admit_request(request, config, state)
    for iteration in range(config.options.max_iterations):
        await _checkpoint(control)
        config = await take_model(config, state)
        await match_skills(config, state, iteration)
        if request.takes_up_calls and iteration == 0:
            turn = await begin_taken_up_turn(config, state)
        else:
            turn = await run_preflight(config, state, iteration)
            if await is_too_dear(config, state, turn):
                return
            await run_llm_call(config, state, turn)
        await run_tool_dispatch(config, state, turn)
        if await run_post_turn(config, state, turn):
            return
    await end_by_budget(config, state, used_all_turns(config))


async def _checkpoint(control: RunControl | None) -> None:
    """Let others run, and notice a cancellation even when a phase swallowed it or never waits."""
    await asyncio.sleep(0)
    if control is not None and control.is_cancelled:
        raise asyncio.CancelledError(control.reason)
