"""Fold steps of streamed text and reasoning."""

from collections.abc import Callable
from typing import Any

from harn_tui.events.agent import AgentMessageChunk, AgentThoughtChunk
from harn_tui.view.model import AssistantBlock, ThoughtBlock
from harn_tui.view.step import Step


def _on_message_chunk(step: Step, event: AgentMessageChunk) -> None:
    _extend(step, AssistantBlock, event.content)


def _on_thought_chunk(step: Step, event: AgentThoughtChunk) -> None:
    _extend(step, ThoughtBlock, event.content)


def _extend(step: Step, kind: type[AssistantBlock], content: str) -> None:
    """Append to the open block, or open one. An empty delta says nothing and opens none."""
    if not content:
        return
    view = step.view
    view.heard_at_ms = step.at_ms
    number = view.open_text
    if number is not None:
        block = view.blocks[number]
        if type(block) is kind:
            block.parts.append(content)
            step.changes.blocks.add(number)
            return
    step.note_reply()
    view.open_text = step.add(kind(step.at_ms, view.call, [content]))


TEXT_STEPS: dict[type[Any], Callable[[Step, Any], None]] = {
    AgentMessageChunk: _on_message_chunk,
    AgentThoughtChunk: _on_thought_chunk,
}
