"""Which layer is quiet when nothing comes: the model, the network, a tool or the person.

Pure functions of the view and the clock. Durations of streams are right to about a second, as
the times of merged records are.
"""

from typing import NamedTuple

from harn_tui.console.amounts import format_duration, format_seconds
from harn_tui.kinds import ToolCallStatus
from harn_tui.view.model import SessionView, ToolBlock
from harn_tui.view.tool_line import tool_name_words

FEWEST_WAITS = 3
"""Calls of a model after which its usual wait is told."""

STALLED_MS = 4_000
"""A reply that paused for longer may be stuck on its way."""

QUIET_MS = 5_000
"""A command that printed nothing for longer is said to be quiet, with the CPU that it uses."""

_TELLS_USUAL_MS = 2_000
_TELLS_AGE_MS = 10_000


class Quiet(NamedTuple):
    """Words for a silence; ``is_odd`` when it lasts longer than such silences do."""

    words: str
    is_odd: bool = False


def first_token_wait(view: SessionView, now_ms: int) -> Quiet:
    """Return how long the first token lets wait, who for, and what is usual for the model.

    Until the server has taken the request, it or the way to it is quiet; then it is the model.
    """
    waited_ms = now_ms - (view.call_started_at_ms or now_ms)
    who = "the server" if view.accepted_at_ms is None else "the first token"
    words = f"waiting for {who} {format_seconds(waited_ms)}"
    waits = sorted(view.reply_waits.get(view.model, ()))
    if len(waits) < FEWEST_WAITS:
        return Quiet(words)
    if waited_ms >= _TELLS_USUAL_MS:
        words += f", usually {format_duration(waits[len(waits) // 2])}"
    return Quiet(words, is_odd=waited_ms > max(_TELLS_USUAL_MS, 2 * waits[-1]))


def stream_pause(view: SessionView, now_ms: int) -> Quiet | None:
    """Return for how long no part of the reply has come, ``None`` while it comes."""
    heard_at = view.heard_at_ms
    if heard_at is None or now_ms - heard_at < STALLED_MS:
        return None
    return Quiet(f"the reply has paused: no bytes for {format_seconds(now_ms - heard_at)}", True)


def tool_at_work(tool: ToolBlock, now_ms: int, cpu_percent: int | None) -> Quiet:
    """Return which tool runs and for how long; of a command that is quiet, that it is.

    ``cpu_percent`` is what the processes of a command use, 100 for one busy core.
    """
    since = tool.running_since_ms or tool.started_at_ms
    words = f"running {tool_name_words(tool)} {format_seconds(now_ms - since)}"
    quiet_ms = now_ms - (tool.output_at_ms or since)
    if quiet_ms < QUIET_MS:
        return Quiet(words)
    if tool.output_at_ms is not None:
        words += f", quiet for {format_seconds(quiet_ms)}"
    if cpu_percent is not None:
        words += f", CPU {cpu_percent}%"
    return Quiet(words)


def person_wait(view: SessionView, now_ms: int) -> Quiet | None:
    """Return for how long the oldest approval or question waits, ``None`` when none does.

    The first seconds are not counted: whoever is there sees the dock come.
    """
    asked = [request.asked_at_ms for request in view.permissions[:1]]
    asked += [question.asked_at_ms for question in view.questions[:1]]
    if not asked:
        return None
    waited_ms = now_ms - min(asked)
    age = f" {format_seconds(waited_ms)}" if waited_ms >= _TELLS_AGE_MS else ""
    return Quiet(f"waiting for you{age}")


def running_tool(view: SessionView) -> ToolBlock | None:
    """Return the call that was announced last among those that run."""
    for index in reversed(view.unfinished_tools.values()):
        block = view.blocks[index]
        if isinstance(block, ToolBlock) and block.status is ToolCallStatus.IN_PROGRESS:
            return block
    return None


def is_quiet(tool: ToolBlock, now_ms: int) -> bool:
    """Whether the tool has run without a word for so long that its CPU is of interest."""
    since = tool.output_at_ms or tool.running_since_ms or tool.started_at_ms
    return now_ms - since >= QUIET_MS
