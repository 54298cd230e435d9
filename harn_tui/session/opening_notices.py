"""What a person is told when a session opens."""

from collections.abc import Iterator

from harn_tui.events.host import Notice, PermissionRequest
from harn_tui.kinds import NoticeLevel
from harn_tui.session.parts import SessionParts


def opening_notices(parts: SessionParts) -> Iterator[Notice]:
    """Yield the greeting of a new session, its warnings, and which approvals a restart lost."""
    if parts.greeting is not None and not parts.past.records:
        yield Notice(parts.session_id, NoticeLevel.INFO, parts.greeting)
    for warning in (*parts.warnings, *map(_lost, parts.past.lost_requests)):
        yield Notice(parts.session_id, NoticeLevel.WARNING, warning)


def _lost(request: PermissionRequest) -> str:
    asker = "" if request.source is None else f" of the agent {request.source}"
    return (
        f"This call{asker} still waited for an answer when the session ended, so it was not run: "
        f"{request.tool_name}: {request.summary}"
    )
