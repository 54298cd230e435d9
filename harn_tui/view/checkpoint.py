"""Copies of a view to continue folding from, so that replay can seek without starting over.

JSON values inside blocks (arguments, details, the plan) are shared with the original: the fold
replaces them and never changes them.
"""

from dataclasses import replace

from harn_tui.view.model import AssistantBlock, Block, LiveOutput, SessionView, ToolBlock


def snapshot(view: SessionView) -> SessionView:
    """Return a copy that folding into ``view`` does not change, and the other way round.

    Costs about a microsecond a block; the text streamed so far is joined, not copied.
    """
    return replace(
        view,
        blocks=[_copy_of(block) for block in view.blocks],
        queue=[replace(line) for line in view.queue],
        permissions=list(view.permissions),
        questions=list(view.questions),
        answered=dict(view.answered),
        reply_waits=dict(view.reply_waits),
        tools_by_id=dict(view.tools_by_id),
        totals=replace(view.totals),
        calls=[replace(call, tools=list(call.tools)) for call in view.calls],
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


def _copy_of(block: Block) -> Block:
    match block:
        case AssistantBlock():
            return replace(block, parts=[block.text])
        case ToolBlock():
            return replace(block, live_output=_copy_of_output(block.live_output))
        case _:
            return replace(block)


def _copy_of_output(output: LiveOutput) -> LiveOutput:
    tail = output.tail
    return LiveOutput([tail] if tail else [], len(tail), output.total_chars)
