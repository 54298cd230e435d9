"""Runs the commands of a person: shown like a call, told to the model with its next request."""

import asyncio
import logging
import time
from pathlib import Path

from harn_tui.errors import HarnError, ToolError
from harn_tui.events.agent import ToolCall, ToolCallUpdate
from harn_tui.events.host import ToolOutput
from harn_tui.feedback.queue import FeedbackQueue
from harn_tui.ids import new_person_command_id
from harn_tui.json_types import JsonObject
from harn_tui.kinds import (
    PERSON_COMMAND,
    OutputStream,
    ToolCallStatus,
    ToolErrorCategory,
    ToolKind,
)
from harn_tui.sinks.emit import emit
from harn_tui.tools.base import ToolContext, ToolResult
from harn_tui.tools.run_command import run_command_tool
from harn_tui.tools.running_command import CommandServices

log = logging.getLogger(__name__)

MOST_AT_ONCE = 4
_STOPPED = "The person stopped it."


class PersonCommands:
    """The ``!`` lines of one session. They run as ``run_command`` does, in its sandbox and limits.

    Nobody is asked: the person is who would be. They belong to no run and end with the session.
    """

    def __init__(
        self,
        session_id: str,
        cwd: Path,
        workspace_roots: tuple[Path, ...],
        services: CommandServices,
        feedback: FeedbackQueue,
    ) -> None:
        self.is_used = False
        """Whether a command was ever run, so that there is something to keep of the session."""
        self._session_id = session_id
        self._cwd = cwd
        self._roots = workspace_roots
        self._tool = run_command_tool(services)
        self._feedback = feedback
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_closed = False

    @property
    def is_running(self) -> bool:
        """Whether a command runs."""
        return bool(self._tasks)

    def run(self, command: str) -> None:
        """Start ``command`` and return at once. Raises HarnError when too many run already."""
        if self._is_closed:
            raise HarnError("The session is closed.", hint="Take it up again with --continue.")
        if len(self._tasks) >= MOST_AT_ONCE:
            raise HarnError(f"{MOST_AT_ONCE} of your commands run already.", hint="Esc stops them.")
        self.is_used = True
        task = asyncio.create_task(self._run(command), name="command of the person")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def stop(self) -> bool:
        """End the commands that run; false when there are none."""
        for task in self._tasks:
            task.cancel()
        return self.is_running

    async def close(self) -> None:
        """End what runs and wait for its end."""
        self._is_closed = True
        self.stop()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _run(self, command: str) -> None:
        call = _CommandRow(self._session_id, command)
        context = ToolContext(
            self._session_id, self._cwd, self._roots, call.show_output, call.call_id
        )
        try:
            result = await self._tool.run({"command": command}, context)
        except asyncio.CancelledError:
            call.fail(_STOPPED, ToolErrorCategory.CANCELLED)
            self._tell_model(command, _STOPPED)
            raise
        except ToolError as error:
            call.fail(str(error), error.category)
            self._tell_model(command, str(error))
        except Exception as error:
            # boundary: a bug in a command must not leave its row running for ever
            log.exception("command of the person failed session_id=%s", self._session_id)
            call.fail(f"Internal error: {error}. See the log file.", ToolErrorCategory.TOOL_ERROR)
        else:
            call.end(result)
            self._tell_model(command, result.text)

    def _tell_model(self, command: str, text: str) -> None:
        content = f"The person ran a command themselves:\n$ {command}\n{text}"
        self._feedback.push(self._session_id, PERSON_COMMAND, content)


class _CommandRow:
    """The events of one command."""

    def __init__(self, session_id: str, command: str) -> None:
        self.call_id = new_person_command_id()
        self._session_id = session_id
        self._began_s = time.monotonic()
        arguments: JsonObject = {"command": command}
        emit(
            ToolCall(
                session_id=session_id,
                tool_call_id=self.call_id,
                tool_name=PERSON_COMMAND,
                kind=ToolKind.EXECUTE,
                status=ToolCallStatus.IN_PROGRESS,
                raw_input=arguments,
            )
        )

    def show_output(self, chunk: str, stream: OutputStream) -> None:
        """Show live output."""
        emit(ToolOutput(self._session_id, self.call_id, chunk, stream))

    def end(self, result: ToolResult) -> None:
        """Tell how the command ended."""
        output: JsonObject = {"text": result.text, "tool_use_id": self.call_id}
        if result.details:
            output["details"] = result.details
        if result.ok:
            self._emit_end(ToolCallStatus.COMPLETED, output)
        else:
            error = result.text.rpartition("\n")[2]
            self._emit_end(ToolCallStatus.FAILED, output, error, result.category)

    def fail(self, error: str, category: ToolErrorCategory) -> None:
        """Tell why there is no result."""
        self._emit_end(ToolCallStatus.FAILED, None, error, category)

    def _emit_end(
        self,
        status: ToolCallStatus,
        output: JsonObject | None,
        error: str | None = None,
        category: ToolErrorCategory | None = None,
    ) -> None:
        duration_ms = round((time.monotonic() - self._began_s) * 1000)
        emit(
            ToolCallUpdate(
                session_id=self._session_id,
                tool_call_id=self.call_id,
                tool_name=PERSON_COMMAND,
                status=status,
                raw_output=output,
                error=error,
                duration_ms=duration_ms,
                execution_duration_ms=duration_ms,
                error_category=category,
            )
        )
