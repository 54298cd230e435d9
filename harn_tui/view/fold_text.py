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
    view = step.view
    if view.first_token_at_ms is None:
        view.first_token_at_ms = step.at_ms
        step.changes.status = True
    view.retry_until_ms = None
    number = view.open_text
    if number is not None:
        block = view.blocks[number]
        if type(block) is kind:
            block.parts.append(content)
            step.changes.blocks.add(number)
            return
        step.close_text()
    view.open_text = step.append(kind(step.at_ms, view.call, [content]))


TEXT_STEPS: dict[type[Any], Callable[[Step, Any], None]] = {
    AgentMessageChunk: _on_message_chunk,
    AgentThoughtChunk: _on_thought_chunk,
}
