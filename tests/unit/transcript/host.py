"""An app that shows the transcript alone, and what a test asks of its screen."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.pilot import Pilot

from harn_tui.console.transcript.loaded_engines import load_engines
from harn_tui.console.transcript.transcript import Transcript
from harn_tui.view.model import Block, SessionView


class HostApp(App[None]):
    """The transcript over the whole screen."""

    CSS = "Transcript { height: 1fr; }"
    ENABLE_COMMAND_PALETTE = False

    def __init__(self) -> None:
        super().__init__()
        self.told: list[Transcript.FoldChanged | Transcript.BlockClicked] = []
        self.unseen: list[int] = []

    def compose(self) -> ComposeResult:
        yield Transcript()

    def on_mount(self) -> None:
        transcript = self.query_one(Transcript)
        self.watch(transcript, "unseen_count", self.note_unseen, init=False)

    def note_unseen(self, count: int) -> None:
        self.unseen.append(count)

    def on_transcript_fold_changed(self, message: Transcript.FoldChanged) -> None:
        self.told.append(message)

    def on_transcript_block_clicked(self, message: Transcript.BlockClicked) -> None:
        self.told.append(message)


class Stage:
    """A shown session: change ``view.blocks``, then call ``update``."""

    def __init__(self, app: HostApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot
        self.view = SessionView()
        self.transcript = app.query_one(Transcript)

    def show(self, *blocks: Block) -> None:
        self.view.blocks = list(blocks)
        self.transcript.show(self.view)

    def update(self, *changed: int) -> None:
        self.transcript.update_blocks(set(changed))

    def append(self, *blocks: Block) -> None:
        """Add blocks and have them drawn."""
        count = len(self.view.blocks)
        self.view.blocks.extend(blocks)
        self.update(*range(count, len(self.view.blocks)))

    def rows(self) -> list[str]:
        """What is in view, without blanks at the ends of rows."""
        region = Region(0, 0, self.transcript.window.width, self.transcript.window.height)
        return [strip.text.rstrip() for strip in self.transcript.render_lines(region)]

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until ``condition`` holds; the test's own time limit ends it."""
        await self.pilot.pause()
        while not condition():
            await self.pilot.pause(0.005)

    async def resize(self, columns: int, rows: int) -> None:
        """Change the size of the terminal, and wait until the transcript has it."""
        await self.pilot.resize_terminal(columns, rows)
        await self.until(lambda: self.transcript.size.height == rows)
        await self.until(lambda: self.transcript.outer_size.width == columns)
        await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        self.transcript.focus()
        await self.pilot.press(*keys)
        await self.pilot.pause()


@asynccontextmanager
async def staged(size: tuple[int, int] = (60, 12)) -> AsyncIterator[Stage]:
    """The transcript on a screen of ``size``, engines loaded."""
    app = HostApp()
    async with app.run_test(size=size) as pilot:
        stage = Stage(app, pilot)
        stage.transcript.use_engines(load_engines())
        yield stage
