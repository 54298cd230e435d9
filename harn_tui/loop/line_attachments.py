"""Attaches to a person's line what it mentions, when it enters the context and not before.

A line that returns to the queue is read again when it is claimed again. Only a person's own
words can mention anything: what the runtime or a tool says never makes the loop read a file.
"""

from harn_tui.events.host import Notice
from harn_tui.feedback.attachments import Attachments
from harn_tui.feedback.item import USER_KIND
from harn_tui.feedback.wrapping import escape_wrappers
from harn_tui.json_types import JsonObject
from harn_tui.kinds import NoticeLevel
from harn_tui.loop.config import LoopConfig
from harn_tui.loop.state import LoopState
from harn_tui.sinks.emit import emit


async def find_attachments(config: LoopConfig, kind: str, content: str) -> Attachments:
    """Return what a line of feedback of ``kind`` brings with it."""
    if config.find_attachments is None or kind != USER_KIND:
        return Attachments()
    return await config.find_attachments(content)


def attach(message: JsonObject, found: Attachments) -> None:
    """Put what was found behind the words of ``message``."""
    if found.text:
        words = str(message["content"])
        message["content"] = f"{words}\n\n{escape_wrappers(found.text)}"
        message["attached_at"] = len(words)
    if found.images:
        already = message.get("images")
        listed = already if isinstance(already, list) else []
        message["images"] = [*listed, *(image.as_json() for image in found.images)]


def tell_attachments(state: LoopState, found: Attachments) -> None:
    """Tell the person what was attached, and what could not be."""
    if found.names:
        emit(Notice(state.session_id, NoticeLevel.INFO, f"Attached: {', '.join(found.names)}."))
    for problem in found.problems:
        emit(Notice(state.session_id, NoticeLevel.WARNING, problem))
