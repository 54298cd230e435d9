"""The functions that a host gives a loop, and the commands that stand for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harn_tui.config.loop_options import LoopOptions
from harn_tui.loop.command_hook import CommandHook
from harn_tui.loop.compaction.callbacks import CompactCallback, CompressCallback, MaskCallback
from harn_tui.loop.hook_call import HookFunction


@dataclass(frozen=True, slots=True)
class LoopCallbacks:
    """Functions, plain or asynchronous; ``None`` where there is none (docs/loop.md, callbacks).

    ``post_turn`` judges each turn with calls; ``compact`` writes a summary, ``mask`` says what
    masked messages become, ``compress`` shortens a tool result.
    """

    post_turn: HookFunction | None = None
    compact: CompactCallback | None = None
    mask: MaskCallback | None = None
    compress: CompressCallback | None = None


def effective_callbacks(given: LoopCallbacks, options: LoopOptions, cwd: Path) -> LoopCallbacks:
    """Return the callbacks in force: a program's own function wins over a configured command."""

    def command(argv: Sequence[str] | None) -> CommandHook | None:
        return CommandHook(argv, cwd=cwd) if argv else None

    return LoopCallbacks(
        post_turn=given.post_turn or command(options.post_turn_callback),
        compact=given.compact or command(options.compact_callback),
        mask=given.mask or command(options.mask_callback),
        compress=given.compress or command(options.compress_callback),
    )
