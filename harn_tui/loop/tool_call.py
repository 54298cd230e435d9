"""One tool call through its life: parse, policy, validate, permission, hooks, execute, record.

A step that stops the call says so with ToolError; ``run`` turns whatever happens into one
terminal ``tool_call_update`` and one outcome (docs/loop.md, tool calls).
"""

import json
from dataclasses import replace

from harn_tui.errors import ToolError
from harn_tui.events.agent import Plan, ToolCallUpdate
from harn_tui.foreign_failure import is_foreign_failure
from harn_tui.ids import tool_call_event_id
from harn_tui.json_types import JsonObject
from harn_tui.kinds import PermissionVerdict, ToolCallStatus, ToolErrorCategory, ToolKind
from harn_tui.loop.call_announcement import announce_call
from harn_tui.loop.compact_history import shortened_output
from harn_tui.loop.config import LoopConfig
from harn_tui.loop.loop_detect import Intervention
from harn_tui.loop.permission import check_rules, permission_denied
from harn_tui.loop.permission_question import ask_permission
from harn_tui.loop.prompts import loop_block, loop_skip, loop_warning
from harn_tui.loop.state import LoopState, ToolCallOutcome, now_ms
from harn_tui.loop.tool_execution import ToolExecution, as_tool_error
from harn_tui.loop.tool_hooks import PostToolReply, ask_post_tool_hooks, ask_pre_tool_hooks
from harn_tui.loop.tool_search_events import announce_found, announce_search
from harn_tui.loop.transcript_notes import note_plan, note_tool_intent
from harn_tui.loop.unknown_tool import unknown_tool
from harn_tui.providers.base import ToolCallRequest
from harn_tui.sinks.emit import aemit, emit
from harn_tui.tools.base import Tool, ToolResult


class _LoopSkipError(ToolError):
    """The call was not run because it would only repeat itself."""

    def __init__(self, count: int) -> None:
        super().__init__(loop_skip(count), category=ToolErrorCategory.REJECTED_LOOP)
        self.count = count


