"""The effects of the keys of a replay, of the list of sessions and of the first screen."""

from collections.abc import Awaitable
from dataclasses import dataclass
from functools import partial
from typing import Any

from textual.pilot import Pilot
from textual.widgets import Input

from harn_tui.console.picker.title_box import TitleBox
from harn_tui.console.screens.help import HelpScreen
from harn_tui.console.screens.replay import ReplayScreen
from harn_tui.events.agent import FeedbackInjected
from tests.unit.console import scenes
from tests.unit.console.key_effects.effect import Effect
from tests.unit.console.stand_ins import SESSION_ID
from tests.unit.console.test_picker import Picker
from tests.unit.console.test_replay import shown
from tests.unit.console.test_replay_places import eventful

EVENTS = [
    *eventful(),
    scenes.queued("f1", "and explain it"),
    scenes.claimed("f1"),
    FeedbackInjected(SESSION_ID, "user", "and explain it"),
    scenes.delivered("f1", 2),
    *eventful()[1:],
]


@dataclass
class OpenReplay:
    """A replay; ``forks`` has the indexes that were forked at."""

    screen: ReplayScreen
    pilot: Pilot[int]
    forks: list[int]


async def _at(replay: OpenReplay, place: int) -> int:
    while replay.pilot.app.screen is not replay.screen:
        replay.pilot.app.screen.dismiss(None)
        await replay.pilot.pause()
    replay.screen.seek(place)
    while replay.screen.is_busy:
        await replay.pilot.pause(0.002)
    await replay.pilot.pause()
    return replay.screen.position


def _goes(step: int) -> Effect[OpenReplay]:
    """From the start or the end there is always somewhere to go."""
    start = partial(_at, place=0 if step > 0 else len(EVENTS))
    return Effect(start, lambda replay, was: (replay.screen.position - was) * step > 0)


async def _controls(replay: OpenReplay) -> str:
    await _at(replay, 1)
    return shown(replay.screen)


async def _playing(replay: OpenReplay) -> None:
    await _at(replay, 1)
    await replay.pilot.press("space")
    await replay.pilot.pause()


async def _noting_exit(pressed: Any) -> list[str]:
    notes: list[str] = []
    pressed.pilot.app.exit = lambda *_: notes.append("exit")
    return notes


REPLAY: dict[str, Effect[OpenReplay]] = {
    "play_pause": Effect(partial(_at, place=1), lambda r, _: "▶" in shown(r.screen)),
    "next_event": _goes(1),
    "previous_event": _goes(-1),
    "next_turn": _goes(1),
    "previous_turn": _goes(-1),
    "next_tool": _goes(1),
    "previous_tool": _goes(-1),
    "to_next_error": _goes(1),
    "to_previous_error": _goes(-1),
    "to_next_approval": _goes(1),
    "to_previous_approval": _goes(-1),
    "to_next_feedback": _goes(1),
    "to_previous_feedback": _goes(-1),
    "to_next_change": _goes(1),
    "to_previous_change": _goes(-1),
    "to_next_compaction": _goes(1),
    "to_previous_compaction": _goes(-1),
    "toggle_gaps": Effect(_controls, lambda r, _: "all gaps" in shown(r.screen)),
    "fork": Effect(partial(_at, place=5), lambda r, _: r.forks == [4]),
    "faster": Effect(_controls, lambda r, _: "2×" in shown(r.screen)),
    "slower": Effect(_controls, lambda r, was: "2×" not in shown(r.screen)),
    "seek_start": Effect(partial(_at, place=9), lambda r, _: r.screen.position == 0),
    "seek_end": Effect(partial(_at, place=9), lambda r, _: r.screen.position == len(EVENTS)),
    "replay_escape": Effect(_playing, lambda r, _: "‖" in shown(r.screen)),
    "replay_help": Effect(
        partial(_at, place=0), lambda r, _: isinstance(r.pilot.app.screen, HelpScreen)
    ),
    "replay_quit": Effect(
        lambda r: _after(_at(r, 0), _noting_exit(r)), lambda _, notes: notes == ["exit"]
    ),
}


async def _after(first: Awaitable[Any], second: Awaitable[Any]) -> Any:
    await first
    return await second


async def _list(picker: Picker, *keys: str, text: str = "") -> int:
    while picker.app.screen is not picker.screen:
        picker.app.screen.dismiss(None)
        await picker.pilot.pause()
    picker.screen.query_one(Input).value = text
    picker.screen.choice = None
    await picker.press("pageup", *keys)
    return _row(picker)


def _row(picker: Picker) -> int:
    chosen = picker.screen.chosen
    assert chosen is not None
    sessions = picker.screen._list.source.sessions  # type: ignore[union-attr]
    place: int = sessions.index(chosen[0])
    return place


async def _about_to_leave(picker: Picker) -> list[str]:
    await _list(picker)
    return await _noting_exit(picker)


def _takes(*, replays: bool) -> Effect[Picker]:
    def holds(picker: Picker, notes: list[str]) -> bool:
        choice = picker.screen.choice
        return choice is not None and choice.replays is replays and notes == ["exit"]

    return Effect(_about_to_leave, holds)


SESSIONS: dict[str, Effect[Picker]] = {
    "picker_down": Effect(_list, lambda p, was: _row(p) == was + 1),
    "picker_up": Effect(lambda p: _list(p, "down"), lambda p, was: _row(p) == was - 1),
    "picker_page_down": Effect(_list, lambda p, was: _row(p) > was),
    "picker_page_up": Effect(lambda p: _list(p, "pagedown"), lambda p, was: _row(p) < was),
    "picker_scope": Effect(_list, lambda p, _: "this folder" in p.foot),
    "picker_rename": Effect(_list, lambda p, _: isinstance(p.app.screen, TitleBox)),
    "picker_delete": Effect(_list, lambda p, _: "again moves it to the trash" in p.foot),
    "picker_search": Effect(_list, lambda p, _: p.screen.is_searching),
    "picker_open": _takes(replays=False),
    "picker_replay": _takes(replays=True),
    "picker_escape": Effect(
        lambda p: _list(p, text="a"), lambda p, _: not p.screen.query_one(Input).value
    ),
}
