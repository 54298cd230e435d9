"""The hooks around a tool call: what they may reply, and what their replies come to.

A hook before a call that cannot be understood refuses the call: it was put there to keep
something from running. One after a call that fails leaves the result as it is.
"""

import json
from dataclasses import dataclass

from harn_tui.errors import HarnError
from harn_tui.json_types import JsonObject
from harn_tui.kinds import LifecycleEvent
from harn_tui.loop.compaction.tool_output import shorten_output
from harn_tui.loop.failure_notice import tell_failure
from harn_tui.loop.hook_call import call_hook, hook_name
from harn_tui.loop.hook_payload import after_tool, before_tool
from harn_tui.loop.lifecycle_hooks import LifecycleHooks
from harn_tui.tools.readable import readable_name

ERROR_BEGINNINGS = ("Error:", "ERROR:")
"""What a result begins with that a hook made one of a failure."""

_NO_REASON = "A hook refused this call."


@dataclass(frozen=True, slots=True)
class PreToolReply:
    """What the hooks before a call came to.

    ``denial`` is why it may not run, ``None`` when it may. ``arguments`` are those to run it
    with; ``changed_by`` names the hooks that made them others, empty when they are the same.
    """

    arguments: JsonObject
    changed_by: tuple[str, ...] = ()
    denial: str | None = None


@dataclass(frozen=True, slots=True)
class PostToolReply:
    """What the hooks after a call came to: what the model reads, and whether the call succeeded.

    ``changed_by`` names the hooks that gave another text or outcome.
    """

    text: str
    is_ok: bool
    changed_by: tuple[str, ...] = ()


async def ask_pre_tool_hooks(
    hooks: LifecycleHooks, session_id: str, tool_name: str, arguments: JsonObject
) -> PreToolReply:
    """Ask the hooks before a call in their order, each with the arguments of the one before.

    The first that denies ends it. One that fails or replies what no hook may reply denies too,
    and is told of.
    """
    current, changed_by = arguments, tuple[str, ...]()
    for each in hooks.registered(LifecycleEvent.PRE_TOOL_USE):
        payload = before_tool(session_id, tool_name, current)
        if not each.is_for(payload):
            continue
        try:
            reply = await call_hook(each.hook, payload, each.description)
            denial, replaced = _pre_reply(reply, each.description)
        except HarnError as error:
            what = _sentence(each.description)
            tell_failure(session_id, what, error, f"the call of {tool_name} was refused")
            denial, replaced = f"{what} failed, so the call was refused.", None
        if denial is not None:
            return PreToolReply(current, changed_by, denial)
        if replaced is not None and not _is_same(replaced, current):
            current, changed_by = replaced, (*changed_by, hook_name(each.hook))
    if _is_same(current, arguments):
        return PreToolReply(arguments)
    return PreToolReply(current, changed_by)


async def ask_post_tool_hooks(
    hooks: LifecycleHooks,
    session_id: str,
    tool_name: str,
    arguments: JsonObject,
    *,
    text: str,
    is_ok: bool,
) -> PostToolReply:
    """Ask the hooks after a call in their order, each with the result of the one before.

    One that fails leaves the result as it was, and is told of.
    """
    current = PostToolReply(text, is_ok)
    for each in hooks.registered(LifecycleEvent.POST_TOOL_USE):
        payload = after_tool(
            session_id, tool_name, arguments, text=current.text, is_ok=current.is_ok
        )
        if not each.is_for(payload):
            continue
        try:
            reply = await call_hook(each.hook, payload, each.description)
            current = _applied(current, reply, each.description, hook_name(each.hook))
        except HarnError as error:
            what = _sentence(each.description)
            tell_failure(session_id, what, error, "the result stays as it was")
    return current


def add_tool_hook(
    hooks: LifecycleHooks,
    pattern: str = "*",
    *,
    deny: str | None = None,
    max_output: int | None = None,
) -> None:
    """Refuse the calls that ``pattern`` matches, or shorten what they return.

    ``deny`` is what the model is told; ``max_output`` is in bytes. Raises LoopConfigError when
    ``pattern`` is none.
    """
    if deny is not None:
        reason: JsonObject = {"deny": deny or _NO_REASON}
        hooks.add(LifecycleEvent.PRE_TOOL_USE, pattern, lambda _payload: reason)
    if max_output is not None:
        limit = max(0, max_output)

        def shorten(payload: JsonObject) -> str | None:
            result = payload["result"]
            text = result.get("text") if isinstance(result, dict) else None
            return shorten_output(text, limit) if isinstance(text, str) else None

        hooks.add(LifecycleEvent.POST_TOOL_USE, pattern, shorten)


def _pre_reply(reply: object, description: str) -> tuple[str | None, JsonObject | None]:
    """Return the denial and the new arguments of a reply. Raises HarnError when it is none."""
    if reply is None:
        return None, None
    if not isinstance(reply, dict) or not reply.keys() <= {"deny", "args"}:
        raise _no_reply(description, reply, 'nothing, {"deny": "…"} or {"args": {…}}')
    denied: object = reply.get("deny")
    if denied:
        return (denied if isinstance(denied, str) and denied.strip() else _NO_REASON), None
    arguments: object = reply.get("args")
    if arguments is None:
        return None, None
    if not isinstance(arguments, dict):
        raise _no_reply(description, reply, "a table in `args`")
    return None, _as_json(arguments, description)


def _applied(current: PostToolReply, reply: object, description: str, name: str) -> PostToolReply:
    """Return the result after ``reply``. Raises HarnError when that is no reply."""
    if isinstance(reply, dict) and reply.keys() <= {"result", "ok"}:
        given, said = reply.get("result"), reply.get("ok")
    else:
        given, said = reply, None
    text = current.text if given is None else given
    if not isinstance(text, str) or not (said is None or isinstance(said, bool)):
        raise _no_reply(description, reply, 'nothing, text, or {"result": "…", "ok": true}')
    text = readable_name(text)
    is_ok = said if isinstance(said, bool) else _is_ok(current, text)
    if (text, is_ok) == (current.text, current.is_ok):
        return current
    return PostToolReply(text, is_ok, (*current.changed_by, name))


def _is_ok(before: PostToolReply, text: str) -> bool:
    """Whether the call succeeded, by a text that a hook gave: ``Error:`` comes or goes with it.

    Any other change of the text says nothing of it: a command that ended with 1 has failed still.
    """
    if text.startswith(ERROR_BEGINNINGS):
        return False
    return True if before.text.startswith(ERROR_BEGINNINGS) else before.is_ok


def _as_json(arguments: object, description: str) -> JsonObject:
    """Return a copy that is JSON and that the hook has no hand on. Raises HarnError."""
    try:
        copied: JsonObject = json.loads(json.dumps(arguments, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise HarnError(
            f"{_sentence(description)} replied arguments that are no JSON: {error}.",
            hint="Use texts, numbers, flags, lists and tables.",
        ) from error
    return copied


def _is_same(one: JsonObject, other: JsonObject) -> bool:
    # 1 and true are equal in Python, and are not the same to a tool.
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _no_reply(description: str, reply: object, accepted: str) -> HarnError:
    return HarnError(
        f"{_sentence(description)} replied {_shown(reply)}, which says nothing of the call.",
        hint=f"Accepted: {accepted}.",
    )


def _shown(reply: object) -> str:
    if isinstance(reply, str):
        return f"the text {reply!r:.200}"
    return "a table with something else" if isinstance(reply, dict) else type(reply).__name__


def _sentence(description: str) -> str:
    return f"{description[:1].upper()}{description[1:]}"
