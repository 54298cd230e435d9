"""Attaches images to the line in the prompt: dropped, pasted, chosen behind ``@``, by command."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

from harn_tui.console.ports import ConsoleSession
from harn_tui.console.prompt.dropped_paths import dropped_images, is_image_path, written_path
from harn_tui.console.prompt.prompt import Prompt
from harn_tui.console.prompt_ports import ImagesPort
from harn_tui.errors import HarnError
from harn_tui.prompt_lines.mentions import find_mentions
from harn_tui.view.model import SessionView, UserBlock

_NO_SESSION = "The session is not open yet. Attach the image again in a moment."


class Attaching:
    """Puts a token in the place of what names an image, once the session has taken it in.

    What cannot be attached stays as it was typed. ``spawn`` runs a coroutine whose owner ends it
    with the screen; ``tell`` shows a warning to the person.
    """

    def __init__(
        self,
        prompt: Prompt,
        *,
        spawn: Callable[[Coroutine[Any, Any, None]], object],
        tell: Callable[[str], None],
    ) -> None:
        self._prompt = prompt
        self._spawn = spawn
        self._tell = tell
        self._images: ImagesPort | None = None
        self._cwd = Path()
        prompt.on_pasted = self.pasted
        prompt.recall.on_shown = self.take_mentions

    def attach(self, session: ConsoleSession, view: SessionView) -> None:
        """Take the session that keeps the images, and go on with its numbers."""
        self._images, self._cwd = session.prompt_sources.images, session.cwd
        sent = sum(len(b.images) for b in view.blocks if isinstance(b, UserBlock))
        waiting = sum(len(line.images) for line in view.queue)
        self._prompt.tokens.images.begin_at(sent + waiting + 1)

    def pasted(self, text: str) -> None:
        """Attach the images whose paths were pasted, when they are there."""
        paths = dropped_images(text)
        if paths and self._images is not None:
            self._spawn(self._swap(text, paths))

    def chosen(self, mention: str, path: str) -> None:
        """Attach an image that was chosen in the list, in the place of its ``mention``."""
        if is_image_path(path) and self._images is not None:
            self._spawn(self._swap(mention, [path]))

    def take_mentions(self) -> None:
        """Attach the images that a draft or an older line mentions, as it was left."""
        if self._images is None:
            return
        text = self._prompt.text
        for mention in find_mentions(text):
            if mention.first_line is None and is_image_path(mention.target):
                written = text[mention.start : mention.end]
                self._spawn(self._swap(written, [mention.target]))

    def command(self, rest: str) -> None:
        """Attach the image that is named behind ``/image``; without a name, offer the files."""
        if not rest:
            self._prompt.type_in("@")
        elif self._images is None:
            raise HarnError(_NO_SESSION)
        else:
            self._spawn(self._take_command(self._prompt.text, written_path(rest)))

    async def _take_command(self, line: str, path: str) -> None:
        token = await self._token(path)
        if token is not None and self._prompt.text == line:
            self._prompt.past.add(line)
            self._prompt.write_over(f"{token} ")

    async def _swap(self, written: str, paths: Sequence[str]) -> None:
        files = [self._cwd / Path(path) for path in map(os.path.expanduser, paths)]
        if not all([await asyncio.to_thread(os.path.isfile, file) for file in files]):
            return
        tokens = [await self._token(path) for path in paths]
        known = [token for token in tokens if token is not None]
        if len(known) == len(tokens):
            self._prompt.swap(written, " ".join(known))

    async def _token(self, path: str) -> str | None:
        assert self._images is not None
        try:
            image = await self._images.attach(Path(path))
        except HarnError as error:
            self._tell(str(error))
            return None
        return self._prompt.tokens.images.add(image, path)
