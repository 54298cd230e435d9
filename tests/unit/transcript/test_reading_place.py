"""Coming back to where a person read: rows, folds, another width, and places that are nonsense."""

import json
from typing import Any

import pytest

from harn_tui.view.model import Block
from tests.unit.transcript.builders import assistant, lines, thought, tool, user
from tests.unit.transcript.host import staged


def session() -> list[Block]:
    """Return a session with something to fold and a text that wraps."""
    long = "\n\n".join(f"{number} " + "words that wrap " * 8 for number in range(30))
    calls = [tool(result=f"result {number}\n" * 5) for number in range(3)]
    return [user("go"), thought(lines(9, "thought")), *calls, assistant(long), assistant(lines(50))]


async def test_rows_and_folds_come_back_as_they_were() -> None:
    async with staged() as first:
        first.show(*session())
        first.transcript.toggle_fold(1)
        first.transcript.toggle_fold(3)
        await first.press("home", "down", "down", "down")
        place = json.loads(json.dumps(first.transcript.reader.place.current()))
        before = first.rows()
    async with staged() as again:
        again.show(*session())
        again.transcript.reader.place.return_to(place)
        assert again.rows() == before
        assert again.transcript.reader.place.current() == place
        again.append(user("what came since"))
        assert again.rows() == before
        assert again.transcript.unseen_count == 1


async def test_all_that_was_opened_stays_so_but_for_what_was_chosen_since() -> None:
    async with staged() as first:
        first.show(*session())
        first.transcript.toggle_all()
        first.transcript.toggle_fold(2)
        place = first.transcript.reader.place.current()
        await first.press("home")
        opened = first.rows()
    async with staged() as again:
        again.show(*session())
        again.transcript.reader.place.return_to(place)
        await again.press("home")
        assert again.rows() == opened


async def test_at_another_width_the_same_text_is_at_the_top() -> None:
    async with staged((60, 12)) as first:
        first.show(*session())
        first.transcript.jump_to(5)
        await first.press("down", "down", "down", "down")
        place = first.transcript.reader.place.current()
        at_top = first.rows()[0].strip()
    async with staged((100, 12)) as again:
        again.show(*session())
        again.transcript.reader.place.return_to(place)
        assert at_top in again.rows()[0]


async def test_the_end_is_no_place_and_is_followed_on() -> None:
    async with staged() as stage:
        stage.show(*session())
        assert stage.transcript.reader.place.current() == {}
        stage.transcript.reader.place.return_to({})
        assert stage.transcript.follow


@pytest.mark.parametrize(
    "place",
    [
        {"top": [999, 0, 0, 0]},
        {"top": [5, 999, 999, 999_999]},
        {"top": [0, -1, 0, 0]},
        {"top": ["0", 0, 0, 0]},
        {"top": [True, 0, 0, 0]},
        {"top": [0, 0]},
        {"top": "home"},
        {"top": [10**30, 0, 0, 0]},
        {"folded": {"1": "yes", "x": True, "99": False, "-1": True, "9" * 5_000: True, "²": True}},
        {"folded": [1, 2], "all_folded": 1, "tools_since": {"a": 1}},
        {"all_folded": False, "tools_since": [1, None, "run_command"]},
        {"unknown": {"deep": [{}]}},
    ],
)
async def test_a_place_that_is_nonsense_does_no_harm(place: Any) -> None:
    async with staged() as stage:
        stage.show(*session())
        stage.transcript.reader.place.return_to(place)
        assert any(stage.rows())
        await stage.press("home")
        assert "go" in stage.rows()[0] + stage.rows()[1]
        await stage.press("end")
        assert stage.rows()[-1].strip() == "line 49"
