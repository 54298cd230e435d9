"""Runs a loop that starts nested loops, and keeps what each of them was told and emitted."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harn_tui.config.loop_options import LoopOptions
from harn_tui.events.record import Event
from harn_tui.json_types import JsonObject
from harn_tui.loop.cancellation import RunControl
from harn_tui.loop.config import LoopConfig
from harn_tui.loop.result import LoopResult
from harn_tui.loop.run import run_agent_loop
from harn_tui.loop.sub_agents.embedded_children import EmbeddedChildren
from harn_tui.loop.sub_agents.registry import SubAgents
from harn_tui.loop.sub_agents.run_agent_tool import RUN_AGENT
from harn_tui.providers.base import Completion, CompletionRequest, OnDelta
from harn_tui.sinks.base import CollectingSink
from harn_tui.tools.base import Tool
from harn_tui.tools.registry import ToolRegistry
from tests.conformance.loop_driver import Reply, Script

ROOT = "root task"
PARENT_ID = "parent_session"


def start(task: str, **arguments: Any) -> tuple[str, JsonObject]:
    """Return the call that gives ``task`` to a nested loop."""
    return ("run_agent", {"task": task, **arguments})


class ScriptByTask(Script):
    """Plays to each loop the replies of the task that it began with."""

    def __init__(self, replies: Mapping[str, Sequence[Reply]]) -> None:
        super().__init__([])
        self._by_task = {task: Script(own) for task, own in replies.items()}

    async def complete(self, request: CompletionRequest, on_delta: OnDelta) -> Completion:
        self.requests.append(request)
        return await self._by_task[_task_of(request)].complete(request, on_delta)

    def requests_of(self, task: str) -> list[CompletionRequest]:
        """Return the requests of the loop with this task, oldest first."""
        return self._by_task[task].requests

    def add(self, task: str, *replies: Reply) -> None:
        """Let the loop with this task get more replies."""
        self._by_task.setdefault(task, Script([]))._replies.extend(replies)


def _task_of(request: CompletionRequest) -> str:
    return next(str(m["content"]) for m in request.messages if m["role"] == "user")


@dataclass
class Family:
    """A loop with the task ``ROOT`` and its nested loops; tests change what they need."""

    replies: Mapping[str, Sequence[Reply]]
    tools: tuple[Tool, ...] = ()
    options: LoopOptions = field(default_factory=LoopOptions)
    extra: dict[str, Any] = field(default_factory=dict)
    session_id: str = PARENT_ID
    control: RunControl | None = None
    new_sink: Callable[[], CollectingSink] = CollectingSink

    def __post_init__(self) -> None:
        self.provider = ScriptByTask(self.replies)
        self.sink = self.new_sink()
        self.child_sinks: dict[str, CollectingSink] = {}
        self.agents = SubAgents()

    def _child_sink(self, session_id: str) -> CollectingSink:
        return self.child_sinks.setdefault(session_id, self.new_sink())

    def config(self) -> LoopConfig:
        given: dict[str, Any] = {
            "provider": self.provider,
            "model": "test-model",
            "tools": ToolRegistry([*self.tools, RUN_AGENT]),
            "session_id": self.session_id,
            "cwd": Path.cwd(),
            "options": self.options,
            "child_host": EmbeddedChildren(self._child_sink),
            "agents": self.agents,
            "jitter": lambda: 1.0,
        }
        return LoopConfig(**(given | self.extra))

    async def run(self) -> LoopResult:
        return await run_agent_loop(ROOT, self.config(), sink=self.sink, control=self.control)

    def of(self, event_type: str) -> list[Any]:
        """Return the parent's events of one type."""
        return [event for event in self.sink.events if event.type == event_type]

    def updates(self, task: str) -> list[Any]:
        """Return the parent's events about the nested loop with ``task``."""
        return [event for event in self.of("worker_update") if event.worker_task == task]

    def child_id(self, task: str) -> str:
        """Return the session id of the nested loop with ``task``, at any depth."""
        for session_id, sink in self.child_sinks.items():
            for event in sink.events:
                if event.type == "user_message" and getattr(event, "content", None) == task:
                    return session_id
        raise AssertionError(f"no nested loop has the task {task}")

    def child_events(self, task: str) -> list[Event]:
        """Return the events of the nested loop with ``task``."""
        return self.child_sinks[self.child_id(task)].events

    def child_of(self, task: str, event_type: str) -> list[Any]:
        """Return its events of one type."""
        return [event for event in self.child_events(task) if event.type == event_type]

    def result_texts(self, task: str = ROOT) -> list[str]:
        """Return the results of calls in the last request of the loop with ``task``."""
        messages = self.provider.requests_of(task)[-1].messages
        return [str(m["content"]) for m in messages if m["role"] == "tool"]

    def ended_calls(self) -> list[Any]:
        """Return the last updates of the parent's calls."""
        return [event for event in self.of("tool_call_update") if event.status.is_terminal]

    def agent(self, name: str) -> str:
        """Return the id of the nested loop that is at work under this name."""
        (worker_id,) = (a.worker_id for a in self.agents.running if a.name == name)
        return worker_id

    def is_at_work(self, *names: str) -> bool:
        """Whether nested loops with just these names are at work."""
        return sorted(agent.name for agent in self.agents.running) == sorted(names)


async def forever() -> None:
    """Never return."""
    await asyncio.Event().wait()
