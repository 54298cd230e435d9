"""A program that gets the terminal, which no console in a test has to lend."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from textual.app import App

WRITTEN = "written elsewhere"


async def stand_in_program(app: App[Any], words: Sequence[str]) -> int:
    """Tell what is in the file that it was started with, and write over it."""
    app.notify(_exchange(Path(words[-1])), markup=False)
    return 0


def _exchange(file: Path) -> str:
    found = file.read_text()
    file.write_text(WRITTEN)
    return found
