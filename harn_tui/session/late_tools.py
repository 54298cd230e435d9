"""Looks at the tools that come while a session is open, as those it began with were looked at."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from harn_tui.events.host import Notice
from harn_tui.kinds import NoticeLevel
from harn_tui.sinks.emit import emit
from harn_tui.tools.base import Tool

CheckTools: TypeAlias = Callable[[Sequence[Tool]], tuple[str, ...]]
"""Returns what is odd about tools beside the session's own; called in a thread."""

MOST_TOLD: Final = 3
"""Findings that one notice tells in full."""


class LateTools:
    """Checks tools beside the loop, one look at a time, and tells each finding once."""

    def __init__(self, session_id: str, check: CheckTools) -> None:
        self._session_id = session_id
        self._check = check
        self._told: set[str] = set()
        self._waiting: Sequence[Tool] | None = None
        self._task: asyncio.Task[None] | None = None

    def look(self, tools: Sequence[Tool]) -> None:
        """Begin to look at ``tools``, or do so after the look that is under way."""
        self._waiting = tools
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._look(), name=f"tools {self._session_id}")

    async def finish(self) -> None:
        """Wait for the look that is under way; it takes milliseconds."""
        if self._task is not None:
            await self._task

    async def _look(self) -> None:
        while self._waiting is not None:
            tools, self._waiting = self._waiting, None
            self._tell(await asyncio.to_thread(self._check, tools))

    def _tell(self, findings: tuple[str, ...]) -> None:
        new = [finding for finding in findings if finding not in self._told]
        if not new:
            return
        self._told.update(new)
        more = len(new) - MOST_TOLD
        rest = [f"and {more} more, which the program's log has"] if more > 0 else []
        text = "; ".join([*new[:MOST_TOLD], *rest])
        emit(Notice(self._session_id, NoticeLevel.WARNING, f"Tools of MCP servers: {text}."))
