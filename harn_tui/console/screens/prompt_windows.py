"""What takes the prompt's place for a moment: the search of its history, the person's editor."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine
from typing import Any

from harn_tui.console.actions import key_of
from harn_tui.console.prompt.prompt import Prompt
from harn_tui.console.screens.performing import PerformingScreen
from harn_tui.console.startup import load_editing, load_history_search
from harn_tui.errors import HarnError

_TOO_QUICK_S = 0.5
"""An editor that ended sooner, and changed nothing, has a window of its own somewhere."""
_LARGEST_UNFOLDED = 50_000


class PromptWindows:
    """``spawn`` runs a coroutine whose owner ends it with the screen.

    ``tell`` shows a warning to the person, ``confirm`` what was done.
    """

    def __init__(
        self,
        screen: PerformingScreen,
        prompt: Prompt,
        *,
        spawn: Callable[[Coroutine[Any, Any, None]], object],
        tell: Callable[[str], None],
        confirm: Callable[[str], None],
    ) -> None:
        self._screen = screen
        self._prompt = prompt
        self._spawn = spawn
        self._tell = tell
        self._confirm = confirm
        self._is_open = False

    def commands(self) -> dict[str, Callable[[], object]]:
        """Return what the keys call."""
        return {
            "search_history": lambda: self._open(self._search()),
            "edit_outside": lambda: self._open(self._edit()),
        }

    def _open(self, window: Coroutine[Any, Any, None]) -> None:
        if self._is_open:
            window.close()
        else:
            self._is_open = True
            self._spawn(self._until_closed(window))

    async def _until_closed(self, window: Coroutine[Any, Any, None]) -> None:
        try:
            await window
        except HarnError as error:
            self._tell(str(error))
        finally:
            self._is_open = False

    async def _search(self) -> None:
        make_screen = await load_history_search()
        entry = await self._screen.app.push_screen_wait(make_screen(self._prompt.past.entries))
        self._prompt.focus()
        if entry is not None:
            self._prompt.recall.take(entry)

    async def _edit(self) -> None:
        prompt, loop = self._prompt, asyncio.get_running_loop()
        parts = await load_editing()
        command = await asyncio.to_thread(parts.editor_command, os.environ)
        shown, text = prompt.text, prompt.real_text
        began_at = loop.time()
        edited = await parts.edit(
            text, command, lambda words: parts.run_in_terminal(self._screen.app, words)
        )
        prompt.focus()
        name = os.path.basename(command[0])  # noqa: PTH119 - a word of a command line
        if edited.exit_code != 0:
            if edited.text not in (text, ""):
                prompt.past.add(edited.text)
            ending = parts.ending_words(edited.exit_code)
            self._tell(f"{name} {ending}: the draft is as it was.")
        elif edited.text == text:
            if loop.time() - began_at < _TOO_QUICK_S:
                self._confirm(f"{name} changed nothing. Has it an argument to wait with?")
        elif prompt.text != shown:
            prompt.past.add(edited.text)
            self._tell("The prompt has changed meanwhile: Up brings what you wrote.")
        else:
            self._take(edited.text, is_utf8=edited.is_utf8)

    def _take(self, text: str, *, is_utf8: bool) -> None:
        prompt = self._prompt
        if not text:
            prompt.clear_draft()
            self._confirm(f"The editor left nothing. {key_of('undo')} brings the draft back.")
        elif len(text) > _LARGEST_UNFOLDED:
            prompt.put(text)
        else:
            prompt.write_over(prompt.tokens.pastes.refold(text, prompt.text))
        if not is_utf8:
            self._tell("Some of what the editor wrote is no UTF-8; it is marked by \ufffd.")
