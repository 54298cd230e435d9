"""The review of changes on the screen: how it opens, what its keys do, what the model is told."""

from collections import Counter

import pytest
from rich.cells import cell_len
from textual.widgets import Static, TextArea

from harn_tui.console.actions import REVIEW_SCOPES, actions_of
from harn_tui.console.review.comment_editor import MAX_CHARACTERS, CommentEditor
from harn_tui.console.review.feedback_preview import FeedbackPreview
from harn_tui.console.review.verdicts import HunkDecision
from harn_tui.console.screens.help import HelpScreen
from harn_tui.console.screens.review import ReviewScreen
from harn_tui.events.record import Event
from harn_tui.kinds import Boundary, ToolKind
from tests.unit.console import review_scenes, scenes
from tests.unit.console.conftest import Console, OpenConsole
from tests.unit.console.test_actions import spy_on
from tests.unit.console.test_replay import open_replay

WIDE = (140, 40)


def review_of(console: Console) -> ReviewScreen:
    screen = console.app.screen
    assert isinstance(screen, ReviewScreen)
    return screen


def words(screen: ReviewScreen, widget_id: str) -> str:
    return str(screen.query_one(f"#{widget_id}", Static).render())


def shown(screen: ReviewScreen) -> list[str]:
    """Return the rows in the window."""
    return [screen.diff.render_line(y).text.rstrip() for y in range(screen.diff.size.height)]


async def open_review(console: Console, *events: Event, key: str = "alt+e") -> ReviewScreen:
    await console.emit(*scenes.run_start(), *(events or review_scenes.three_edits()))
    await console.press(key)
    await console.until(lambda: isinstance(console.app.screen, ReviewScreen))
    return review_of(console)


def place(screen: ReviewScreen) -> int | None:
    return screen.diff.current


