"""Runs a host's hooks and callback; what fails in them is told to the person, then ends the run."""

from collections.abc import Iterator
from contextlib import contextmanager

from harn_tui.errors import HarnError
from harn_tui.events.host import Notice
from harn_tui.json_types import JsonObject
from harn_tui.kinds import LifecycleEvent, NoticeLevel
from harn_tui.loop.config import LoopConfig
from harn_tui.loop.state import LoopState
from harn_tui.loop.turn_callback import CallbackVerdict, ask_callback
from harn_tui.sinks.emit import emit


async def run_hooks(
    config: LoopConfig, state: LoopState, event: LifecycleEvent, payload: JsonObject
) -> None:
    """Run the hooks of ``event``. Raises HarnError for the first that fails."""
    with _told(state):
        await config.hooks.run(event, payload)


async def judge_turn(state: LoopState, info: JsonObject) -> CallbackVerdict:
    """Return what the post-turn callback says of a turn; without one, to go on.

    Raises HarnError when it fails.
    """
    if state.callbacks.post_turn is None:
        return CallbackVerdict()
    with _told(state):
        return await ask_callback(state.callbacks.post_turn, info)


@contextmanager
def _told(state: LoopState) -> Iterator[None]:
    try:
        yield
    except HarnError as error:
        emit(Notice(state.session_id, NoticeLevel.ERROR, str(error)))
        raise
