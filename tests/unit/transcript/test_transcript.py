from typing import Any

import pytest
from textual import events
from textual.geometry import Region
from textual.screen import Screen

from harn_tui.console.transcript.transcript import Transcript
from harn_tui.kinds import ToolCallStatus
from harn_tui.view.model import AssistantBlock
from tests.unit.transcript.builders import NOW, assistant, items, lines, tool, user
from tests.unit.transcript.host import Stage, staged


async def test_a_session_is_shown_at_its_end() -> None:
    async with staged() as stage:
        stage.show(assistant(lines(40)))
        assert stage.rows()[-1].strip() == "line 39"
        assert stage.transcript.follow


async def test_the_end_is_followed_while_text_streams() -> None:
    async with staged() as stage:
        block = assistant("", is_open=True)
        stage.show(block)
        for number in range(40):
            block.parts.append(f"- item {number}\n")
            stage.update(0)
        assert stage.rows()[-1].strip() == "• item 39"
        assert stage.transcript.unseen_count == 0


@pytest.mark.parametrize("key", ["up", "pageup", "home"])
async def test_any_move_upwards_stops_following(key: str) -> None:
    async with staged() as stage:
        stage.show(assistant(lines(40)))
        await stage.press(key)
        before = stage.rows()
        assert not stage.transcript.follow
        stage.append(user("new"))
        assert stage.rows() == before


@pytest.mark.parametrize("keys", [("end",), ("pagedown", "pagedown"), ("down",) * 25])
async def test_reaching_the_end_follows_it_again(keys: tuple[str, ...]) -> None:
    async with staged() as stage:
        stage.show(assistant(lines(40)))
        await stage.press("pageup", "pageup", *keys)
        assert stage.transcript.follow
        stage.append(user("new"))
        assert stage.rows()[-1] == " ▌ new"


async def test_a_page_is_a_window() -> None:
    async with staged() as stage:
        stage.show(assistant(items(80)))
        first = stage.rows()[0]
        await stage.press("pageup")
        assert first not in stage.rows()
        await stage.press("down")
        assert stage.rows()[-1] == first


async def test_home_shows_the_beginning_and_end_the_end() -> None:
    async with staged() as stage:
        stage.show(*(assistant(lines(9, f"b{number}")) for number in range(200)))
        await stage.press("home")
        assert stage.rows()[0].strip() == "b0 0"
        await stage.press("end")
        assert stage.rows()[-1].strip() == "b199 8"


async def test_the_wheel_scrolls() -> None:
    async with staged() as stage:
        stage.show(assistant(lines(40)))
        before = stage.rows()
        stage.transcript.post_message(
            events.MouseScrollUp(stage.transcript, 1, 1, 0, -1, 0, False, False, False)
        )
        await stage.pilot.pause()
        assert not stage.transcript.follow
        moved = round(stage.app.scroll_sensitivity_y)
        assert stage.rows()[moved:] == before[:-moved]


