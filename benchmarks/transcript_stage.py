"""One case of the transcript benchmark: a program of its own that writes one figure to a file.

Runs Textual's real driver, stepped frame by frame as fast as frames are painted, and measures the
CPU time of the process, so that a figure has no idle time in it.
"""

import asyncio
import signal
import statistics
import sys
import time
import tracemalloc
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Markdown

from benchmarks.transcript_texts import text_of
from harn_tui.console.transcript.loaded_engines import load_engines
from harn_tui.console.transcript.transcript import Transcript
from harn_tui.kinds import ToolCallStatus, ToolKind
from harn_tui.view.model import AssistantBlock, Block, SessionView, ToolBlock

CHARS_PER_TOKEN = 4
CHARS_PER_FRAME = 7 * CHARS_PER_TOKEN
"""200 tokens a second at 30 frames a second."""

LINES_PER_BLOCK = 25
"""Lines before and after the hit in a block of the search."""

CHARS_OF_LINES, LINES_OF_CHARS = 375, 5
"""So many characters of a mixed text are drawn in at least so many lines of 120 cells."""

MEASURED_CHARS = 1000 * CHARS_PER_TOKEN


@dataclass(frozen=True)
class Stage:
    """The app of one case, and what the case is about."""

    app: "StageApp"
    kind: str
    amount: int

    @property
    def transcript(self) -> Transcript:
        """The transcript on the screen."""
        return self.app.query_one(Transcript)

    async def painted(self) -> None:
        """Wait until what was changed is on the screen."""
        done = asyncio.Event()
        self.app.screen.children[0].call_after_refresh(done.set)
        await done.wait()


class StageApp(App[float]):
    """Hosts the transcript alone, or the widget that it is compared with."""

    CSS = "Transcript, VerticalScroll { height: 1fr; }"
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, case: str, kind: str, amount: int) -> None:
        super().__init__()
        self._case = case
        self._stage = Stage(self, kind, amount)

    def compose(self) -> ComposeResult:
        """Yield the one widget."""
        if self._case == "markdown":
            with VerticalScroll():
                yield Markdown()
        else:
            yield Transcript()

    def on_ready(self) -> None:
        """Measure, then end."""
        self.run_worker(self._measure())

    async def _measure(self) -> None:
        if self._case != "markdown":
            self._stage.transcript.use_engines(load_engines())
        self.exit(await CASES[self._case](self._stage))


def _assistant(text: str, *, is_open: bool = False) -> AssistantBlock:
    return AssistantBlock(0, 1, [text], is_open=is_open)


def _show(stage: Stage, blocks: list[Block]) -> SessionView:
    view = SessionView()
    view.blocks = blocks
    stage.transcript.show(view)
    return view


def _session(stage: Stage, chars: int) -> list[Block]:
    return [_assistant(text_of("mixed", chars, seed)) for seed in range(stage.amount)]


