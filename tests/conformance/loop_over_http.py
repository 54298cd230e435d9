"""Runs the loop on a scripted server in this process, through the real adapters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harn_tui.config.loop_options import LoopOptions
from harn_tui.events.record import Event
from harn_tui.loop.config import LoopConfig, LoopRequest
from harn_tui.loop.result import LoopResult
from harn_tui.loop.run import run_agent_loop
from harn_tui.permissions.rules import PermissionRules
from harn_tui.providers.base import ModelFacts, Provider, ProviderSettings
from harn_tui.providers.factory import build_provider
from harn_tui.sinks.base import CollectingSink
from harn_tui.tools.base import Tool
from harn_tui.tools.registry import ToolRegistry
from tests.support.reply_script import Reply
from tests.support.streaming_server import StreamingServer

APIS = ("openai", "openai-responses", "anthropic", "ollama")
APIS_WITH_CALL_IDS = APIS[:-1]
"""Those whose messages name calls by ids; Ollama's name the tool alone."""


@dataclass
class HttpRun:
    """A finished run, what it emitted, and the bodies of its requests."""

    result: LoopResult
    events: list[Event]
    bodies: list[dict[str, Any]]
    paths: list[str] = field(default_factory=list)

    def of(self, event_type: str) -> list[Any]:
        return [event for event in self.events if event.type == event_type]

    def text_shown(self) -> str:
        """The text that a person saw, in the order in which it came."""
        return "".join(event.content for event in self.of("agent_message_chunk"))


def items_of(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the conversation in a body, the system prompt left out."""
    items = body["messages"] if "messages" in body else body["input"]
    return [item for item in items if item.get("role") != "system"]


async def run_over_http(
    api: str,
    replies: Sequence[Reply],
    *,
    model: str = "m",
    tools: tuple[Tool, ...] = (),
    options: LoopOptions | None = None,
    request: LoopRequest | str = "do it",
    **others: Any,
) -> HttpRun:
    """Run the loop against a server that plays ``replies`` in the form of ``api``."""
    with StreamingServer(replies) as server:
        settings = ProviderSettings("local", api, model, server.base_url)
        provider = build_provider(settings)
        run = await run_on(
            provider, model=model, tools=tools, options=options, request=request, **others
        )
        run.bodies = [request.body for request in server.requests]
        run.paths = [request.path for request in server.requests]
    return run


async def run_on(
    provider: Provider,
    *,
    model: str = "m",
    tools: tuple[Tool, ...] = (),
    options: LoopOptions | None = None,
    request: LoopRequest | str = "do it",
    **others: Any,
) -> HttpRun:
    """Run the loop on ``provider``, which is closed afterwards; ``bodies`` stay empty."""
    sink = CollectingSink()
    values: dict[str, Any] = {
        "model_facts": ModelFacts(),
        "permissions": PermissionRules.parse({"allow": ["*"]}),
        "jitter": lambda: 1.0,
        "cwd": Path.cwd(),
        **others,
    }
    config = LoopConfig(
        provider=provider,
        model=model,
        tools=ToolRegistry(tools),
        options=options or LoopOptions(llm_backoff_ms=0),
        session_id="test_session",
        **values,
    )
    try:
        result = await run_agent_loop(request, config, sink=sink)
    finally:
        await provider.aclose()
    return HttpRun(result, sink.events, [])
