"""What a person is told when a session opens."""

from collections.abc import Iterator

from harn_tui.events.host import Notice, QuestionAsked
from harn_tui.kinds import NoticeLevel
from harn_tui.session.parts import SessionParts
from harn_tui.store.lost_requests import OpenRequest


def opening_notices(parts: SessionParts) -> Iterator[Notice]:
    """Yield the greeting of a new session, its warnings, and what a restart lost."""
    if parts.greeting is not None and not parts.past.records:
        yield Notice(parts.session_id, NoticeLevel.INFO, parts.greeting)
    for warning in (*parts.warnings, *map(_lost, parts.past.lost_requests)):
        yield Notice(parts.session_id, NoticeLevel.WARNING, warning)


def _lost(request: OpenRequest) -> str:
    asker = "" if request.source is None else f" of the agent {request.source}"
    if isinstance(request, QuestionAsked):
        return (
            f"This question{asker} still waited for an answer when the session ended: "
            f"{request.question}"
        )
    return (
        f"This call{asker} still waited for an answer when the session ended, so it was not run: "
        f"{request.tool_name}: {request.summary}"
    )
