"""Pens, engines and documents without an app; the app that hosts only the transcript."""

from collections.abc import Callable, Sequence

import pytest
from rich.style import Style

from harn_tui.console.transcript.document import Document
from harn_tui.console.transcript.engines import Engines
from harn_tui.console.transcript.loaded_engines import load_engines
from harn_tui.console.transcript.palette import Palette
from harn_tui.console.transcript.pen import Pen
from harn_tui.console.transcript.roles import Role
from harn_tui.console.transcript.viewport import Viewport
from harn_tui.view.model import Block
from tests.support.quick_pilot import use_short_steps

use_short_steps()

MakePen = Callable[..., Pen]
MakeViewport = Callable[..., Viewport]


@pytest.fixture(scope="session")
def engines() -> Engines:
    return load_engines()


@pytest.fixture(scope="session")
def palette() -> Palette:
    """A palette in which every role has a colour of its own."""
    return Palette({role: Style(color=f"color({number + 16})") for number, role in enumerate(Role)})


@pytest.fixture
def make_pen(engines: Engines, palette: Palette) -> MakePen:
    def make(width: int = 60, *, is_plain: bool = False) -> Pen:
        return Pen(width, palette, Engines() if is_plain else engines)

    return make


@pytest.fixture
def make_viewport(make_pen: MakePen) -> MakeViewport:
    def make(blocks: Sequence[Block], width: int = 60, height: int = 10) -> Viewport:
        document = Document(make_pen(width))
        document.attach(blocks)
        viewport = Viewport(document)
        viewport.height = height
        viewport.compose()
        return viewport

    return make