class ToolCallRun:
    """One call of a turn: ``announce``, then ``admit`` and ``execute``, or ``fail_interrupted``."""

    def __init__(self, config: LoopConfig, state: LoopState, call: ToolCallRequest) -> None:
        self.call = call
        self._config = config
        self._state = state
        self._event_id = tool_call_event_id(call.id)
        self._tool: Tool | None = state.offered.get(call.name)
        self._arguments: JsonObject = call.arguments or {}
        self._rewritten_by: tuple[str, ...] = ()
        self._started_ms: int | None = None
        self._execution: ToolExecution | None = None
        self.outcome: ToolCallOutcome | None = None
        """How the call ended; ``None`` until its terminal event is out."""

    @property
    def _kind(self) -> ToolKind | None:
        return self._tool.annotations.kind if self._tool else None

    def announce(self, *, is_known: bool = False) -> None:
        """Emit the call with its whole arguments, under the id that it streamed with."""
        announce_call(self._state.session_id, self.call, self._kind, is_known=is_known)

    @property
    def is_concurrent(self) -> bool:
        """Whether the call may run beside its neighbours."""
        return self._tool is not None and self._tool.annotations.is_concurrent

    @property
    def may_change_files(self) -> bool:
        """Whether files may be others after the call; those of nested loops are theirs to tell."""
        return self._tool is not None and not self._tool.annotations.kind.is_read_only

    @property
    def has_ended(self) -> bool:
        """Whether the call's terminal event is out."""
        return self.outcome is not None

    @property
    def answer(self) -> str:
        """What the model reads; empty before the call has ended."""
        return self.outcome.text if self.outcome else ""

    async def admit(self) -> bool:
        """Take the call through its gates; false when one stopped it, which then is its end."""
        try:
            tool = await self._admit()
        except BaseException as error:
            # boundary: told to the model, see as_tool_error
            if not is_foreign_failure(error):
                raise
            await self._fail(as_tool_error(self.call.name, error))
            return False
        self._execution = ToolExecution(
            self._config, self._state, tool, self._arguments, self._event_id
        )
        return True

    async def execute(self) -> None:
        """Run an admitted call to its end; never raises but when the task or program ends."""
        tool = self._tool
        if self._execution is None or tool is None:
            return
        note_tool_intent(self._state, self.call, self._arguments)
        self._started_ms = now_ms()
        await aemit(self._update(ToolCallStatus.IN_PROGRESS))
        await announce_search(self._state, self.call, self._arguments)
        await self._finish(tool, await self._execution.run())

    def fail_interrupted(self) -> None:
        """Emit the end of a call that a cancellation stopped, or kept from starting."""
        emit(
            self._update(
                ToolCallStatus.FAILED,
                error="interrupted",
                category=ToolErrorCategory.CANCELLED,
                is_terminal=True,
            )
        )

    async def _admit(self) -> Tool:
        """Return the tool when the call may run; raises ToolError when it may not.

        Arguments that a hook rewrote pass the same gates as the model's own (tools oddity 5). A
        call that would only repeat itself is shown as begun before it is skipped.
        """
        if self.call.arguments is None:
            raise ToolError(
                self.call.parse_error or "The arguments are not a JSON object.",
                category=ToolErrorCategory.SCHEMA_VALIDATION,
            )
        tool = self._tool
        if tool is None:
            raise unknown_tool(self._state, self.call.name)
        await self._pass_gates(tool)
        hooks, session_id = self._config.hooks, self._state.session_id
        reply = await ask_pre_tool_hooks(hooks, session_id, tool.name, self._arguments)
        if reply.denial is not None:
            raise permission_denied(reply.denial)
        if reply.changed_by:
            self._arguments, self._rewritten_by = reply.arguments, reply.changed_by
            await aemit(self._update(ToolCallStatus.PENDING, raw_input=self._arguments))
            await self._pass_gates(tool)
        detector = self._state.loop_detector
        if detector.must_skip(tool.name, self._arguments):
            self._started_ms = now_ms()
            await aemit(self._update(ToolCallStatus.IN_PROGRESS))
            self._state.counters.interventions += 1
            raise _LoopSkipError(detector.repeats_before(tool.name, self._arguments))
        return tool

    async def _pass_gates(self, tool: Tool) -> None:
        """Decide on the arguments as they are now. Raises ToolError when they may not run."""
        checked = await check_rules(self._config, self._state, tool, self._arguments)
        self._arguments = checked.call.arguments
        is_skipped = self._state.loop_detector.must_skip(tool.name, self._arguments)
        if checked.decision.verdict is PermissionVerdict.ASK and not is_skipped:
            await ask_permission(self._config, self._state, tool, checked, self._event_id)

    async def _finish(self, tool: Tool, result: ToolResult) -> None:
        shortened = await shortened_output(self._state, tool.name, result.text)
        reply = await self._after_hooks(tool, result, shortened)
        # Whoever changed what the model reads may have had to: then nobody else reads more.
        shown = reply.text if reply.text != shortened else result.text
        text = self._watch_for_repeats(tool, result.text, reply.text)
        status = "ok" if reply.is_ok else "error"
        category = None if reply.is_ok else result.category
        self.outcome = ToolCallOutcome(tool.name, status, text, category, _exit_code(result))
        await aemit(
            self._update(
                ToolCallStatus.COMPLETED if reply.is_ok else ToolCallStatus.FAILED,
                raw_output=self._raw_output(shown, result.details, reply.changed_by),
                error=None if reply.is_ok else shown,
                category=category,
                is_terminal=True,
            )
        )
        await announce_found(self._state, self.call, result)
        plan = result.details.get("plan")
        if reply.is_ok and plan is not None:
            note_plan(self._state, self.call, plan, shown)
            await aemit(Plan(self._state.session_id, plan))

    async def _after_hooks(self, tool: Tool, result: ToolResult, text: str) -> PostToolReply:
        """Return what the hooks make of a result; a refusal stays a failure whatever they say."""
        hooks, session_id = self._config.hooks, self._state.session_id
        reply = await ask_post_tool_hooks(
            hooks, session_id, tool.name, self._arguments, text=text, is_ok=result.ok
        )
        is_refusal = not result.ok and result.category is ToolErrorCategory.PERMISSION_DENIED
        return replace(reply, is_ok=False) if is_refusal else reply

    def _watch_for_repeats(self, tool: Tool, result: str, text: str) -> str:
        """Return what the model reads: ``text``, with a hint when ``result`` keeps coming back."""
        kind = tool.annotations.kind
        action, count = self._state.loop_detector.record(tool.name, self._arguments, kind, result)
        if action is Intervention.NONE:
            return text
        self._state.counters.interventions += 1
        if action is Intervention.WARN:
            return f"{text}\n\n{loop_warning(count, text)}"
        return loop_block(count)

    async def _fail(self, error: ToolError) -> None:
        """End a call that did not run."""
        raw_output: JsonObject | None = None
        if isinstance(error, _LoopSkipError):
            raw_output = {"loop_skipped": True, "repeat_count": error.count + 1}
        text = _refusal(self.call.name, error)
        self.outcome = ToolCallOutcome(
            self.call.name, "rejected", text, error.category, exit_code=1
        )
        await aemit(
            self._update(
                ToolCallStatus.FAILED,
                raw_output=raw_output,
                error=str(error),
                category=error.category,
                is_terminal=True,
            )
        )

    def _raw_output(
        self, text: str, details: JsonObject, changed_by: tuple[str, ...]
    ) -> JsonObject:
        output: JsonObject = {"text": text, "tool_use_id": self.call.id}
        if details:
            output["details"] = details
        changes: JsonObject = {}
        if self._rewritten_by:
            changes["arguments"] = list(self._rewritten_by)
        if changed_by:
            changes["result"] = list(changed_by)
        if changes:
            output["changed_by_hooks"] = changes
        return output

    def _update(
        self,
        status: ToolCallStatus,
        *,
        raw_input: JsonObject | None = None,
        raw_output: JsonObject | None = None,
        error: str | None = None,
        category: ToolErrorCategory | None = None,
        is_terminal: bool = False,
    ) -> ToolCallUpdate:
        started = self._started_ms
        has_duration = is_terminal and started is not None
        execution = self._execution if is_terminal else None
        return ToolCallUpdate(
            session_id=self._state.session_id,
            tool_call_id=self._event_id,
            tool_name=self.call.name,
            status=status,
            raw_input=raw_input,
            raw_output=raw_output,
            error=error,
            duration_ms=now_ms() - started if has_duration and started is not None else None,
            execution_duration_ms=execution.duration_ms if execution else None,
            error_category=category,
            executor=execution.executor if execution else None,
        )


def _exit_code(result: ToolResult) -> int:
    """Return the exit code that the tool reports, else one that says whether it ended well."""
    code = result.details.get("exit_code")
    if isinstance(code, int) and not isinstance(code, bool):
        return code
    return 0 if result.ok else 1


def _refusal(tool_name: str, error: ToolError) -> str:
    """Return what the model reads of a call that was stopped before it ran."""
    if error.category is not ToolErrorCategory.PERMISSION_DENIED:
        return str(error)
    denial = {"error": "permission_denied", "tool": tool_name, "reason": str(error)}
    return json.dumps(denial, indent=2, ensure_ascii=False)
