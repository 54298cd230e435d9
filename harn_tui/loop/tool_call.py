"""One tool call through its life: parse, policy, validate, permission, execute, record.

A step that stops the call says so with ToolError; ``run`` turns whatever happens into one
terminal ``tool_call_update`` and one outcome (docs/loop.md, tool calls).
"""

import asyncio
import json
import logging

from harn_tui.errors import ToolError
from harn_tui.events.agent import Plan, ToolCallUpdate
from harn_tui.events.host import ToolOutput
from harn_tui.foreign_failure import is_foreign_failure
from harn_tui.ids import tool_call_event_id
from harn_tui.json_types import JsonObject
from harn_tui.kinds import (
    OutputStream,
    PermissionVerdict,
    ToolCallStatus,
    ToolErrorCategory,
    ToolKind,
)
from harn_tui.loop.call_announcement import announce_call
from harn_tui.loop.compact_history import shortened_output
from harn_tui.loop.config import LoopConfig
from harn_tui.loop.loop_detect import Intervention
from harn_tui.loop.permission import check_rules
from harn_tui.loop.permission_question import ask_permission
from harn_tui.loop.prompts import loop_block, loop_skip, loop_warning
from harn_tui.loop.state import LoopState, ToolCallOutcome, now_ms
from harn_tui.loop.tool_search_events import announce_found, announce_search
from harn_tui.loop.transcript_notes import note_plan, note_tool_intent
from harn_tui.loop.unknown_tool import unknown_tool
from harn_tui.providers.base import ToolCallRequest
from harn_tui.sinks.emit import aemit, emit
from harn_tui.tools.base import Tool, ToolContext, ToolResult

log = logging.getLogger(__name__)

