"""Whether a turn declares the request complete (docs/loop.md, completion)."""

from dataclasses import dataclass

from harn_tui.config.loop_options import NATIVE_TOOL_FORMAT, LoopOptions
from harn_tui.loop.config import LoopConfig
from harn_tui.loop.offered_tools import has_tools
from harn_tui.loop.reply import Reply
from harn_tui.loop.state import LoopState
from harn_tui.tagged_text.footer import next_phase
from harn_tui.tagged_text.grammar import DONE, USER_RESPONSE, closing, opening


@dataclass(frozen=True, slots=True)
class CompletionSignal:
    """What in a reply asks to end the run; ``phase`` is the next one when it changes."""

    is_requested: bool = False
    phase: str | None = None

    @property
    def is_given(self) -> bool:
        """Whether anything asks to end the run."""
        return self.is_requested or self.phase is not None


def completion_marker(options: LoopOptions) -> str | None:
    """Return the line that ends a run where it is listened to, else ``None``."""
    is_heard = options.persistent and options.turn_policy.allow_done_sentinel
    return options.done_sentinel if is_heard else None


def completion_signal(config: LoopConfig, state: LoopState, reply: Reply) -> CompletionSignal:
    """Return what ``reply`` asks for; a loop that is not persistent listens to no signal."""
    if not config.options.persistent:
        return CompletionSignal()
    return CompletionSignal(_is_requested(config, state, reply), _phase_change(config, reply))


def _is_requested(config: LoopConfig, state: LoopState, reply: Reply) -> bool:
    if not config.options.turn_policy.allow_done_sentinel:
        return False
    sentinel = config.options.done_sentinel.strip()
    is_native = config.options.tool_format == NATIVE_TOOL_FORMAT
    has_grammar = not is_native and has_tools(state)
    if _is_tagged(reply, sentinel, has_grammar=has_grammar):
        return True
    return not has_grammar and has_line(reply.text if is_native else reply.prose, sentinel)


def _is_tagged(reply: Reply, sentinel: str, *, has_grammar: bool) -> bool:
    """Whether a block completes. Where tags are no grammar, one in fenced code is talk (10.24)."""
    is_done, is_answered = reply.done_body == sentinel, bool(reply.user_response)
    if not has_grammar and (is_done or is_answered):
        outside = _without_fences(reply.text)
        is_done = is_done and _last_body(outside, DONE) == sentinel
        is_answered = is_answered and bool(_last_body(outside, USER_RESPONSE))
    return is_done or is_answered


def _last_body(text: str, tag: str) -> str:
    """Return what the last block of ``tag`` holds, trimmed; empty without one."""
    end = max(text.rfind(closing(tag)), 0)
    start = text.rfind(opening(tag), 0, end)
    return "" if start < 0 else text[start + len(opening(tag)) : end].strip()


def has_line(text: str, sentinel: str) -> bool:
    """Whether ``sentinel`` stands on a line of its own outside fenced code.

    Inside a sentence or a code block it is talk about the signal, not the signal (10.24).
    """
    return any(line.strip() == sentinel for line in _without_fences(text).splitlines())


def _phase_change(config: LoopConfig, reply: Reply) -> str | None:
    current = config.options.break_unless_phase
    if current is None:
        return None
    phase = next_phase(reply.text)
    return None if phase is None or phase == current.strip() else phase


def _without_fences(text: str) -> str:
    kept: list[str] = []
    fence: str | None = None
    for line in text.splitlines():
        marker = line.lstrip()[:3]
        if marker in {"```", "~~~"} and (fence is None or marker == fence):
            fence = marker if fence is None else None
        elif fence is None:
            kept.append(line)
    return "\n".join(kept)
