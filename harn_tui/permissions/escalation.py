"""What happens when dynamic permissions would deny a call: somebody may be asked to grant it."""

import inspect
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from harn_tui.json_types import JsonObject
from harn_tui.kinds import DecisionScope
from harn_tui.permissions.call_texts import PermissionCall

log = logging.getLogger(__name__)

Escalation: TypeAlias = Callable[[JsonObject], object | Awaitable[object]]
"""A function or coroutine function that gets the request of ``escalation_request``.

It returns true or ``"once"``, ``"session"``, false or ``None``, or a mapping with ``grant`` or
``granted`` of those and perhaps ``reason`` and ``approver``.
"""
_REPLY_KEYS = ("grant", "granted", "reason", "approver")


@dataclass(frozen=True, slots=True)
class EscalationReply:
    """An answer; ``scope`` ``None`` is a denial. ``approver`` is whoever gave it, if said."""

    scope: DecisionScope | None
    reason: str | None = None
    approver: str | None = None

    @property
    def is_granted(self) -> bool:
        """Whether the call may go on."""
        return self.scope is not None


def escalation_request(
    call: PermissionCall, session_id: str, reason: str, context: JsonObject | None = None
) -> JsonObject:
    """Return what an escalation is called with; ``context`` adds keys of a trigger."""
    return {
        **(context or {}),
        "_type": "PermissionRequest",
        "tool": call.tool_name,
        "args": call.arguments,
        "session_id": session_id,
        "reason": reason,
        "grant_options": ["once", "session", False],
    }


async def escalate(escalation: Escalation, request: JsonObject) -> EscalationReply:
    """Ask; an escalation that fails or answers nonsense denies this one call."""
    try:
        answer = escalation(request)
        if inspect.isawaitable(answer):
            answer = await answer
    except Exception as error:  # boundary: a program's own function; its failure must not allow
        log.exception("on_escalation failed tool=%s", request["tool"])
        return EscalationReply(None, f"asking for permission failed: {error}")
    return read_reply(answer)


def read_reply(answer: object) -> EscalationReply:
    """Return what an answer means; one that cannot be read is a denial that says so."""
    if not isinstance(answer, Mapping):
        return _granted(answer, None, None)
    given = [key for key in ("grant", "granted") if key in answer]
    if len(given) != 1 or any(key not in _REPLY_KEYS for key in answer):
        return EscalationReply(None, f"the answer has keys other than {', '.join(_REPLY_KEYS)}")
    return _granted(answer[given[0]], _text(answer.get("reason")), _text(answer.get("approver")))


def _granted(value: object, reason: str | None, approver: str | None) -> EscalationReply:
    if value is None or value is False:
        return EscalationReply(None, reason, approver)
    if value is True or value == DecisionScope.ONCE:
        return EscalationReply(DecisionScope.ONCE, reason, approver)
    if value == DecisionScope.SESSION:
        return EscalationReply(DecisionScope.SESSION, reason, approver)
    return EscalationReply(None, "the answer is none of true, false, once and session", approver)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
