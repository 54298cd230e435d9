import json

import pyte
import pytest

from harn_tui.console.cast_recording import FRAME_MS, LONGEST_GAP_MS, cast_lines, frame_positions
from harn_tui.console.replay_camera import open_camera
from harn_tui.console.themes import DARK_THEME, LIGHT_THEME
from harn_tui.errors import UsageError
from harn_tui.events.agent import AgentMessageChunk
from harn_tui.events.record import Record
from tests.unit.console import scenes
from tests.unit.console.test_replay import records_of

SIZE = (80, 24)


def _records() -> list[Record]:
    return list(records_of([scenes.session_start(), *scenes.run_start("hello"), scenes.run_end()]))


async def test_picture_shows_the_session_as_of_the_place() -> None:
    records = _records()
    async with open_camera(records, title="t", size=SIZE, theme=DARK_THEME) as camera:
        await camera.go(len(records))
        at_end = camera.svg("t")
        await camera.go(1)
        at_start = camera.svg("t")
    assert "hello" in at_end
    assert "hello" not in at_start


async def test_picture_loads_nothing() -> None:
    async with open_camera(_records(), title="t", size=SIZE, theme=LIGHT_THEME) as camera:
        picture = camera.svg("t")
    assert "@font-face" not in picture
    assert "url(http" not in picture


async def test_unknown_theme_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match="harn-dark"):
        async with open_camera(_records(), title="t", size=SIZE, theme="none"):
            pass


async def test_cast_played_to_its_end_shows_the_last_screen() -> None:
    records = _records()
    lines = [line async for line in cast_lines(records, title="t", size=SIZE, theme=DARK_THEME)]
    header, *events = map(json.loads, lines)
    assert (header["version"], header["width"], header["height"]) == (2, *SIZE)
    screen = pyte.Screen(*SIZE)
    stream = pyte.Stream(screen)
    for _, kind, text in events:
        assert kind == "o"
        stream.feed(text)
    assert any("hello" in row for row in screen.display)
    async with open_camera(records, title="t", size=SIZE, theme=DARK_THEME) as camera:
        await camera.go(len(records))
        expected = pyte.Screen(*SIZE)
        pyte.Stream(expected).feed("\r\n".join(camera.lines()))
    assert screen.display == expected.display
    times = [at for at, _, _ in events]
    assert times == sorted(times)


def test_idle_gaps_are_short_in_a_cast_and_frames_are_apart() -> None:
    at_ms = [0, 10, 20, 90, 150, 60_000, 60_000, 59_000]
    records = [Record(i, at, None, AgentMessageChunk("s", "x")) for i, at in enumerate(at_ms)]
    frames = frame_positions(records)
    assert frames == [
        (0, 0),
        (0, 1),
        (100, 4),
        (200, 5),
        (2_200, 8),
    ]
    assert (frames[-1][0] - frames[-2][0]) == LONGEST_GAP_MS
    assert all(at % FRAME_MS == 0 for at, _ in frames)


def test_cast_of_no_records_has_one_picture() -> None:
    assert frame_positions([]) == [(0, 0)]
