"""Lets a person choose the model that the next calls go to: from a list, or by its name."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from textual.screen import Screen

from harn_tui.console.model_ports import ModelsPort
from harn_tui.console.startup import load_model_picker
from harn_tui.errors import HarnError
from harn_tui.view.model import SessionView

_TOO_EARLY = "The session is not open yet."


class ModelSwitching:
    """What the key, the palette and ``/model`` do.

    ``spawn`` runs a coroutine whose owner ends it with the screen. ``tell`` shows a warning to
    the person, ``confirm`` what was done.
    """

    def __init__(
        self,
        screen: Screen[Any],
        *,
        spawn: Callable[[Coroutine[Any, Any, None]], object],
        tell: Callable[[str], None],
        confirm: Callable[[str], None],
    ) -> None:
        self._screen = screen
        self._spawn = spawn
        self._tell = tell
        self._confirm = confirm
        self._models: ModelsPort[Any] | None = None
        self._view = SessionView()

    def attach(self, models: ModelsPort[Any], view: SessionView) -> None:
        """Take the models of the session, and its view."""
        self._models, self._view = models, view

    def commands(self) -> dict[str, Callable[[], object]]:
        """Return what the action calls."""
        return {"switch_model": self._pick}

    def name_it(self, words: str) -> None:
        """Go over to the model that ``words`` name. Raises HarnError before there is a session."""
        if self._models is None:
            raise HarnError(_TOO_EARLY, hint="Press Enter again in a moment.")
        self._confirm(f"Looking for {words}…")
        self._spawn(self._tell_outcome(self._models.switch_to(words)))

    def _pick(self) -> None:
        if self._models is None:
            self._tell(_TOO_EARLY)
        else:
            self._spawn(self._choose(self._models))

    async def _choose(self, models: ModelsPort[Any]) -> None:
        make_picker = await load_model_picker()
        in_use = (self._view.provider or models.provider_name, self._view.model or models.model)
        picker = make_picker(models, in_use, self._view.next_model)
        chosen = await self._screen.app.push_screen_wait(picker)
        if chosen is not None:
            await self._tell_outcome(models.switch(*chosen))

    async def _tell_outcome(self, switching: Coroutine[Any, Any, str]) -> None:
        try:
            self._confirm(await switching)
        except HarnError as error:
            self._confirm("")
            self._tell(str(error))
