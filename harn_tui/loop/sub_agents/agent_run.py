"""One call of ``run_agent``: opens the nested loop, runs it to its end, and closes it."""

from dataclasses import replace

from harn_tui.errors import HarnError, ToolError
from harn_tui.events.host import Notice
from harn_tui.ids import new_worker_id
from harn_tui.json_types import JsonObject
from harn_tui.kinds import LoopStatus, NoticeLevel, ToolErrorCategory, WorkerEvent
from harn_tui.loop.ambient import RunningLoop
from harn_tui.loop.config import LoopConfig, LoopRequest
from harn_tui.loop.result import LoopResult
from harn_tui.loop.run import run_agent_loop
from harn_tui.loop.sub_agents.agent_request import AgentRequest
from harn_tui.loop.sub_agents.agent_result import agent_problem, agent_result, final_event
from harn_tui.loop.sub_agents.child import ChildAgent
from harn_tui.loop.sub_agents.child_config import (
    MOST_NESTED,
    depth_of,
    inherited_config,
    may_nest,
)
from harn_tui.loop.sub_agents.child_watch import ChildWatch
from harn_tui.loop.sub_agents.embedded_children import EmbeddedChildren
from harn_tui.loop.sub_agents.host import ChildLoop
from harn_tui.loop.sub_agents.parent_side import ParentSide
from harn_tui.loop.sub_agents.person_relay import relayed
from harn_tui.loop.sub_agents.question_relay import QuestionRelay
from harn_tui.loop.sub_agents.worker_events import WorkerReporter
from harn_tui.sinks.base import EventSink, MultiSink
from harn_tui.tools.base import ToolContext, ToolResult


class AgentRun:
    """From the call to its result. ``loop`` is the one that the call was made in."""

    def __init__(self, loop: RunningLoop, request: AgentRequest, tool: ToolContext) -> None:
        self._loop = loop
        self._request = request
        self._parent = ParentSide(tool)
        self._child: ChildAgent | None = None
        self._reporter: WorkerReporter | None = None
        self._result: LoopResult | None = None

    async def run(self) -> ToolResult:
        """Return what the parent's model reads. Raises ToolError when nothing could begin.

        A cancellation ends the nested loop, and goes on once that is finalized and closed.
        """
        parent = self._loop.config
        if not may_nest(depth_of(parent)):
            raise ToolError(
                f"Agents are nested {MOST_NESTED} deep at most, or as deep as the policy's "
                "recursion_limit says.",
                category=ToolErrorCategory.PERMISSION_DENIED,
                hint="Do the task yourself.",
            )
        inherited = inherited_config(parent, self._request)
        with parent.agents.place(parent.options.max_parallel_tools):
            try:
                await self._open_and_run(parent, inherited)
            except HarnError as error:
                self._tell_failure(error)
            except BaseException as error:
                self._report_break(error)
                raise
        return self._finish()

    async def _open_and_run(self, parent: LoopConfig, inherited: LoopConfig) -> None:
        host = parent.child_host or EmbeddedChildren()
        async with host.open_child(parent, inherited, self._request) as opened:
            sink = MultiSink((opened.sink,))
            child = self._child = self._make_child(parent, opened, sink)
            reporter = self._reporter = WorkerReporter(child, self._parent)
            sink.push(ChildWatch(child, self._parent, reporter))
            with parent.agents.at_work(child):
                reporter.spawned()
                try:
                    self._result = await self._run_child(opened.config, child, sink)
                finally:
                    self._tell_unread(child)

    async def _run_child(
        self, config: LoopConfig, child: ChildAgent, sink: EventSink
    ) -> LoopResult:
        relay = QuestionRelay(child, self._parent, self._loop.config.ask_permission)
        config = replace(
            config,
            worker=child,
            ask_permission=relay.ask,
            ask_person=relayed(self._loop.config.ask_person, child.name, self._parent),
            parent_loop_id=self._loop.loop_id,
        )
        request = LoopRequest(prompt=child.task)
        return await run_agent_loop(request, config, sink=sink, control=child.control)

    def _make_child(self, parent: LoopConfig, opened: ChildLoop, sink: EventSink) -> ChildAgent:
        tools = opened.config.tools

        def call_words(name: str, arguments: JsonObject) -> str:
            tool = tools.get(name)
            return f"{name}: {tool.summarize(arguments)}" if tool else name

        return ChildAgent(
            new_worker_id(),
            self._request,
            session_id=opened.config.session_id,
            parent_session_id=self._parent.session_id,
            parent=parent.worker,
            sink=sink,
            feedback=opened.config.feedback,
            call_words=call_words,
        )

    def _tell_unread(self, child: ChildAgent) -> None:
        """Say which lines the nested loop ended without: they were typed here."""
        for item in child.unread_lines():
            text = f"The agent {child.name} ended before it read: {item.content}"
            self._parent.tell(Notice(self._parent.session_id, NoticeLevel.WARNING, text))

    def _tell_failure(self, error: HarnError) -> None:
        """Raise what kept the nested loop from running; of one that ran, only tell of it."""
        if self._result is None:
            self._report_end(WorkerEvent.FAILED, str(error))
            raise ToolError(error.message, hint=error.hint) from error
        self._parent.tell(Notice(self._parent.session_id, NoticeLevel.ERROR, str(error)))

    def _finish(self) -> ToolResult:
        child, result = self._child, self._result
        assert child is not None
        assert result is not None
        self._report_end(final_event(result.status), agent_problem(child, result))
        return agent_result(child, result)

    def _report_break(self, error: BaseException) -> None:
        """Tell of the end of a nested loop whose result a bug or a cancellation kept from us."""
        child = self._child
        if child is None:
            return
        if isinstance(error, Exception):
            self._report_end(WorkerEvent.FAILED, f"{type(error).__name__}: {error}")
        elif child.progress.status is LoopStatus.DONE:  # it was over when the cancellation came
            self._report_end(WorkerEvent.COMPLETED, None)
        else:
            self._report_end(WorkerEvent.CANCELLED, child.control.reason)

    def _report_end(self, event: WorkerEvent, error: str | None) -> None:
        if self._reporter is not None:
            self._reporter.ended(event, error)
