"""Calls one function of a host's or a person's, so that whatever it does ends as a HarnError."""

import copy
import inspect
import logging
from collections.abc import Callable
from typing import TypeAlias, TypeVar

from harn_tui.errors import HarnError
from harn_tui.foreign_failure import is_foreign_failure
from harn_tui.json_types import JsonObject

log = logging.getLogger(__name__)

Payload = TypeVar("Payload", JsonObject, list[JsonObject])

HookFunction: TypeAlias = Callable[[JsonObject], object]
"""Called with a payload of its own; what it returns is awaited when it can be.

It runs on the event loop: a function that blocks belongs in a thread or a command.
"""


async def call_hook(
    function: Callable[[Payload], object], payload: Payload, description: str
) -> object:
    """Return what ``function`` returns for a copy of ``payload``.

    Raises HarnError when it fails; ``description`` ("the PreAgentTurn hook notify") says which
    one it was. A cancellation of the task and the end of the program pass through.
    """
    try:
        returned = function(copy.deepcopy(payload))
        return await returned if inspect.isawaitable(returned) else returned
    except HarnError as error:
        raise HarnError(f"{_sentence(description)}: {error.message}", hint=error.hint) from error
    except BaseException as error:
        # boundary: somebody else's code; its failure ends the run in order, as an error
        if not is_foreign_failure(error):
            raise
        log.exception("hook raised %s", description)
        raise HarnError(
            f"{_sentence(description)}: {type(error).__name__}: {error}",
            hint="Correct it, or take it out of the configuration.",
        ) from error


def hook_name(function: object) -> str:
    """Return what a function is called in messages: its name, or what an object says it is."""
    name: object = getattr(function, "__qualname__", None)
    return name if isinstance(name, str) else str(function)


def _sentence(description: str) -> str:
    return f"{description[:1].upper()}{description[1:]} failed"
