"""What the parts of the transcript that a person moves in have in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from harn_tui.console.transcript.document import Document
from harn_tui.console.transcript.viewport import Screenful, Viewport


@dataclass(slots=True)
class Scene:
    """The document, the window on it, and the rows that were last in view.

    ``redraw`` draws what is in view again. ``later`` calls a function once, so many seconds on.
    """

    document: Document
    viewport: Viewport
    redraw: Callable[[], None]
    later: Callable[[float, Callable[[], None]], object]
    screenful: Screenful = field(default_factory=Screenful)
