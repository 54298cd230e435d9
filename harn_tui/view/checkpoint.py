"""Copies of a view to continue folding from, so that replay can seek without starting over.

JSON values inside blocks (arguments, details, the plan) are shared with the original: the fold
replaces them and never changes them.
"""

from collections.abc import Collection
from dataclasses import replace

from harn_tui.view.model import AssistantBlock, Block, LiveOutput, SessionView, ToolBlock
from harn_tui.view.model_call import ModelCall
from harn_tui.view.own_copies import OwnCopies


def snapshot(view: SessionView) -> SessionView:
    """Return a copy that folding into ``view`` does not change, and the other way round.

    Costs about a microsecond a block; the text streamed so far is joined, not copied.
    """
    return _copy(
        view, list(map(copy_of_block, view.blocks)), [_copy_of_call(call) for call in view.calls]
    )


def next_checkpoint(
    view: SessionView, before: SessionView, changed: Collection[int]
) -> SessionView:
    """Return a copy as ``snapshot`` does, sharing with the checkpoint ``before`` what is equal.

    ``changed`` has the index of every block that differs from ``before``, new ones included.
    Costs a copy of those alone; neither of the two may be folded into: see ``continued``.
    """
    blocks = before.blocks[:]
    blocks += view.blocks[len(blocks) :]
    for number in changed:
        blocks[number] = copy_of_block(view.blocks[number])
    return _copy(view, blocks, _shared_calls(view.calls, before.calls))


def continued(checkpoint: SessionView) -> SessionView:
    """Return a view to fold into, equal to ``checkpoint``, which stays as it is.

    Blocks and calls are copied one by one, when they are first looked up.
    """
    blocks = OwnCopies(checkpoint.blocks, copy_of_block)
    return _copy(checkpoint, blocks, OwnCopies(checkpoint.calls, _copy_of_call))


def copy_of_block(block: Block) -> Block:
    """Return a block of its own that is equal to ``block``."""
    match block:
        case AssistantBlock():
            return replace(block, parts=[block.text])
        case ToolBlock():
            return replace(block, live_output=_copy_of_output(block.live_output))
        case _:
            return replace(block)


def _copy(view: SessionView, blocks: list[Block], calls: list[ModelCall]) -> SessionView:
    return replace(
        view,
        blocks=blocks,
        queue=[replace(line) for line in view.queue],
        permissions=list(view.permissions),
        questions=list(view.questions),
        answered=dict(view.answered),
        reply_waits=dict(view.reply_waits),
        tools_by_id=dict(view.tools_by_id),
        totals=replace(view.totals),
        calls=calls,
        context=view.context.copy(),
        files={path: replace(c, blocks=list(c.blocks)) for path, c in view.files.items()},
        claimed=None if view.claimed is None else replace(view.claimed),
        claimed_blocks=dict(view.claimed_blocks),
        unfinished_tools=dict(view.unfinished_tools),
        workers_by_id=dict(view.workers_by_id),
        unfinished_workers=dict(view.unfinished_workers),
        failed_tools={kind: list(numbers) for kind, numbers in view.failed_tools.items()},
        candidates=list(view.candidates),
    )


def _shared_calls(calls: list[ModelCall], before: list[ModelCall]) -> list[ModelCall]:
    known = min(len(calls), len(before))
    shared = [
        old if old == new else _copy_of_call(new) for old, new in zip(before, calls, strict=False)
    ]
    return shared + [_copy_of_call(call) for call in calls[known:]]


def _copy_of_call(call: ModelCall) -> ModelCall:
    return replace(call, tools=list(call.tools))


def _copy_of_output(output: LiveOutput) -> LiveOutput:
    tail = output.tail
    return LiveOutput([tail] if tail else [], len(tail), output.total_chars)