_RETRIED_CATEGORIES = frozenset({ToolErrorCategory.TIMEOUT, ToolErrorCategory.NETWORK})
_MAX_DOUBLINGS = 5


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
        self._started_ms: int | None = None
        self._execution_ms: int | None = None
        self._admitted: Tool | None = None
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
            self._admitted = await self._admit()
        except BaseException as error:
            # boundary: told to the model, see _as_tool_error
            if not is_foreign_failure(error):
                raise
            await self._fail(self._as_tool_error(error))
        return self._admitted is not None

    async def execute(self) -> None:
        """Run an admitted call to its end; never raises but when the task or program ends."""
        tool = self._admitted
        if tool is None:
            return
        note_tool_intent(self._state, self.call, self._arguments)
        self._started_ms = now_ms()
        await aemit(self._update(ToolCallStatus.IN_PROGRESS))
        await announce_search(self._state, self.call, self._arguments)
        try:
            result = _checked(tool, await self._execute(tool))
        except BaseException as error:
            # boundary: told to the model, see _as_tool_error
            if not is_foreign_failure(error):
                raise
            await self._fail(self._as_tool_error(error))
        else:
            await self._finish(tool, result)

    def _as_tool_error(self, error: BaseException) -> ToolError:
        """A tool's bug is the model's problem to work around, not the end of the loop."""
        if isinstance(error, ToolError):
            return error
        log.error("tool raised name=%s", self.call.name, exc_info=error)
        return ToolError(f"Error: {self.call.name} failed: {str(error) or type(error).__name__}")

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

        A call that would only repeat itself is shown as begun before it is skipped.
        """
        if self.call.arguments is None:
            raise ToolError(
                self.call.parse_error or "The arguments are not a JSON object.",
                category=ToolErrorCategory.SCHEMA_VALIDATION,
            )
        tool = self._tool
        if tool is None:
            raise unknown_tool(self._state, self.call.name)
        checked = await check_rules(self._config, self._state, tool, self._arguments)
        self._arguments = checked.call.arguments
        detector = self._state.loop_detector
        is_skipped = detector.must_skip(tool.name, self._arguments)
        if checked.decision.verdict is PermissionVerdict.ASK and not is_skipped:
            await ask_permission(self._config, self._state, tool, checked, self._event_id)
        if is_skipped:
            self._started_ms = now_ms()
            await aemit(self._update(ToolCallStatus.IN_PROGRESS))
            self._state.counters.interventions += 1
            raise _LoopSkipError(detector.repeats_before(tool.name, self._arguments))
        return tool

    async def _execute(self, tool: Tool) -> ToolResult:
        context = ToolContext(
            session_id=self._state.session_id,
            cwd=self._config.cwd,
            workspace_roots=self._config.workspace_roots,
            on_output=self._emit_output,
            tool_call_id=self._event_id,
        )
        started_ms = now_ms()
        attempt = 0
        try:
            while True:
                try:
                    return await tool.run(self._arguments, context)
                except ToolError as error:
                    retryable = error.category in _RETRIED_CATEGORIES
                    if not retryable or attempt >= self._config.options.tool_retries:
                        raise
                    attempt += 1
                    await asyncio.sleep(self._retry_delay_s(attempt))
        finally:
            self._execution_ms = now_ms() - started_ms
            self._state.counters.tool_duration_ms += self._execution_ms

    def _retry_delay_s(self, attempt: int) -> float:
        base_ms = self._config.options.tool_backoff_ms
        return float(base_ms * 2 ** min(attempt - 1, _MAX_DOUBLINGS)) / 1000

    def _emit_output(self, chunk: str, stream: OutputStream) -> None:
        emit(ToolOutput(self._state.session_id, self._event_id, chunk, stream))

    async def _finish(self, tool: Tool, result: ToolResult) -> None:
        status = "ok" if result.ok else "error"
        read_text = await shortened_output(self._state, tool.name, result.text)
        text = self._watch_for_repeats(tool, result.text, read_text)
        category = None if result.ok else result.category
        self.outcome = ToolCallOutcome(tool.name, status, text, category, _exit_code(result))
        await aemit(
            self._update(
                ToolCallStatus.COMPLETED if result.ok else ToolCallStatus.FAILED,
                raw_output=self._raw_output(result.text, result.details),
                error=None if result.ok else result.text,
                category=category,
                is_terminal=True,
            )
        )
        await announce_found(self._state, self.call, result)
        plan = result.details.get("plan")
        if result.ok and plan is not None:
            note_plan(self._state, self.call, plan, result.text)
            await aemit(Plan(self._state.session_id, plan))

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
        did_run = self._execution_ms is not None
        raw_output: JsonObject | None = None
        if isinstance(error, _LoopSkipError):
            raw_output = {"loop_skipped": True, "repeat_count": error.count}
        elif did_run:
            raw_output = self._raw_output(str(error), {})
        self.outcome = self._failed_outcome(error, did_run=did_run)
        await aemit(
            self._update(
                ToolCallStatus.FAILED,
                raw_output=raw_output,
                error=str(error),
                category=error.category,
                is_terminal=True,
            )
        )

    def _failed_outcome(self, error: ToolError, *, did_run: bool) -> ToolCallOutcome:
        if did_run and self._tool is not None:
            text = self._watch_for_repeats(self._tool, str(error), str(error))
            return ToolCallOutcome(self.call.name, "error", text, error.category, exit_code=1)
        text = _refusal(self.call.name, error)
        return ToolCallOutcome(self.call.name, "rejected", text, error.category, exit_code=1)

    def _raw_output(self, text: str, details: JsonObject) -> JsonObject:
        output: JsonObject = {"text": text, "tool_use_id": self.call.id}
        if details:
            output["details"] = details
        return output

    def _executor(self) -> JsonObject | None:
        """Return who ran the call, ``None`` when nobody did."""
        if self._execution_ms is None or self._tool is None:
            return None
        return self._tool.executor_record

    def _update(
        self,
        status: ToolCallStatus,
        *,
        raw_output: JsonObject | None = None,
        error: str | None = None,
        category: ToolErrorCategory | None = None,
        is_terminal: bool = False,
    ) -> ToolCallUpdate:
        started = self._started_ms
        has_duration = is_terminal and started is not None
        return ToolCallUpdate(
            session_id=self._state.session_id,
            tool_call_id=self._event_id,
            tool_name=self.call.name,
            status=status,
            raw_output=raw_output,
            error=error,
            duration_ms=now_ms() - started if has_duration and started is not None else None,
            execution_duration_ms=self._execution_ms if is_terminal else None,
            error_category=category,
            executor=self._executor() if is_terminal else None,
        )


def _checked(tool: Tool, result: object) -> ToolResult:
    """Return what a tool returned. Raises ToolError when that is no result."""
    if isinstance(result, ToolResult) and isinstance(result.text, str):
        return result
    raise ToolError(f"Error: {tool.name} returned no result that can be read.")


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
