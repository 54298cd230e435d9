"""All long-running commands of a program, by session: the one owner that ends them."""

import asyncio
import itertools
import json
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from harn_tui.errors import ToolError
from harn_tui.ids import command_handle_id, command_id
from harn_tui.kinds import TOOL_RESULT_KIND, CommandStatus
from harn_tui.tools.command_job import CommandJob, JobIds
from harn_tui.tools.command_start import ShellCommand
from harn_tui.tools.running_command import CommandServices

MAX_RUNNING = 8
MAX_REMEMBERED = 32

log = logging.getLogger(__name__)


def _now() -> datetime:
    return datetime.now(UTC)


class CommandJobs:
    """Starts, finds and ends commands that go on while the model does something else.

    ``push_feedback`` gets session id, kind and content when one has ended by itself: the kind
    ``tool_result`` and a JSON object as text. A session may have ``MAX_RUNNING`` at a time; of
    those that have ended the newest ``MAX_REMEMBERED`` can still be polled.
    """

    def __init__(
        self,
        push_feedback: Callable[[str, str, str], object],
        services: CommandServices,
        *,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._push_feedback = push_feedback
        self._services = services
        self._clock = clock
        self._numbers = itertools.count(1)
        self._jobs: dict[str, dict[str, CommandJob]] = {}

    @property
    def confinement(self) -> Callable[[], Awaitable[str]] | None:
        """What says whether a sandbox will hold a command; ``None`` where there is none to ask."""
        return self._services.confinement

    async def start(
        self, session_id: str, command: ShellCommand, timeout_s: float | None = None
    ) -> CommandJob:
        """Start ``command`` and return once it runs; it is ended after ``timeout_s`` seconds.

        Raises ToolError when it cannot be started or when too many run.
        """
        jobs = self._jobs.setdefault(session_id, {})
        self._refuse_too_many(jobs)
        number = next(self._numbers)
        job = CommandJob(
            JobIds(command_id(number), command_handle_id(number)),
            command,
            self._services,
            timeout_s=timeout_s,
            clock=self._clock,
            on_end=lambda ended: self._tell(session_id, ended),
        )
        jobs[job.ids.handle_id] = job
        try:
            await job.wait_started()
        except BaseException:
            jobs.pop(job.ids.handle_id, None)
            raise
        _forget_oldest(jobs)
        return job

    def find(self, session_id: str, handle_id: str) -> CommandJob:
        """Return the session's command with this handle. Raises ToolError when it has none."""
        jobs = self._jobs.get(session_id, {})
        if handle_id in jobs:
            return jobs[handle_id]
        known = ", ".join(jobs) or "none"
        raise ToolError(
            f"There is no long-running command with the handle {handle_id!r}.",
            hint=f"Handles of this run: {known}. All commands end when a run ends.",
        )

    @property
    def is_any_running(self) -> bool:
        """Whether a command of any session goes on."""
        every = (job for jobs in self._jobs.values() for job in jobs.values())
        return any(job.status is CommandStatus.RUNNING for job in every)

    async def end(self, session_id: str) -> None:
        """End and forget every command of the session: a hook for the end of its runs."""
        jobs = self._jobs.pop(session_id, {})
        await asyncio.gather(*(job.stop() for job in jobs.values()))

    async def close(self) -> None:
        """End every command of every session."""
        for session_id in list(self._jobs):
            await self.end(session_id)

    def _refuse_too_many(self, jobs: dict[str, CommandJob]) -> None:
        running = [key for key, job in jobs.items() if job.status is CommandStatus.RUNNING]
        if len(running) >= MAX_RUNNING:
            raise ToolError(
                f"{MAX_RUNNING} long-running commands run already: {', '.join(running)}.",
                hint="Stop one of them with stop_command first.",
            )

    def _tell(self, session_id: str, job: CommandJob) -> None:
        content = json.dumps(job.as_json(), ensure_ascii=False)
        try:
            self._push_feedback(session_id, TOOL_RESULT_KIND, content)
        except Exception:
            # boundary: whoever listens must not turn a command that ended well into a failed task
            log.exception("feedback of a command failed handle=%s", job.ids.handle_id)


def _forget_oldest(jobs: dict[str, CommandJob]) -> None:
    ended = [key for key, job in jobs.items() if job.status is not CommandStatus.RUNNING]
    for key in ended[: max(0, len(ended) - MAX_REMEMBERED)]:
        del jobs[key]
