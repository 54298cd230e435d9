"""What the app knows of its screens without reading in what they are made of."""

from __future__ import annotations

from textual.screen import Screen

from harn_tui.console.action import Scope
from harn_tui.console.dirty_compositor import DirtyCompositor


class ScopedScreen(Screen[None]):
    """A screen with keys of the table of actions: those of ``SCOPES``."""

    SCOPES: tuple[Scope, ...] = ()

    def __init__(self) -> None:
        super().__init__()
        self._compositor = DirtyCompositor()
