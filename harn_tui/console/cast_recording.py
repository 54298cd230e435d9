"""A session as an asciinema cast (version 2): the console's own screen at the recorded pace."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

from harn_tui.console.replay_camera import ReplayCamera, open_camera

if TYPE_CHECKING:
    from harn_tui.events.record import Record

FRAME_MS = 100
"""At most one picture in this time of the cast."""

LONGEST_GAP_MS = 2_000
"""An idle gap is this long in the cast at most."""

_BEGIN = "\x1b[?25l\x1b[2J\x1b[H"
_END = "\x1b[0m\x1b[?25h"
_LAST_PICTURE_S = 2.0


def frame_positions(records: Sequence[Record]) -> list[tuple[int, int]]:
    """Return (time in the cast in ms, records delivered by then) of each picture, in order.

    The first picture has no record, the last one has all.
    """
    frames = [(0, 0)]
    at_ms = 0
    for place, record in enumerate(records):
        if place:
            gap_ms = record.emitted_at_ms - records[place - 1].emitted_at_ms
            at_ms += min(max(gap_ms, 0), LONGEST_GAP_MS)
        due_ms = -(-at_ms // FRAME_MS) * FRAME_MS
        if due_ms == frames[-1][0] and len(frames) > 1:
            frames[-1] = (due_ms, place + 1)
        else:
            frames.append((due_ms, place + 1))
    return frames


async def cast_lines(
    records: Sequence[Record], *, title: str, size: tuple[int, int], theme: str
) -> AsyncIterator[str]:
    """Yield the lines of the cast, each with its line end. Raises UsageError for the theme."""
    started_s = records[0].emitted_at_ms // 1_000 if records else 0
    header = {
        "version": 2,
        "width": size[0],
        "height": size[1],
        "timestamp": started_s,
        "title": title,
        "env": {"TERM": "xterm-256color"},
    }
    yield json.dumps(header) + "\n"
    at_ms, shown = 0, [""] * size[1]
    async with open_camera(records, title=title, size=size, theme=theme) as camera:
        yield _output(0, _BEGIN)
        for at_ms, position in frame_positions(records):
            drawn = await _picture(camera, position)
            changed = _changes(shown, drawn)
            if changed:
                yield _output(at_ms / 1_000, changed)
            shown = drawn
    yield _output(at_ms / 1_000 + _LAST_PICTURE_S, _END)


async def _picture(camera: ReplayCamera, position: int) -> list[str]:
    await camera.go(position)
    return camera.lines()


def _changes(shown: list[str], drawn: list[str]) -> str:
    """Return what makes a terminal that shows ``shown`` show ``drawn``: the rows that differ."""
    return "".join(
        f"\x1b[{row};1H{new}"
        for row, (old, new) in enumerate(zip(shown, drawn, strict=True), start=1)
        if new != old
    )


def _output(at_s: float, text: str) -> str:
    return json.dumps([round(at_s, 3), "o", text]) + "\n"
