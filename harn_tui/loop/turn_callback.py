"""The post-turn callback: what its return value asks the loop to do.

It is called after turns with tool calls, never after one of text alone (docs/loop.md, hooks and
callbacks).
"""

from dataclasses import dataclass

from harn_tui.json_types import JsonObject
from harn_tui.loop.hook_call import HookFunction, call_hook, hook_name

FEEDBACK_KIND = "post_turn_callback"
"""Kind of the feedback that carries a verdict's message."""


@dataclass(frozen=True, slots=True)
class CallbackVerdict:
    """What the loop does after a turn: tell the model ``message``, and then stop if it must.

    ``message`` is never blank; ``None`` means that there is nothing to tell.
    """

    message: str | None = None
    must_stop: bool = False


async def ask_callback(callback: HookFunction, turn_info: JsonObject) -> CallbackVerdict:
    """Return the verdict on the turn that ``turn_info`` describes.

    Raises HarnError that names the callback when it fails, which ends the run.
    """
    description = f"the post-turn callback {hook_name(callback)}"
    return interpret_callback_result(await call_hook(callback, turn_info, description))


def interpret_callback_result(value: object) -> CallbackVerdict:
    """Return what a callback's return value means.

    Nothing, or text that is blank: go on. Other text: tell the model. A flag: whether to stop. A
    dict: its text ``message`` and its flag ``stop``, each left out when it is of another type.
    Anything else: go on.
    """
    match value:
        case bool():
            return CallbackVerdict(must_stop=value)
        case str():
            return CallbackVerdict(message=_message(value))
        case dict():
            return CallbackVerdict(_message(value.get("message")), value.get("stop") is True)
        case _:
            return CallbackVerdict()


def _message(value: object) -> str | None:
    return value if isinstance(value, str) and value.strip() else None
