"""Which failed calls a run recovered from: those that a later call of the same kind made good.

A failure is muted while its run goes on, since models mend most of them. When the run ends, what
nothing made good is promoted to an error.
"""

from harn_tui.kinds import ToolCallStatus, ToolErrorCategory, ToolKind
from harn_tui.view.model import ToolBlock
from harn_tui.view.step import Step

_DECIDED = frozenset({ToolErrorCategory.PERMISSION_DENIED, ToolErrorCategory.CANCELLED})
"""Ends that a person or a policy chose: nothing there is to be made good."""


def note_end(step: Step, number: int, block: ToolBlock) -> None:
    """Take up how a call ended: a failure waits for a success of its kind, which settles all."""
    kind = _kind_of(block)
    failed = step.view.failed_tools
    if block.status is ToolCallStatus.COMPLETED:
        failed.pop(kind, None)
    elif block.status is ToolCallStatus.FAILED and block.error_category not in _DECIDED:
        failed.setdefault(kind, []).append(number)


def promote_failures(step: Step) -> None:
    """Make errors of the failures that the run did not recover from; called when it ends."""
    for numbers in step.view.failed_tools.values():
        for number in numbers:
            block = step.view.blocks[number]
            if isinstance(block, ToolBlock) and not block.discarded:
                block.unrecovered = True
                step.changes.blocks.add(number)
    step.view.failed_tools.clear()


def _kind_of(block: ToolBlock) -> str:
    if block.kind is None or block.kind is ToolKind.OTHER:
        return block.tool_name
    return block.kind.value
