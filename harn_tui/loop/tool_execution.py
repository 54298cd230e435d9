"""Runs a call that may run: its attempts, and what became of them as a result."""

import asyncio
import logging

from harn_tui.errors import ToolError
from harn_tui.events.host import ToolOutput
from harn_tui.foreign_failure import is_foreign_failure
from harn_tui.json_types import JsonObject
from harn_tui.kinds import OutputStream, ToolErrorCategory
from harn_tui.loop.config import LoopConfig
from harn_tui.loop.failure_notice import tell_failure
from harn_tui.loop.state import LoopState, now_ms
from harn_tui.loop.time_limit import run_within, time_limit_of
from harn_tui.sinks.emit import emit
from harn_tui.skills.scope import LOAD_SKILL_NAME
from harn_tui.tools.base import Tool, ToolContext, ToolResult
from harn_tui.tools.long_result import bounded_result

log = logging.getLogger(__name__)

_RETRIED_CATEGORIES = frozenset({ToolErrorCategory.TIMEOUT, ToolErrorCategory.NETWORK})
_MAX_DOUBLINGS = 5


class ToolExecution:
    """The execution of one call; ``run`` it once."""

    def __init__(
        self,
        config: LoopConfig,
        state: LoopState,
        tool: Tool,
        arguments: JsonObject,
        event_id: str,
    ) -> None:
        self._config = config
        self._state = state
        self._tool = tool
        self._arguments = arguments
        self._event_id = event_id
        self.duration_ms: int | None = None
        """How long the tool itself took over all attempts (ODD-21); ``None`` before."""
        self._is_run = False
        # The loop's own tools change what it offers: an answer from a file would not.
        own = (LOAD_SKILL_NAME, state.offered.search_name)
        self._fixtures = None if tool.name in own else config.tool_fixtures

    @property
    def executor(self) -> JsonObject | None:
        """Who ran the call, as events tell it; ``None`` when nobody did."""
        return self._tool.executor_record if self._is_run else None

    async def run(self) -> ToolResult:
        """Return the result; what the tool raises is one too.

        Raises only when the task or the program ends.
        """
        self.duration_ms = 0
        try:
            result = await self._answer()
        except BaseException as error:
            # boundary: a tool's own code; the model is told
            if not is_foreign_failure(error):
                raise
            failure = as_tool_error(self._tool.name, error)
            result = ToolResult(str(failure), ok=False, category=failure.category)
        finally:
            self._state.counters.tool_duration_ms += self.duration_ms
        await self._record(result)
        return await bounded_result(self._tool, result, self._config.output_blobs)

    async def _answer(self) -> ToolResult:
        """Return the recorded result of the call, or else run it and record that."""
        fixtures, name = self._fixtures, self._tool.name
        recorded = fixtures.find(name, self._arguments) if fixtures is not None else None
        if recorded is not None:
            return recorded
        self._is_run = True
        return _checked(self._tool, await self._attempts())

    async def _record(self, result: ToolResult) -> None:
        if self._fixtures is None or not self._is_run:
            return
        try:
            await self._fixtures.record(self._tool.name, self._arguments, result)
        except (OSError, ValueError) as error:
            what = "Recording the results of tools"
            tell_failure(self._state.session_id, what, error, "it is not continued")

    async def _attempts(self) -> object:
        attempt = 0
        while True:
            try:
                return await self._timed_attempt()
            except ToolError as error:
                retryable = error.category in _RETRIED_CATEGORIES
                if not retryable or attempt >= self._config.options.tool_retries:
                    raise
                attempt += 1
                await asyncio.sleep(self._retry_delay_s(attempt))

    async def _timed_attempt(self) -> object:
        started_ms = now_ms()
        try:
            return await self._attempt()
        finally:
            self.duration_ms = (self.duration_ms or 0) + now_ms() - started_ms

    async def _attempt(self) -> object:
        output = _AttemptOutput(self._state.session_id, self._event_id)
        context = ToolContext(
            session_id=self._state.session_id,
            cwd=self._config.cwd,
            workspace_roots=self._config.workspace_roots,
            on_output=output.emit,
            tool_call_id=self._event_id,
        )
        limit_s = time_limit_of(self._tool, self._config.options)

        async def run() -> object:
            return await self._tool.run(self._arguments, context)

        try:
            return await run_within(run(), limit_s, tool_name=self._tool.name)
        finally:
            output.close()

    def _retry_delay_s(self, attempt: int) -> float:
        base_ms = self._config.options.tool_backoff_ms
        return float(base_ms * 2 ** min(attempt - 1, _MAX_DOUBLINGS)) / 1000


class _AttemptOutput:
    """The live output of one attempt; what comes after its end is dropped."""

    def __init__(self, session_id: str, event_id: str) -> None:
        self._session_id = session_id
        self._event_id = event_id
        self._is_open = True

    def emit(self, chunk: str, stream: OutputStream) -> None:
        if self._is_open:
            emit(ToolOutput(self._session_id, self._event_id, chunk, stream))

    def close(self) -> None:
        self._is_open = False


def as_tool_error(tool_name: str, error: BaseException) -> ToolError:
    """Return ``error`` as the model is told of it: a tool's bug is its problem to work around."""
    if isinstance(error, ToolError):
        return error
    log.error("tool raised name=%s", tool_name, exc_info=error)
    return ToolError(f"Error: {tool_name} failed: {str(error) or type(error).__name__}")


def _checked(tool: Tool, result: object) -> ToolResult:
    """Return what a tool returned. Raises ToolError when that is no result."""
    if isinstance(result, ToolResult) and isinstance(result.text, str):
        return result
    raise ToolError(f"Error: {tool.name} returned no result that can be read.")