async def test_the_screen_performs_exactly_the_actions_of_its_scope(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        screen = await open_review(console)
        own = {"help", "palette", "next_theme", "suspend", "quit"}
        assert set(screen.commands()) - own == {a.id for a in actions_of(*REVIEW_SCOPES)}


async def test_every_key_of_the_review_performs_its_action(
    open_console: OpenConsole, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_console() as console:
        screen = await open_review(console)
        performed = spy_on(screen, monkeypatch)
        for action in actions_of(*REVIEW_SCOPES):
            for key in action.keys:
                performed.clear()
                await console.pilot.press(key)
                assert (key, performed) == (key, [action.id])


async def test_hunks_and_files_are_reached_by_keys_and_end_at_the_ends(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        screen = await open_review(console)
        visited = []
        for key in ["n", "n", "n", "n", "p", "P", "P", "N", "N", "end", "home"]:
            await console.pilot.press(key)
            visited.append(place(screen))
        assert visited == [1, 2, 3, 3, 2, 0, 0, 1, 1, 3, 0]


async def test_the_current_hunk_is_marked_and_in_sight(open_console: OpenConsole) -> None:
    async with open_console() as console:
        screen = await open_review(console)
        for number in range(4):
            marked = [row for row in shown(screen) if row.startswith("▌")]
            assert screen.current is not None
            assert screen.current.range in marked[0]
            assert f"hunk {number + 1} of 4" in words(screen, "review-heading")
            await console.pilot.press("n")


async def test_verdicts_go_to_the_hunk_and_on_to_the_next(open_console: OpenConsole) -> None:
    async with open_console(size=(80, 40)) as console:
        screen = await open_review(console)
        await console.pilot.press("a", "x")
        assert place(screen) == 2
        rows = "\n".join(shown(screen))
        assert "✓ accepted" in rows
        assert "✗ rejected" in rows
        assert "1 accepted · 1 rejected" in words(screen, "review-heading")
        assert "change nothing on disk" in words(screen, "review-notes")
        await console.pilot.press("p", "u")
        assert "rejected" not in words(screen, "review-heading")


async def test_comment_is_written_changed_and_taken_away(open_console: OpenConsole) -> None:
    async with open_console() as console:
        screen = await open_review(console)
        await console.pilot.press("c", "n", "o", "ctrl+j", "b", "enter")
        await console.until(lambda: console.app.screen is screen)
        assert "“no…”" in "\n".join(shown(screen))
        await console.pilot.press("c")
        await console.until(lambda: isinstance(console.app.screen, CommentEditor))
        editor = console.app.screen.query_one(TextArea)
        assert editor.text == "no\nb"
        await console.pilot.press("z", "escape")
        await console.until(lambda: console.app.screen is screen)
        assert "1 commented" in words(screen, "review-heading")
        await console.pilot.press("c")
        await console.until(lambda: isinstance(console.app.screen, CommentEditor))
        assert console.app.screen.query_one(TextArea).text == "no\nb"
        console.app.screen.query_one(TextArea).clear()
        await console.pilot.press("enter")
        await console.until(lambda: console.app.screen is screen)
        assert "commented" not in words(screen, "review-heading")


async def test_endless_comment_is_refused_and_not_lost(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await open_review(console)
        await console.pilot.press("c")
        await console.until(lambda: isinstance(console.app.screen, CommentEditor))
        editor = console.app.screen.query_one(TextArea)
        editor.insert("x" * (MAX_CHARACTERS + 1))
        await console.pilot.press("enter")
        assert isinstance(console.app.screen, CommentEditor)
        assert len(editor.text) == MAX_CHARACTERS + 1


async def test_the_model_is_told_in_one_message_after_a_look_at_it(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        screen = await open_review(console)
        await console.pilot.press("a", "x", "c", *"slow", "enter", "s")
        await console.until(lambda: isinstance(console.app.screen, FeedbackPreview))
        assert console.session.asked("submit") == []
        preview = str(console.app.screen.query_one(Static).render())
        await console.pilot.press("enter")
        await console.until(lambda: console.app.screen is screen)
        ((text, boundary),) = console.session.asked("submit")
        assert boundary is Boundary.NEXT_PREFLIGHT
        assert preview == text
        assert "1 rejected, 1 commented, 1 accepted" in str(text)
        assert "   > slow" in str(text)
        assert "✗ rejected sent" in "\n".join(shown(screen))
        await console.pilot.press("s")
        assert console.app.screen is screen
        assert len(console.session.asked("submit")) == 1


async def test_preview_can_be_left_without_sending(open_console: OpenConsole) -> None:
    async with open_console() as console:
        screen = await open_review(console)
        await console.pilot.press("x", "s", "escape")
        await console.until(lambda: console.app.screen is screen)
        assert console.session.asked("submit") == []
        assert "1 rejected" in words(screen, "review-heading")


async def test_review_that_could_not_be_queued_can_be_sent_again(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        screen = await open_review(console)
        console.session.refuses.add("submit")
        await console.pilot.press("x", "s", "enter")
        await console.until(lambda: console.app.screen is screen)
        assert "sent" not in "\n".join(shown(screen))
        console.session.refuses.clear()
        await console.pilot.press("s", "enter")
        await console.until(lambda: bool(console.session.asked("submit")))


async def test_verdicts_are_kept_when_the_review_is_left(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await open_review(console)
        await console.pilot.press("a", "x", "escape")
        await console.until(lambda: console.app.screen is console.screen)
        assert console.session.asked("interrupt") == []
        await console.press("alt+e")
        await console.until(lambda: isinstance(console.app.screen, ReviewScreen))
        assert "1 accepted · 1 rejected" in words(review_of(console), "review-heading")


async def test_new_changes_come_in_and_the_verdicts_stay(open_console: OpenConsole) -> None:
    async with open_console() as console:
        screen = await open_review(console)
        await console.pilot.press("N", "x")
        before = screen.current
        await console.emit(*review_scenes.edit("e4", "README.md", "a\n", "b\n"))
        await console.until(lambda: "of 5" in words(screen, "review-heading"))
        assert screen.current is not None
        assert before is not None
        assert screen.current.key == before.key
        assert "1 rejected" in words(screen, "review-heading")


async def test_calls_that_wait_for_an_answer_are_said(open_console: OpenConsole) -> None:
    async with open_console() as console:
        screen = await open_review(console)
        await console.emit(
            scenes.tool("t1", "run_command", ToolKind.EXECUTE, {"command": "ls"}),
            scenes.asks("p1", "t1", "run_command"),
        )
        assert "1 call waits for your answer" in words(screen, "review-notes")


@pytest.mark.parametrize(("columns", "is_split"), [(119, False), (120, True)])
async def test_layout_follows_the_width_until_a_key_chooses_one(
    open_console: OpenConsole, columns: int, is_split: bool
) -> None:
    async with open_console(size=(columns, 30)) as console:
        screen = await open_review(console)
        assert screen.diff.is_split is is_split
        before = screen.current
        await console.pilot.press("v")
        assert screen.diff.is_split is not is_split
        assert screen.current is before
        await console.pilot.resize_terminal(140, 30)
        assert screen.diff.is_split is not is_split


async def test_a_row_of_the_files_opens_the_review_there(open_console: OpenConsole) -> None:
    async with open_console(size=WIDE) as console:
        await console.emit(*scenes.run_start(), *review_scenes.three_edits())
        await console.press("alt+7", "alt+p")
        await console.press("down", "r")
        await console.until(lambda: isinstance(console.app.screen, ReviewScreen))
        assert place(review_of(console)) == 1


async def test_a_call_opens_the_review_at_its_change(open_console: OpenConsole) -> None:
    async with open_console(size=WIDE) as console:
        await console.emit(*scenes.run_start(), *review_scenes.three_edits())
        await console.press("alt+1", "alt+p")
        await console.press("end", "down", "down", "down", "r")
        await console.until(lambda: isinstance(console.app.screen, ReviewScreen))
        current = review_of(console).current
        assert current is not None
        assert current.edit == 2


async def test_without_changes_it_says_so_and_stays(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await console.emit(*scenes.busy_turn())
        await console.press("alt+e")
        await console.until(lambda: len(console.app._notifications) == 1)
        assert console.app.screen is console.screen


async def test_hostile_text_is_shown_as_what_it_is(open_console: OpenConsole) -> None:
    async with open_console() as console:
        bad = "x = '\x1b[31m[red]\u202e'\tverb\u200bose 漢字\n"
        path = "src/\x1b]0;title\x07[bold]evil.py"
        screen = await open_review(console, *review_scenes.edit("e1", path, "x = 1\n", bad))
        await console.pilot.press("c", "[", "/", "]", "enter")
        await console.until(lambda: console.app.screen is screen)
        for y in range(screen.diff.size.height):
            strip = screen.diff.render_line(y)
            assert "\x1b" not in strip.text
            assert "\u202e" not in strip.text
            assert "\u200b" not in strip.text
            assert cell_len(strip.text) == screen.diff.scrollable_content_region.width
        assert "[red]" in "\n".join(shown(screen))


async def test_what_is_beyond_the_edge_is_reached_sideways(open_console: OpenConsole) -> None:
    async with open_console() as console:
        line = "".join(f"<{number}>" for number in range(60))
        screen = await open_review(console, *review_scenes.edit("e1", "a.py", "x\n", f"{line}\n"))
        assert "<30>" not in "\n".join(shown(screen))
        await console.pilot.press(*["right"] * 6)
        assert "<30>" in "\n".join(shown(screen))
        await console.pilot.press(*["left"] * 9)
        assert "<0>" in "\n".join(shown(screen))


async def test_blanks_that_changed_can_be_seen(open_console: OpenConsole) -> None:
    async with open_console() as console:
        edits = review_scenes.edit("e1", "a.py", "  call(x)\n", "\tcall(x)  \n")
        rows = shown(await open_review(console, *edits))
        assert any("- ··call(x)" in row for row in rows)
        assert any("+ →   call(x)··" in row for row in rows)


async def test_scrolling_takes_the_mark_along(open_console: OpenConsole) -> None:
    async with open_console() as console:
        long = "".join(f"line {number}\n" for number in range(200))
        edits = [
            *review_scenes.edit("e1", "a.py", None, long),
            *review_scenes.edit("e2", "b.py", None, long),
        ]
        screen = await open_review(console, *edits)
        for _ in range(12):
            await console.pilot.press("pagedown")
        assert place(screen) == 1
        for _ in range(12):
            await console.pilot.press("pageup")
        assert place(screen) == 0


async def test_a_click_chooses_a_hunk(open_console: OpenConsole) -> None:
    async with open_console() as console:
        screen = await open_review(console)
        row = next(y for y, text in enumerate(shown(screen)) if "hunk 1 of 3" in text)
        await console.pilot.click(screen.diff, offset=(5, row))
        assert place(screen) == 1


async def test_help_and_palette_name_the_keys_of_the_review(open_console: OpenConsole) -> None:
    async with open_console() as console:
        screen = await open_review(console)
        await console.pilot.press("f1")
        await console.until(lambda: isinstance(console.app.screen, HelpScreen))
        page = str(console.app.screen.query_one("#help-text", Static).render())
        assert "Reject the hunk" in page
        await console.pilot.press("escape")
        assert Counter(a.id for a in screen.palette_actions())["review_send"] == 1


async def test_a_recorded_session_is_reviewed_without_being_told() -> None:
    events = [scenes.session_start(), *scenes.run_start(), *review_scenes.three_edits()]
    async with open_replay(events) as (screen, pilot):
        await pilot.press("end", "alt+e")
        while not isinstance(screen.app.screen, ReviewScreen):
            await pilot.pause(0.005)
        review = screen.app.screen
        await pilot.press("x", "s")
        assert screen.app.screen is review
        assert "1 rejected" in words(review, "review-heading")
        assert HunkDecision.REJECTED.value in "\n".join(shown(review))
