"""Nested loops of a stored session: each has a session of its own beside its parent's."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from harn_tui.events.host import SessionStart
from harn_tui.ids import new_session_id
from harn_tui.loop.cancellation import to_its_end
from harn_tui.loop.config import LoopConfig
from harn_tui.loop.sub_agents.agent_request import AgentRequest
from harn_tui.loop.sub_agents.host import ChildLoop
from harn_tui.session.opened_files import OpenedFiles, SessionOrigin, open_files
from harn_tui.sinks.emit import emit
from harn_tui.sinks.scope import loop_sink
from harn_tui.store.lock import SessionLock
from harn_tui.store.session_folder import create_session_folder


class ChildSessions:
    """Stores nested loops in ``directory``, the folder of all sessions.

    Each gets a folder, a log and a journal of its own. It is listed and replayed like any
    session, and can be taken up again when the nested loop has ended.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._opening = asyncio.Lock()

    @asynccontextmanager
    async def open_child(
        self, parent: LoopConfig, inherited: LoopConfig, request: AgentRequest
    ) -> AsyncIterator[ChildLoop]:
        """Open a session for the nested loop; lines that it leaves waiting stay journalled.

        Raises StoreError when it cannot be made, and when the end of its log cannot be written.
        """
        session_id = new_session_id()
        origin = SessionOrigin(inherited.cwd, inherited.model, inherited.provider.name)
        async with self._opening:  # those of one turn begin in the order of their calls
            opening = asyncio.to_thread(self._open, session_id, origin)
            opened, cancellation = await to_its_end(opening, "open agent's session")
        try:
            if cancellation is not None:
                raise cancellation
            _begin(opened, session_id, parent, inherited, request)
            config = replace(inherited, session_id=session_id, feedback=opened.feedback)
            yield ChildLoop(config, opened.recorder)
        finally:
            is_unused = opened.recorder.next_index == 0
            closing = _close(opened, is_empty=is_unused)
            _, cancellation = await to_its_end(closing, "close agent's session")
            if cancellation is not None:
                raise cancellation

    def _open(self, session_id: str, origin: SessionOrigin) -> OpenedFiles:
        folder = create_session_folder(self._directory, session_id)
        return open_files(folder, SessionLock(folder.lock_file), origin)


def _begin(
    opened: OpenedFiles,
    session_id: str,
    parent: LoopConfig,
    inherited: LoopConfig,
    request: AgentRequest,
) -> None:
    """Name the session and write its first event."""
    opened.files.save_title(f"{request.name}: {request.task}")
    with loop_sink(session_id, opened.recorder):
        emit(
            SessionStart(
                session_id=session_id,
                cwd=str(inherited.cwd),
                model=inherited.model,
                provider=inherited.provider.name,
                tool_format=inherited.options.tool_format,
                parent_session_id=parent.session_id,
                worker_name=request.name,
                base_url=_address(inherited),
            )
        )


def _address(inherited: LoopConfig) -> str | None:
    """Return where the provider is that the agent begins with, ``None`` for its usual address."""
    current = None if inherited.current_model is None else inherited.current_model()
    if current is None or current.provider is not inherited.provider:
        return None
    return current.base_url


async def _close(opened: OpenedFiles, *, is_empty: bool) -> None:
    try:
        await opened.recorder.close()
    finally:
        await opened.files.close(is_empty=is_empty)
