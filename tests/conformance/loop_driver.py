"""Runs the loop through its public API with scripted replies and keeps what it emitted."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harn_tui.config.loop_options import LoopOptions
from harn_tui.events.record import Event
from harn_tui.feedback.host_messages import HostMessageQueue
from harn_tui.feedback.queue import FeedbackQueue
from harn_tui.feedback.session_end import SessionEndHooks
from harn_tui.json_types import JsonObject
from harn_tui.kinds import ToolKind
from harn_tui.loop.cancellation import RunControl
from harn_tui.loop.config import LoopConfig, LoopRequest
from harn_tui.loop.result import LoopResult
from harn_tui.loop.run import run_agent_loop
from harn_tui.permissions.rules import PermissionRules
from harn_tui.providers.base import (
    Accepted,
    Completion,
    CompletionRequest,
    OnDelta,
    TextDelta,
    ThoughtDelta,
    ToolArgumentsDelta,
    ToolCallRequest,
    ToolCallStarted,
    Usage,
)
from harn_tui.sinks.base import CollectingSink
from harn_tui.tools.base import Tool, ToolAnnotations, ToolContext, ToolResult
from harn_tui.tools.registry import ToolRegistry

SESSION_ID = "test_session"


@dataclass(frozen=True)
class Reply:
    """One scripted reply. ``before`` runs when the request arrives, ``midway`` after the text."""

    text: str = ""
    calls: tuple[tuple[str, JsonObject], ...] = ()
    thinking: str = ""
    error: Exception | None = None
    accepts: bool = True
    call_ids: tuple[str, ...] = ()
    malformed: str | None = None
    usage: Usage | None = Usage(input_tokens=10, output_tokens=5)
    before: Callable[[], object] | None = None
    midway: Callable[[], Awaitable[None]] | None = None
    prefill_sent: bool = False
    thinking_blocks: tuple[JsonObject, ...] = ()


class Script:
    """A provider that plays replies in order and keeps the requests it got."""

    name = "script"
    is_paced = False

    def __init__(self, replies: Sequence[Reply]) -> None:
        self._replies = list(replies)
        self.requests: list[CompletionRequest] = []
        self._minted = 0

    async def complete(self, request: CompletionRequest, on_delta: OnDelta) -> Completion:
        self.requests.append(request)
        reply = self._replies.pop(0)
        if reply.before:
            reply.before()
        if reply.error and not reply.accepts:
            raise reply.error
        on_delta(Accepted())
        if reply.thinking:
            on_delta(ThoughtDelta(reply.thinking))
        for word in reply.text.split(" ") if reply.text else ():
            on_delta(TextDelta(word if word == reply.text.split(" ")[-1] else f"{word} "))
        if reply.midway:
            await reply.midway()
        calls = tuple(self._call(reply, i, on_delta) for i in range(len(reply.calls)))
        if reply.error:
            raise reply.error
        return Completion(
            text=reply.text,
            thinking=reply.thinking,
            tool_calls=calls,
            usage=reply.usage,
            stop_reason="tool_calls" if calls else "stop",
            prefill_sent=reply.prefill_sent,
            thinking_blocks=reply.thinking_blocks,
        )

    def _call(self, reply: Reply, index: int, on_delta: OnDelta) -> ToolCallRequest:
        name, arguments = reply.calls[index]
        self._minted += 1
        call_id = reply.call_ids[index] if reply.call_ids else f"call_{self._minted}"
        on_delta(ToolCallStarted(index, call_id, name))
        if reply.malformed is not None:
            return ToolCallRequest(call_id, name, None, reply.malformed, "not a JSON object")
        on_delta(ToolArgumentsDelta(index, "{}"))
        return ToolCallRequest(call_id, name, arguments)

    async def aclose(self) -> None:
        """Nothing to close."""


def make_tool(
    name: str,
    *,
    kind: ToolKind = ToolKind.READ,
    run: Callable[[JsonObject, ToolContext], Awaitable[ToolResult]] | None = None,
    required: tuple[str, ...] = (),
) -> Tool:
    """Return a tool that echoes its arguments, or does what ``run`` says."""

    async def echo(arguments: JsonObject, context: ToolContext) -> ToolResult:
        return ToolResult(f"{name} {sorted(arguments.items())}")

    return Tool(
        name=name,
        description=f"The {name} tool.",
        parameters={
            "type": "object",
            "properties": {key: {"type": "string"} for key in (*required, "path", "n")},
            "required": list(required),
        },
        annotations=ToolAnnotations(kind=kind),
        run=run or echo,
        summarize=lambda arguments: f"{name} {arguments}",
    )


@dataclass
class Run:
    """A finished run and what could be observed of it."""

    result: LoopResult
    events: list[Event]
    provider: Script

    def types(self) -> list[str]:
        return [event.type for event in self.events]

    def of(self, event_type: str) -> list[Any]:
        return [event for event in self.events if event.type == event_type]

    def contents(self, request: int) -> list[str]:
        return [str(m["content"]) for m in self.provider.requests[request].messages]


@dataclass
class Setup:
    """The collaborators of one run; tests change what they need."""

    replies: Sequence[Reply]
    tools: tuple[Tool, ...] = ()
    options: LoopOptions = field(default_factory=LoopOptions)
    feedback: FeedbackQueue = field(default_factory=FeedbackQueue)
    host_messages: HostMessageQueue = field(default_factory=HostMessageQueue)
    session_end: SessionEndHooks = field(default_factory=SessionEndHooks)
    permissions: PermissionRules = field(default_factory=PermissionRules)
    extra: dict[str, Any] = field(default_factory=dict)
    control: RunControl | None = None
    sink: CollectingSink = field(default_factory=CollectingSink)
    session_id: str = SESSION_ID
    jitter: Callable[[], float] = lambda: 1.0

    def __post_init__(self) -> None:
        self.provider = Script(self.replies)

    def config(self) -> LoopConfig:
        return LoopConfig(
            provider=self.provider,
            model="test-model",
            tools=ToolRegistry(self.tools),
            session_id=self.session_id,
            cwd=Path.cwd(),
            options=self.options,
            feedback=self.feedback,
            host_messages=self.host_messages,
            session_end=self.session_end,
            permissions=self.permissions,
            jitter=self.jitter,
            **self.extra,
        )

    async def run(self, request: LoopRequest | str = "do it") -> Run:
        result = await run_agent_loop(request, self.config(), sink=self.sink, control=self.control)
        return Run(result, self.sink.events, self.provider)

    def push(self, content: str, kind: str = "user") -> str:
        return self.feedback.push(self.session_id, kind, content).feedback_id


async def run_loop(*replies: Reply, request: LoopRequest | str = "do it", **setup: Any) -> Run:
    """Run the loop on ``replies`` with the given collaborators."""
    return await Setup(replies, **setup).run(request)


async def until(condition: Callable[[], bool]) -> None:
    """Give other tasks the event loop until ``condition`` holds."""
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0)