async def test_the_scroll_bar_takes_one_anywhere() -> None:
    async with staged() as stage:
        stage.show(*(assistant(items(20, f"b{number}")) for number in range(100)))
        total = stage.transcript.virtual_size.height
        stage.transcript.scroll_to(y=total // 2)
        middle = next(row for row in stage.rows() if row)
        assert 30 < int(middle.strip(" •b").split()[0]) < 70
        stage.transcript.scroll_to(y=total)
        assert stage.transcript.follow
        stage.transcript.scroll_to(y=0)
        assert stage.rows()[0].strip() == "• b0 0"


async def test_new_blocks_are_counted_until_they_are_seen() -> None:
    async with staged() as stage:
        stage.show(assistant(lines(40)))
        await stage.press("pageup")
        stage.append(user("one"), user("two"))
        stage.append(user("three"))
        assert stage.transcript.unseen_count == 3
        assert stage.app.unseen == [2, 3]
        await stage.press("pagedown", "pagedown")
        assert stage.transcript.unseen_count == 0


async def test_text_that_grows_out_of_view_counts_as_one() -> None:
    async with staged() as stage:
        block = assistant(lines(40), is_open=True)
        stage.show(user("x"), block)
        await stage.press("pageup")
        for _ in range(5):
            block.parts.append("more\n\n")
            stage.update(1)
        assert stage.transcript.unseen_count == 1
        await stage.press("end")
        assert stage.transcript.unseen_count == 0


async def test_follow_can_be_set_to_return_to_the_end() -> None:
    async with staged() as stage:
        stage.show(assistant(lines(40)))
        await stage.press("home")
        stage.transcript.follow = True
        assert stage.rows()[-1].strip() == "line 39"


async def test_nothing_that_arrives_lays_out_the_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    layouts: list[object] = []
    original: Any = Screen._refresh_layout

    def counted(self: Screen[object], *args: object, **kwargs: object) -> None:
        layouts.append(self)
        original(self, *args, **kwargs)

    async with staged() as stage:
        block = assistant("begin", is_open=True)
        stage.show(block)
        await stage.pilot.pause()
        monkeypatch.setattr(Screen, "_refresh_layout", counted)
        for number in range(50):
            block.parts.append(f"\n\nparagraph {number}")
            stage.update(0)
        await stage.pilot.pause()
        await stage.press("pageup", "end")
        assert layouts == []


async def test_only_rows_that_changed_are_repainted(monkeypatch: pytest.MonkeyPatch) -> None:
    async with staged((60, 20)) as stage:
        block = assistant("one\n\ntwo", is_open=True)
        stage.show(user("hello"), block)
        await stage.pilot.pause()
        painted: list[tuple[Region, ...]] = []

        def refresh(self: Transcript, *regions: Region, **_: object) -> Transcript:
            painted.append(regions)
            return self

        monkeypatch.setattr(Transcript, "refresh", refresh)
        block.parts.append(" and a half")
        stage.update(1)
        assert [(region.y, region.height) for region in painted[0]] == [(4, 1)]
        painted.clear()
        stage.update(1)
        assert painted == []


async def test_rows_that_did_not_change_are_the_same_strips() -> None:
    async with staged() as stage:
        block = assistant(lines(3), is_open=True)
        stage.show(block)
        region = Region(0, 0, stage.transcript.window.width, 4)
        before = stage.transcript.render_lines(region)
        block.parts.append("\n\nmore")
        stage.update(0)
        after = stage.transcript.render_lines(region)
        assert all(old is new for old, new in zip(before, after, strict=True))


@pytest.mark.parametrize("size", [(30, 12), (110, 12), (60, 6), (60, 30)])
async def test_a_resize_keeps_the_first_visible_text(size: tuple[int, int]) -> None:
    words = " ".join(f"w{number}" for number in range(2000))
    async with staged() as stage:
        stage.show(assistant(words), assistant(lines(30)))
        await stage.press(*["pageup"] * 8)
        first = next(row for row in stage.rows() if row.strip()).split()[0]
        await stage.resize(*size)
        assert first in " ".join(stage.rows()[:2]).split()
        assert len(stage.rows()) == size[1]


async def test_a_resize_at_the_end_stays_there() -> None:
    async with staged() as stage:
        stage.show(assistant(lines(40)))
        await stage.resize(33, 20)
        assert stage.rows()[-1].strip() == "line 39"
        assert stage.transcript.follow


async def test_a_theme_keeps_the_place_and_changes_the_colours() -> None:
    async with staged() as stage:
        stage.show(user("hello"), assistant(lines(40)))
        await stage.press("pageup")
        before = stage.rows()
        region = Region(0, 0, stage.transcript.window.width, 12)
        colours = [segment.style for segment in stage.transcript.render_lines(region)[1]]
        stage.app.theme = "textual-light"
        await stage.pilot.pause()
        assert stage.rows() == before
        assert [segment.style for segment in stage.transcript.render_lines(region)[1]] != colours


async def test_a_click_on_a_header_opens_the_call_and_another_folds_it() -> None:
    async with staged() as stage:
        stage.show(user("do"), tool(result="one\ntwo"))
        await stage.pilot.click(Transcript, offset=(5, 2))
        await stage.pilot.pause()
        assert [row.strip(" │") for row in stage.rows()[3:5]] == ["one", "two"]
        await stage.pilot.click(Transcript, offset=(5, 2))
        await stage.pilot.pause()
        assert stage.rows()[3] == ""
        folds = [
            (message.index, message.is_folded)
            for message in stage.app.told
            if isinstance(message, Transcript.FoldChanged)
        ]
        assert folds == [(1, False), (1, True)]


async def test_a_click_elsewhere_names_the_block_and_the_link() -> None:
    async with staged() as stage:
        stage.show(assistant("go to https://e.x now"))
        await stage.pilot.click(Transcript, offset=(12, 0))
        await stage.pilot.pause()
        (message,) = stage.app.told
        assert isinstance(message, Transcript.BlockClicked)
        assert (message.index, message.link) == (0, "https://e.x")


async def test_opening_a_call_at_the_end_keeps_the_first_row() -> None:
    async with staged() as stage:
        stage.show(assistant(lines(5)), tool(result="x\n" * 30))
        before = stage.rows()
        stage.transcript.toggle_fold(1)
        assert stage.rows()[0] == before[0]
        assert not stage.transcript.follow
        stage.transcript.toggle_fold(1)
        assert stage.rows() == before
        assert stage.transcript.follow


async def test_all_blocks_open_and_fold_at_once() -> None:
    async with staged((60, 40)) as stage:
        stage.show(tool(result="one"), tool(result="two"))
        stage.transcript.toggle_all()
        assert [row.strip(" │") for row in stage.rows() if "│" in row] == ["one", "two"]
        stage.transcript.toggle_all()
        assert not any("│" in row for row in stage.rows())


async def test_blocks_that_cannot_fold_stay_as_they_are() -> None:
    async with staged() as stage:
        stage.show(assistant("text"))
        stage.transcript.toggle_fold(0)
        stage.transcript.toggle_fold(7)
        assert stage.rows()[0].strip() == "text"
        assert stage.app.told == []


async def test_a_running_call_counts_when_ticked() -> None:
    async with staged() as stage:
        block = tool(status=ToolCallStatus.IN_PROGRESS)
        block.running_since_ms = NOW
        stage.show(block)
        stage.transcript.tick(NOW + 3000)
        assert stage.rows()[0].endswith("running 3 s")
        stage.transcript.tick(NOW + 4000)
        assert stage.rows()[0].endswith("running 4 s")


async def test_a_tick_paints_nothing_when_nothing_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    async with staged() as stage:
        stage.show(user("x"), tool())
        painted: list[object] = []
        monkeypatch.setattr(Transcript, "refresh", lambda *_, **__: painted.append(1))
        stage.transcript.tick(NOW)
        stage.transcript.tick(NOW + 1000)
        assert painted == []


async def test_a_block_is_copied_as_its_source() -> None:
    async with staged() as stage:
        stage.show(assistant("**b** `c`"))
        assert stage.transcript.copy_block(0) == "**b** `c`"
        with pytest.raises(IndexError):
            stage.transcript.copy_block(3)


async def test_rows_know_their_blocks() -> None:
    async with staged() as stage:
        stage.show(user("a"), assistant("b"))
        assert [stage.transcript.block_at(row) for row in range(4)] == [0, 1, 1, None]


async def test_times_of_day_come_and_go() -> None:
    async with staged() as stage:
        stage.show(user("a"))
        stage.transcript.shows_time = True
        assert ":" in stage.rows()[1]
        stage.transcript.shows_time = False
        assert stage.rows()[1] == ""


async def test_another_session_replaces_the_first() -> None:
    async with staged() as stage:
        stage.show(assistant(lines(40)))
        await stage.press("home")
        stage.show(user("fresh"))
        assert stage.rows()[0] == " ▌ fresh"
        assert stage.transcript.follow
        assert stage.transcript.unseen_count == 0


async def test_a_session_may_be_shown_before_there_is_a_screen() -> None:
    transcript = Transcript()
    block = AssistantBlock(0, 1, ["early"])
    stage_view: Stage | None = None
    async with staged() as stage:
        stage_view = stage
        stage.view.blocks = [block]
        transcript.show(stage.view)
        transcript.update_blocks({0})
        await stage.app.mount(transcript)
        await stage.until(lambda: transcript.block_at(0) == 0)
    assert stage_view is not None


@pytest.mark.parametrize("size", [(40, 10), (20, 3), (8, 1), (200, 60)])
async def test_any_size_of_terminal_shows_something(size: tuple[int, int]) -> None:
    async with staged(size) as stage:
        stage.show(
            user("hello there"),
            assistant("# T\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```py\nx = 1\n```\n"),
            tool(result="out"),
        )
        await stage.pilot.pause()
        assert len(stage.rows()) == size[1]
        assert any(stage.rows())


async def test_with_no_colour_wanted_rows_have_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with staged() as stage:
        stage.show(assistant("# Title"))
        region = Region(0, 0, stage.transcript.window.width, 1)
        for segment in stage.transcript.render_lines(region)[0]:
            assert segment.style is not None
            color = segment.style.color
            assert color is None or color.triplet is None or len(set(color.triplet)) == 1


async def test_fewer_blocks_can_be_shown_while_there_is_no_room_to_draw_them() -> None:
    async with staged() as stage:
        stage.show(*[tool() for _ in range(6)])
        stage.transcript.display = False
        await stage.until(lambda: stage.transcript.size.height == 0)
        stage.show(user("only this"))
        stage.transcript.tick(1)
        stage.transcript.display = True
        await stage.until(lambda: any(row.endswith("only this") for row in stage.rows()))


async def test_an_empty_transcript_has_a_beginning_and_an_end() -> None:
    async with staged() as stage:
        await stage.press("ctrl+home", "ctrl+end", "pageup")
        stage.transcript.action_scroll_home()
        stage.transcript.action_scroll_end()
        assert not any(stage.rows())
