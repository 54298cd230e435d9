"""Puts vim mode on the prompt and takes it off, as the setting says."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from harn_tui.console.prompt.prompt import Prompt
from harn_tui.console.startup import load_vim


class VimSwitch:
    """``say_mode`` shows a mode, nothing for none; ``close_list`` hides what is offered."""

    def __init__(
        self,
        prompt: Prompt,
        *,
        spawn: Callable[[Coroutine[Any, Any, None]], object],
        say_mode: Callable[[str], object],
        search_history: Callable[[], object],
        close_list: Callable[[], object],
    ) -> None:
        self._prompt = prompt
        self._spawn = spawn
        self._say_mode = say_mode
        self._search_history = search_history
        self._close_list = close_list
        self._is_wanted = False

    def turn(self, is_on: bool) -> None:
        """Have the mode on or off; it is imported when it is first wanted."""
        self._is_wanted = is_on
        if is_on:
            self._spawn(self._load())
        elif self._prompt.vim is not None:
            self._prompt.vim = None
            self._say_mode("")

    async def _load(self) -> None:
        make = await load_vim()
        if self._is_wanted and self._prompt.vim is None:
            self._prompt.vim = make(
                self._prompt, say_mode=self._show, search_history=self._search_history
            )

    def _show(self, mode: str) -> None:
        self._close_list()
        self._say_mode(mode)
