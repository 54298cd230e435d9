"""Whether a turn declares the request complete (docs/loop.md, completion)."""

from dataclasses import dataclass

from harn_tui.config.loop_options import NATIVE_TOOL_FORMAT
from harn_tui.loop.config import LoopConfig
from harn_tui.loop.offered_tools import has_tools
from harn_tui.loop.reply import Reply
from harn_tui.loop.state import LoopState
from harn_tui.tagged_text.footer import next_phase


@dataclass(frozen=True, slots=True)
class CompletionSignal:
    """What in a reply asks to end the run; ``phase`` is the next one when it changes."""

    is_requested: bool = False
    phase: str | None = None

    @property
    def is_given(self) -> bool:
        """Whether anything asks to end the run."""
        return self.is_requested or self.phase is not None


def completion_signal(config: LoopConfig, state: LoopState, reply: Reply) -> CompletionSignal:
    """Return what ``reply`` asks for; a loop that is not persistent listens to no signal."""
    if not config.options.persistent:
        return CompletionSignal()
    return CompletionSignal(_is_requested(config, state, reply), _phase_change(config, reply))


def _is_requested(config: LoopConfig, state: LoopState, reply: Reply) -> bool:
    if not config.options.turn_policy.allow_done_sentinel:
        return False
    sentinel = config.options.done_sentinel.strip()
    if reply.done_body == sentinel or reply.user_response:
        return True
    if config.options.tool_format == NATIVE_TOOL_FORMAT:
        return has_line(reply.text, sentinel)
    return not has_tools(config, state) and has_line(reply.prose, sentinel)


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
