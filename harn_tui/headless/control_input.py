"""Reads control lines from standard input while a run goes on."""

from collections.abc import Callable

from harn_tui.headless.control_lines import ControlLine, ControlLineError, parse_control_line
from harn_tui.standard_input import LineInput


class ControlInput:
    """Hands every control line to ``take`` on the event loop; reports what it cannot read."""

    def __init__(self, take: Callable[[ControlLine], None], report: Callable[[str], None]) -> None:
        self._take = take
        self._report = report
        self._input = LineInput(self._take_line)

    def start(self, *, on_end: Callable[[], None]) -> None:
        """Begin to read; ``on_end`` is called once when the input ends."""
        self._input.start(on_end=on_end)

    async def stop(self) -> None:
        """Take no further line."""
        self._input.stop()

    def _take_line(self, line: str) -> None:
        if not line.strip():
            return
        try:
            self._take(parse_control_line(line))
        except ControlLineError as error:
            self._report(f"control line skipped: {error}")
