"""A run with a bit of everything, in a stored session, that can be stopped at any of its awaits.

Turns: two parallel looks; a compaction; a hook that runs a loop of its own; a retried call that
carries a typed line and asks for permission; a command with a real process, judged by a callback
that is another one; the answer.
"""

import asyncio
import os
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

from harn_tui.config.loop_options import LoopOptions
from harn_tui.errors import ProviderError
from harn_tui.events.record import Event, Record
from harn_tui.json_types import JsonObject
from harn_tui.kinds import (
    Decision,
    LifecycleEvent,
    LoopStatus,
    ProviderErrorCategory,
    ToolKind,
)
from harn_tui.loop.callbacks import LoopCallbacks
from harn_tui.loop.command_hook import CommandHook
from harn_tui.loop.config import LoopConfig
from harn_tui.loop.lifecycle_hooks import LifecycleHooks
from harn_tui.loop.result import LoopResult
from harn_tui.loop.run import run_agent_loop
from harn_tui.permissions.rules import PermissionRules
from harn_tui.providers.base import Completion, CompletionRequest, ModelFacts, OnDelta
from harn_tui.session.handle import SessionHandle
from harn_tui.sinks.base import CollectingSink
from harn_tui.sinks.registry import current_registry
from harn_tui.tagged_text.canonical import render_call_block
from harn_tui.tools.base import ToolContext, ToolResult
from harn_tui.tools.registry import ToolRegistry
from harn_tui.tools.run_command import RUN_COMMAND
from tests.conformance.loop_driver import Reply, Script, make_tool
from tests.support.counted_steps import StepCounter
from tests.unit.session.opened import open_scripted

RUN_TASK = "run stored"
TURNS = 4
TIME_LIMIT_S = 30.0

_LONG = "a line that was found\n" * 120
_CUT = ProviderError("cut off", category=ProviderErrorCategory.TRANSIENT_NETWORK)


async def pause() -> None:
    """Suspend once."""
    await asyncio.sleep(0)


class SlowScript(Script):
    """A script whose server takes its time before it accepts, and after the last word."""

    async def complete(self, request: CompletionRequest, on_delta: OnDelta) -> Completion:
        await pause()
        completion = await super().complete(request, on_delta)
        await pause()
        return completion


class Gate:
    """Lets commands go on only when the event loop has seen that they run.

    A command that nobody ended before waits for ever, so that one left behind is found.
    """

    def __init__(self, folder: Path) -> None:
        self._here, self._open = folder / "here", folder / "open"
        for path in (self._here, self._open):
            os.mkfifo(path)
        self._here_fd = os.open(self._here, os.O_RDWR | os.O_NONBLOCK)
        self._open_fd = os.open(self._open, os.O_RDWR | os.O_NONBLOCK)

    @property
    def command(self) -> str:
        """Shell words that wait at the gate."""
        return f"echo x > {self._here}; read -r x < {self._open}"

    def watch(self) -> None:
        """Open the gate for whoever is there, from now on."""
        asyncio.get_running_loop().add_reader(self._here_fd, self._let_one_through)

    def shut(self) -> None:
        """Let nobody through any more: who runs now does so until it is ended."""
        asyncio.get_running_loop().remove_reader(self._here_fd)

    def close(self) -> None:
        """Take the gate away."""
        self.shut()
        os.close(self._here_fd)
        os.close(self._open_fd)

    def _let_one_through(self) -> None:
        os.read(self._here_fd, 2)
        os.write(self._open_fd, b"x\n")


