"""Ends a command together with everything that it started."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Iterable

from harn_tui.tools.process_table import ProcessRow, has_variable, running_processes

TERM_GRACE_S = 1.0
KILL_WAIT_S = 2.0
_FIRST_POLL_S = 0.01
_LONGEST_POLL_S = 0.1


class ProcessTree:
    """The processes that stem from a child that leads its own process session.

    Members are the processes of its group and session and all their descendants, found by
    looking at the process table. A daemon that left the session and whose parent has ended is
    found by ``marker``, an assignment in the environment that only this tree has; without one,
    or where the system does not tell, it is not. ``is_wrapped`` says that the root is a sandbox
    that ends everything in it when it ends itself: it and its child are asked last.
    """

    def __init__(
        self, root_pid: int, *, marker: bytes | None = None, is_wrapped: bool = False
    ) -> None:
        self._root_pid = root_pid
        self._marker = marker
        self._is_wrapped = is_wrapped
        self._seen: set[tuple[int, str]] = set()
        self.ended_pids: tuple[int, ...] = ()
        self.surviving_pids: tuple[int, ...] = ()
        self._is_gone = False

    async def wait_until_gone(self) -> None:
        """Wait until no member runs any more; once none does, none can appear."""
        pause_s = _FIRST_POLL_S
        while not self._is_gone:
            self._is_gone = not await self._members()
            if not self._is_gone:
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, _LONGEST_POLL_S)

    async def cpu_ms(self) -> int | None:
        """Return the processor time that the members have used, ``None`` where nobody tells."""
        used = [row.cpu_ms for row in await asyncio.to_thread(self._look)]
        known = [time for time in used if time is not None]
        return sum(known) if known else None

    async def end(self) -> None:
        """Send TERM to all members, KILL to what is left after a grace; wait until all are gone.

        Fills ``ended_pids`` with the members that ran when it was called or appeared since, and
        ``surviving_pids`` with those that even KILL did not end in time (stuck in the kernel).
        """
        members = [] if self._is_gone else await self._members()
        if not members:
            return
        self._seen = {row.identity for row in members}
        left = await self._signal_until_gone(members, signal.SIGTERM, TERM_GRACE_S, again=False)
        if left:
            left = await self._signal_until_gone(left, signal.SIGKILL, KILL_WAIT_S, again=True)
        self.surviving_pids = tuple(sorted(row.pid for row in left))
        seen = {pid for pid, _ in self._seen} - set(self.surviving_pids)
        self.ended_pids = tuple(sorted(seen))

    async def _signal_until_gone(
        self, members: list[ProcessRow], number: signal.Signals, patience_s: float, *, again: bool
    ) -> list[ProcessRow]:
        """Signal ``members`` once, or at every look, and return those left at the end."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + patience_s
        pause_s = _FIRST_POLL_S
        self._signal([row for row in members if again or not self._is_wrapper(row)], number)
        while members and loop.time() < deadline:
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, _LONGEST_POLL_S)
            members = await self._members()
            if again:
                self._signal(members, number)
        return members

    def _signal(self, members: Iterable[ProcessRow], number: signal.Signals) -> None:
        for row in members:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(row.pid, number)
                os.kill(row.pid, signal.SIGCONT)  # a stopped process could not react to TERM

    async def _members(self) -> list[ProcessRow]:
        members = await asyncio.to_thread(self._look)
        self._seen |= {row.identity for row in members}
        return members

    def _look(self) -> list[ProcessRow]:
        rows = running_processes()
        members = [row for row in rows if self._belongs(row)]
        pids = {row.pid for row in members}
        rest = [row for row in rows if row.pid not in pids]
        while children := [row for row in rest if row.parent_pid in pids]:
            members += children
            pids |= {row.pid for row in children}
            rest = [row for row in rest if row.pid not in pids]
        return members

    def _belongs(self, row: ProcessRow) -> bool:
        if self._root_pid in {row.group_id, row.session_id} or row.identity in self._seen:
            return True
        return self._marker is not None and has_variable(row.pid, self._marker)

    def _is_wrapper(self, row: ProcessRow) -> bool:
        return self._is_wrapped and self._root_pid in {row.pid, row.parent_pid}


async def end_and_reap(tree: ProcessTree, exited: asyncio.Task[int]) -> None:
    """End ``tree`` and await ``exited``, the wait for its root, unless that cannot be ended."""
    await tree.end()
    if tree.surviving_pids:
        exited.cancel()
    await asyncio.wait({exited})
