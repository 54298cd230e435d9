"""What is on the screen as rows of text, and clicks on the words that stand there."""

from rich.cells import cell_len
from textual.app import App
from textual.pilot import Pilot


def rows_of(app: App[int]) -> list[str]:
    """Return the rows of the screen in front, with what lies over it."""
    return [strip.text for strip in app.screen._compositor.render_strips()]


def place_of(app: App[int], words: str) -> tuple[int, int]:
    """Return column and row of the last place where ``words`` stand on the screen."""
    rows = rows_of(app)
    found = [(row.rindex(words), y) for y, row in enumerate(rows) if words in row]
    assert found, f"{words!r} is not on the screen:\n" + "\n".join(rows)
    at, y = found[-1]
    return cell_len(rows[y][:at]), y


async def click_on(pilot: Pilot[int], words: str, *, times: int = 1) -> None:
    """Click the first letter of ``words``."""
    await pilot.click(offset=place_of(pilot.app, words), times=times)
    await pilot.pause()