@dataclass
class Stopped:
    """What was left of a run that was stopped, and what could be seen of it."""

    folder: Path
    stops: int = 0
    """How often it was stopped before it had ended."""
    ended_before_stop: bool = False
    """Whether ``loop_end`` was out when it was stopped first."""
    answered_before_stop: bool = False
    """Whether the last turn had ended when it was stopped first."""
    events: list[Event] = field(default_factory=list)
    nested: list[Event] = field(default_factory=list)
    ended_sessions: list[str] = field(default_factory=list)
    result: LoopResult | None = None
    is_running: bool = False
    left_a_process: bool = False
    next_request: list[JsonObject] = field(default_factory=list)
    """What a later process sends first when it takes the session up and is told to go on.

    Empty for a run that is stopped twice.
    """
    leftover_tasks: list[str] = field(default_factory=list)
    leftover_threads: list[str] = field(default_factory=list)
    lines: dict[str, str] = field(default_factory=dict)
    """The typed lines: id and text."""

    def of(self, event_type: str) -> list[Any]:
        return [event for event in self.events if event.type == event_type]


Calls: TypeAlias = tuple[tuple[str, JsonObject], ...]

Stop: TypeAlias = Callable[[SessionHandle], None]
"""A way to stop the session's run."""


def by_control(session: SessionHandle) -> None:
    """Stop as a person does, through the run's control."""
    session.interrupt()


def by_task(session: SessionHandle) -> None:
    """Cancel the run's task."""
    for task in asyncio.all_tasks():
        if task.get_name() == RUN_TASK:
            task.cancel()


def stop_at(folder: Path, *stops: tuple[int, Stop], tool_format: str = "native") -> Stopped:
    """Run and stop it; return what is left.

    Each of ``stops`` has its number of steps, from the beginning or from the stop before it.
    """
    return _Reference(folder, stops, tool_format).run()


class _Reference:
    def __init__(self, folder: Path, stops: tuple[tuple[int, Stop], ...], tool_format: str) -> None:
        folder.mkdir()
        self._tool_format = tool_format
        self._stopped = Stopped(folder)
        self._stops = list(stops)
        self._takes_up_again = len(stops) == 1
        self._gate = Gate(folder)
        self._counter = StepCounter(self._on_step)
        self._since = 0
        self._session: SessionHandle | None = None
        self._has_typed = False

    def run(self) -> Stopped:
        before = set(threading.enumerate())
        with asyncio.Runner(loop_factory=self._counter.new_event_loop) as runner:
            runner.run(self._run())
        self._stopped.leftover_threads = [t.name for t in set(threading.enumerate()) - before]
        return self._stopped

    async def _run(self) -> None:
        gate = self._gate
        gate.watch()
        session = _opened(self, gate, self._tool_format)
        session.subscribe(self._listen)
        unsubscribe = current_registry().subscribe(session.session_id, _slow_subscriber)
        await session.start()
        self._session, self._since = session, self._counter.steps
        self._stopped.lines[session.submit("do it all")] = "do it all"
        self._on_step(self._counter.steps)
        try:
            async with asyncio.timeout(TIME_LIMIT_S):
                self._stopped.result = await session.wait_idle()
        finally:
            self._session = None
            self._stopped.is_running = session.is_running
            unsubscribe()
            await session.close()
            self._stopped.left_a_process = _has_child()  # before the gate lets it go
            gate.close()
        if self._takes_up_again:
            await self._take_up_again()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        self._stopped.leftover_tasks = [task.get_name() for task in others]

    async def _take_up_again(self) -> None:
        again = self._stopped.folder / "again"
        shutil.copytree(self._stopped.folder / "session", again)
        session, script = open_scripted(again, [Reply("Going on.")] * 3)
        await session.start()
        session.submit("go on")
        await session.wait_idle()
        await session.close()
        self._stopped.next_request = list(script.requests[0].messages)

    def _on_step(self, step: int) -> None:
        session = self._session
        if session is None or not session.is_running or not self._stops:
            return
        wanted, stop = self._stops[0]
        if step - self._since < wanted:
            return
        self._stops.pop(0)
        self._since = step
        stopped = self._stopped
        if not stopped.stops:
            stopped.ended_before_stop = bool(stopped.of("loop_end"))
            stopped.answered_before_stop = len(stopped.of("turn_end")) == TURNS
        stopped.stops += 1
        self._gate.shut()
        stop(session)

    def _listen(self, record: Record) -> None:
        event: Any = record.event
        self._stopped.events.append(event)
        session = self._session
        if session is None:
            return
        if event.type == "permission_request":
            request_id = event.request_id
            loop = asyncio.get_running_loop()
            loop.call_soon(lambda: session.answer(request_id, Decision.ALLOW))
        if event.type == "llm_call_start" and not self._has_typed:
            self._has_typed = True
            self._stopped.lines[session.submit("and mind the tests")] = "and mind the tests"

    async def nested(self, payload: JsonObject) -> None:
        """Run a loop within a hook of the first one."""
        script = SlowScript(
            [Reply("", calls=(("look", {"path": "c"}),)), Reply("nested answer", midway=pause)]
        )
        sink = CollectingSink()
        config = LoopConfig(provider=script, model="m", tools=ToolRegistry((_look(),)))
        try:
            await run_agent_loop("nested", config, sink=sink)
        finally:
            self._stopped.nested += sink.events

    async def session_ended(self, session_id: str) -> None:
        await pause()
        await pause()
        self._stopped.ended_sessions.append(session_id)


