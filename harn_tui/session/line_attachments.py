"""Finds what a person's line mentions: files and folders of the workspace, resources of servers.

A mention is the person's own consent, so nobody is asked. It reaches no further than the
workspace, what a rule denies to ``read_file`` stays denied, and what it cannot attach it says.
"""

import asyncio
from pathlib import Path

from harn_tui.errors import HarnError, ToolError
from harn_tui.feedback.attachments import Attachments
from harn_tui.feedback.item import AttachedImage
from harn_tui.kinds import PermissionVerdict
from harn_tui.permissions.annotations import CallAnnotations
from harn_tui.permissions.call_texts import PermissionCall
from harn_tui.permissions.rules import PermissionRules
from harn_tui.prompt_lines.mentions import Mention, find_mentions
from harn_tui.session.image_file import find_image
from harn_tui.session.images import SessionImages
from harn_tui.tools.attached_file import Attached, fenced, read_attached
from harn_tui.tools.base import ToolContext
from harn_tui.tools.mcp.servers import McpServers
from harn_tui.tools.read_file import READ_FILE

MAX_MENTIONS = 20
MAX_CHARACTERS = 256 * 1024
"""Of all that one line attaches."""


class LineAttachments:
    """Finds attachments for the lines of one session; ``find`` is what its loops call."""

    def __init__(
        self,
        session_id: str,
        cwd: Path,
        workspace_roots: tuple[Path, ...],
        mcp_servers: McpServers | None,
        permissions: PermissionRules,
        images: SessionImages | None = None,
    ) -> None:
        self._context = ToolContext(session_id, cwd, workspace_roots, lambda _text, _stream: None)
        self._servers = mcp_servers
        self._permissions = permissions
        self._images = images

    async def find(self, text: str) -> Attachments:
        """Return what ``text`` mentions; each thing once, in the order of the mentions."""
        if "@" not in text:
            return Attachments()
        mentions = {m.whole: m for m in await asyncio.to_thread(find_mentions, text)}
        blocks: list[str] = []
        names: list[str] = []
        problems: list[str] = []
        images: list[AttachedImage] = []
        room = MAX_CHARACTERS
        for mention in list(mentions.values()):
            if len(names) == MAX_MENTIONS:
                problems.append(
                    f"Only the first {MAX_MENTIONS} mentions of a line are attached; "
                    f"@{mention.whole} and what follows are not."
                )
                break
            try:
                found = await self._read(mention)
            except HarnError as error:
                problems.append(f"Not attached: @{mention.whole}. {error}")
                continue
            if found is None:
                continue
            if isinstance(found, AttachedImage):
                images.append(found)
                names.append(found.name)
                continue
            if len(found.text) > room:
                problems.append(f"Not attached: @{mention.whole}. The line attaches too much.")
                continue
            room -= len(found.text)
            blocks.append(fenced(found.name, found.text))
            names.append(found.name)
        return Attachments("\n\n".join(blocks), tuple(names), tuple(problems), tuple(images))

    async def _read(self, mention: Mention) -> Attached | AttachedImage | None:
        server, colon, uri = mention.whole.partition(":")
        if colon and uri and self._servers is not None and self._servers.has(server):
            return Attached(f"{server}:{uri}", await self._servers.read_resource(server, uri))
        found = await asyncio.to_thread(self._read_file, mention)
        if isinstance(found, Path):
            assert self._images is not None
            return await self._images.attach(found)
        if found is None and (mention.is_quoted or mention.first_line is not None):
            raise ToolError(f"There is no {mention.target} in the workspace.")
        return found

    def _read_file(self, mention: Mention) -> Attached | Path | None:
        """Return what a file or folder attaches; the path itself when it is an image."""
        lines = mention.first_line, mention.last_line
        image = find_image(self._context, mention.target) if self._images is not None else None
        found = image or read_attached(self._context, mention.target, *lines)
        call = PermissionCall(
            READ_FILE.name, {"path": mention.target}, ("path",), self._context.cwd
        )
        verdict = self._permissions.decide_call(call, CallAnnotations(READ_FILE.annotations.kind))
        if found is not None and verdict.verdict is PermissionVerdict.DENY:
            raise ToolError(f"Reading it is {verdict.reason}.")
        return found
