"""Draws the pictures of the tour (``make screenshots``): the same bytes each time."""

import asyncio
import os
import re
import sys
import tempfile
import time
from pathlib import Path

from harn_tui.console.environment import prepare_environment

prepare_environment(os.environ)

from tests.support.tour.picture import Picture  # noqa: E402 - the environment comes first
from tests.support.tour.pictures import PICTURES  # noqa: E402
from tests.support.tour.stage import set_up  # noqa: E402

FOLDER = Path(__file__).parents[3] / "docs" / "pictures"
_FONT = re.compile(r"@font-face\s*\{[^}]*\}\s*")
_UNIQUE = re.compile(r"terminal-\d+")
_CLIPPED_ROWS = re.compile(
    r' clip-path="url\(#t-line-\d+\)"|<clipPath id="t-line-\d+">.*?</clipPath>\s*', re.DOTALL
)
"""A third of the bytes; each text has its width anyway."""


async def draw(picture: Picture) -> str:
    """Return the picture as an SVG that loads nothing: the reader's own fonts are used."""
    with tempfile.TemporaryDirectory() as folder:
        async with set_up(picture, Path(folder)) as app:
            svg = app.export_screenshot(title=picture.title, simplify=True)
    return _CLIPPED_ROWS.sub("", _UNIQUE.sub("t", _FONT.sub("", svg)))


def main(names: list[str]) -> int:
    """Draw the pictures called ``names``, or all."""
    os.environ["TZ"] = "UTC"
    time.tzset()
    FOLDER.mkdir(exist_ok=True)
    for picture in PICTURES:
        if not names or picture.name in names:
            path = FOLDER / f"{picture.name}.svg"
            path.write_text(asyncio.run(draw(picture)), encoding="utf-8", newline="\n")
            print(f"{path.name}: {path.stat().st_size / 1_000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