def _opened(reference: _Reference, gate: Gate, tool_format: str) -> SessionHandle:
    folder = reference._stopped.folder
    command = f"echo started; {gate.command}; echo finished"
    judge = CommandHook(["sh", "-c", f'{gate.command}; echo "{{}}"'], cwd=folder)

    async def judged(info: JsonObject) -> object:
        return await judge(info) if info["tool_names"] == [RUN_COMMAND.name] else None

    hooks = LifecycleHooks()
    hooks.add(LifecycleEvent.PRE_AGENT_TURN, "turn.iteration == 1", reference.nested)
    replies = _replies(command)
    if tool_format != "native":
        replies = [_as_text(reply) for reply in replies]
    session, _ = open_scripted(
        folder / "session",
        [],
        tools=(_look(), make_tool("edit", kind=ToolKind.EDIT, run=_work), RUN_COMMAND),
        options=LoopOptions(
            compaction="summarize_all",
            compact_threshold=1200,
            llm_retries=1,
            tool_format=tool_format,
        ),
        provider=SlowScript(replies),
        model_facts=ModelFacts(),
        hooks=hooks,
        callbacks=LoopCallbacks(post_turn=judged),
        permissions=PermissionRules.parse({"allow": [RUN_COMMAND.name]}),
    )
    session._parts.session_end.add(reference.session_ended)
    return session


def _replies(command: str) -> list[Reply]:
    looks: Calls = (("look", {"path": "a"}), ("look", {"path": "b"}))
    edit: Calls = (("edit", {"path": "a"}),)
    return [
        Reply("I look at both.", calls=looks, thinking="first", midway=pause),
        Reply("They were long."),
        Reply("I wi", calls=edit, error=_CUT, midway=pause),
        Reply("I will edit.", calls=edit, midway=pause),
        Reply("", calls=((RUN_COMMAND.name, {"command": command}),)),
        Reply("All done. " + "It was a long day. " * 300, midway=pause),
    ]


def _as_text(reply: Reply) -> Reply:
    """Return ``reply`` as a model writes it in the text format."""
    calls = [render_call_block(name, arguments) for name, arguments in reply.calls]
    prose = [f"<assistant_prose>{reply.text}</assistant_prose>"] if reply.text else []
    return replace(reply, text="\n".join([*prose, *calls]), calls=())


def _look() -> Any:
    return make_tool("look", run=_looked)


async def _looked(arguments: JsonObject, context: ToolContext) -> ToolResult:
    await pause()
    return ToolResult(f"{arguments['path']}: {_LONG}")


async def _work(arguments: JsonObject, context: ToolContext) -> ToolResult:
    await pause()
    return ToolResult("worked")


async def _slow_subscriber(event: Event) -> None:
    """Make every awaited event a place where the run suspends."""
    await pause()


def _has_child() -> bool:
    """Whether this process has a child, be it one that has ended and waits to be reaped."""
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return False
    return True


def finished(stopped: Stopped) -> bool:
    """Whether the run came to its own end."""
    return stopped.result is not None and stopped.result.status is LoopStatus.DONE