def _lines(stage: Stage) -> list[Block]:
    """Return blocks that are ``amount`` lines together, and a few more."""
    return [
        _assistant(text_of("mixed", CHARS_OF_LINES, seed))
        for seed in range(stage.amount // LINES_OF_CHARS)
    ]


async def _stream(stage: Stage) -> float:
    """CPU milliseconds for 1,000 tokens into a message that holds ``amount`` tokens."""
    before = stage.amount * CHARS_PER_TOKEN
    text = text_of(stage.kind, before + MEASURED_CHARS)
    block = _assistant(text[:before], is_open=True)
    _show(stage, [block])
    await stage.painted()
    started = time.process_time()
    for position in range(before, len(text), CHARS_PER_FRAME):
        frame = text[position : position + CHARS_PER_FRAME]
        block.parts.extend(
            frame[at : at + CHARS_PER_TOKEN] for at in range(0, len(frame), CHARS_PER_TOKEN)
        )
        stage.transcript.update_blocks([0])
        await stage.painted()
    return (time.process_time() - started) * 1000


async def _markdown(stage: Stage) -> float:
    """The same with Textual's own Markdown widget and its stream."""
    before = stage.amount * CHARS_PER_TOKEN
    text = text_of(stage.kind, before + MEASURED_CHARS)
    markdown = stage.app.query_one(Markdown)
    scroll: Widget = stage.app.query_one(VerticalScroll)
    scroll.anchor()
    await markdown.append(text[:before])
    await stage.painted()
    stream = Markdown.get_stream(markdown)
    started = time.process_time()
    for position in range(before, len(text), CHARS_PER_FRAME):
        await stream.write(text[position : position + CHARS_PER_FRAME])
        await asyncio.sleep(0)
        await stage.painted()
    await stream.stop()
    return (time.process_time() - started) * 1000


async def _page_up(stage: Stage) -> float:
    """Median CPU milliseconds of a page up among ``amount`` lines."""
    _show(stage, _lines(stage))
    return await _median(stage, lambda _: stage.transcript.action_page_up(), 40)


async def _append(stage: Stage) -> float:
    """Median CPU milliseconds of one more block after ``amount`` lines."""
    view = _show(stage, _lines(stage))

    def append(number: int) -> None:
        view.blocks.append(_assistant(text_of("mixed", 375, number)))
        stage.transcript.update_blocks([len(view.blocks) - 1])

    return await _median(stage, append, 40)


async def _resize(stage: Stage) -> float:
    """Median CPU milliseconds of a change of width with ``amount`` lines."""
    _show(stage, _lines(stage))

    def resize(number: int) -> None:
        stage.transcript.styles.margin = (0, number % 2 * 10, 0, 0)

    return await _median(stage, resize, 20)


async def _fold(stage: Stage) -> float:
    """Median CPU milliseconds of folding a call of 40 lines after ``amount`` lines."""
    blocks = [*_lines(stage), _call(text_of("list", 40 * 60), 0)]
    _show(stage, blocks)
    return await _median(stage, lambda _: stage.transcript.toggle_fold(len(blocks) - 1), 40)


async def _find_next(stage: Stage) -> float:
    """Median CPU milliseconds of going to the next hit among ``amount`` lines."""
    stage_blocks: list[Block] = []
    for number in range(stage.amount // LINES_PER_BLOCK):
        lines = text_of("list", LINES_PER_BLOCK * 60, number)
        stage_blocks.append(_call(f"{lines}\nneedle {number}\n{lines}", number))
    _show(stage, stage_blocks)
    stage.transcript.action_scroll_home()
    finder = stage.transcript.reader.finder
    finder.begin()
    finder.look_for("needle")
    while not finder.state.is_complete:
        await stage.painted()
        await asyncio.sleep(0.001)
    return await _median(stage, lambda _: finder.step(1), 40)


async def _find_typed(stage: Stage) -> float:
    """Median CPU milliseconds of a key in the find line among ``amount`` lines."""
    _show(stage, [_call(text_of("list", 3_000, n), n) for n in range(stage.amount // 50)])
    finder = stage.transcript.reader.finder
    finder.begin()
    return await _median(
        stage, lambda number: finder.look_for("unseen word"[: 1 + number % 11]), 44
    )


def _call(result: str, number: int) -> Block:
    return ToolBlock(
        0, f"call-{number}", "run_command", ToolKind.EXECUTE, ToolCallStatus.COMPLETED,
        arguments={"command": "make"}, result_text=result,
    )  # fmt: skip


async def _memory(stage: Stage) -> float:
    """MB that ``amount`` blocks of 1 kB add above their text, when all were scrolled through."""
    blocks = _session(stage, 1000)
    await stage.painted()
    tracemalloc.start()
    _show(stage, blocks)
    for index in range(0, stage.amount, 20):
        stage.transcript.jump_to(index)
    await stage.painted()
    grown, _ = tracemalloc.get_traced_memory()
    return grown / 1e6


async def _median(stage: Stage, act: Callable[[int], object], times: int) -> float:
    await stage.painted()
    spent = []
    for number in range(times):
        started = time.process_time()
        act(number)
        await stage.painted()
        spent.append((time.process_time() - started) * 1000)
    return statistics.median(spent)


CASES: dict[str, Callable[[Stage], Awaitable[float]]] = {
    "stream": _stream,
    "markdown": _markdown,
    "page_up": _page_up,
    "append": _append,
    "resize": _resize,
    "fold": _fold,
    "find_next": _find_next,
    "find_typed": _find_typed,
    "memory": _memory,
}


def main(case: str, kind: str, amount: str, result: str) -> None:
    """Run one case, write its figure to the file ``result``, and wait to be ended."""
    figure = StageApp(case, kind, int(amount)).run()
    if figure is not None:
        partial = Path(f"{result}.part")
        partial.write_text(f"{figure}", encoding="ascii")
        partial.rename(result)
    print("measured", flush=True)
    signal.pause()


if __name__ == "__main__":
    main(*sys.argv[1:])
