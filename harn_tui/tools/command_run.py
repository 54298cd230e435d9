"""One run of a shell command that somebody waits for: live output, a time limit, its end."""

import asyncio
from collections.abc import Callable

from harn_tui.kinds import OutputStream
from harn_tui.tools.command_start import ShellCommand
from harn_tui.tools.live_output import LiveOutput
from harn_tui.tools.running_command import (
    CommandOutcome,
    CommandServices,
    RunningCommand,
    ended_words,
)


class CommandRun:
    """Runs a command once. Its two streams are one, so live output is all reported as stdout."""

    def __init__(
        self,
        on_output: Callable[[str, OutputStream], None],
        services: CommandServices,
        tool_call_id: str = "",
    ) -> None:
        """``tool_call_id`` names the call that waits for the command."""
        self._live = LiveOutput(on_output)
        self._news = asyncio.Event()
        self._command = RunningCommand(services, self._take)
        self._loads = services.loads
        self._tool_call_id = tool_call_id

    async def run(self, command: ShellCommand, timeout_s: float) -> CommandOutcome:
        """Run ``command`` to its end, or for ``timeout_s`` seconds; leaves no process behind.

        When the task is cancelled the processes are ended first and a line of live output says
        which; the same words are noted on the CancelledError.
        """
        try:
            await self._command.start(command)
            try:
                timed_out = await self._watch_then_end(timeout_s)
            except asyncio.CancelledError as error:
                self._tell_cancelled(error)
                raise
            self._live.flush(final=True)
            return await self._command.outcome(timed_out=timed_out)
        finally:
            await self._command.close()

    async def _watch_then_end(self, timeout_s: float) -> bool:
        try:
            async with self._loads.running(self._tool_call_id, self._command.started.tree):
                return await self._watch(timeout_s)
        finally:
            await self._command.end()

    async def _watch(self, timeout_s: float) -> bool:
        """Pass output on until the shell has ended; return whether the time was up first."""
        exited = self._command.exited
        exited.add_done_callback(lambda _: self._news.set())
        try:
            async with asyncio.timeout(timeout_s):
                while not exited.done():
                    await self._news.wait()
                    self._news.clear()
                    self._live.flush()
                    await asyncio.wait({exited}, timeout=self._live.pause_s)
        except TimeoutError:
            return True
        await self._command.take_late_output()
        return False

    def _take(self, data: bytes) -> None:
        self._live.feed(data)
        self._news.set()

    def _tell_cancelled(self, error: asyncio.CancelledError) -> None:
        self._live.flush(final=True)
        tree = self._command.started.tree
        words = f"[stopped; {ended_words(tree.ended_pids, tree.surviving_pids)}]"
        self._live.say(words)
        error.add_note(words)
