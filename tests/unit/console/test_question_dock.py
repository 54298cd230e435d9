"""The question dock: what it shows, how it is answered, and that nothing answers by accident."""

from typing import Any

import pytest
from textual.widgets import Static

from harn_tui.console.approval.dock import ApprovalDock
from harn_tui.console.approval.guard import ARMING_MS, HELD_GAP_MS
from harn_tui.console.questions.choice import Choice
from harn_tui.console.questions.dock import QuestionDetail, QuestionDock
from harn_tui.console.status.line import StatusLine
from harn_tui.events.host import QuestionAnswered
from harn_tui.kinds import LoopStatus, QuestionOutcome, ToolKind
from harn_tui.view.pending import PendingQuestion
from tests.unit.console import scenes
from tests.unit.console.conftest import Console, OpenConsole
from tests.unit.console.stand_ins import SESSION_ID


async def ask(console: Console, question_id: str = "q1", **fields: Any) -> None:
    """Have a run ask, and wait until its answer would count."""
    console.session.is_running = True
    await console.emit(*scenes.run_start(), scenes.question(question_id, **fields))
    console.clock.advance(ARMING_MS)


def answers(console: Console) -> list[tuple[object, ...]]:
    return console.session.questions.calls


def part(console: Console, name: str) -> str:
    return str(console.get(QuestionDock).query_one(f"#question-{name}", Static).visual)


def toasts(console: Console) -> list[str]:
    return [toast.message for toast in console.app._notifications]


async def test_the_dock_shows_question_and_numbered_options(open_console: OpenConsole) -> None:
    async with open_console(scenes.session_start()) as console:
        await ask(console, default="Rename", text="Which\u202e name?")
        dock = console.get(QuestionDock)
        assert dock.display
        assert str(dock.border_title) == "A question"
        assert part(console, "body") == "Which⟨202E⟩ name?"
        first, second, third = part(console, "options").splitlines()
        assert first == "   1 ○ Keep  Nothing changes for those who use it now."
        assert second.startswith("   2 ● Rename  Shorter")
        assert second.endswith("· default")
        assert third == "   3 ○ Both"
        assert "waiting for you" in str(console.get(StatusLine).render())


async def test_going_in_and_a_digit_and_enter_answer(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await ask(console)
        await console.press("ctrl+o")
        assert console.get(QuestionDetail).has_focus
        console.clock.advance(ARMING_MS)
        await console.press("2")
        assert answers(console) == []
        await console.press("enter")
        assert answers(console) == [("answer", "q1", ["Rename"])]
        assert not console.get(QuestionDock).display
        assert console.prompt.has_focus


async def test_arrow_keys_choose_where_one_answer_is_asked_for(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await ask(console)
        await console.press("ctrl+o", "down", "down", "down", "down", "up")
        console.clock.advance(ARMING_MS)
        await console.press("enter")
        assert answers(console) == [("answer", "q1", ["Rename"])]


async def test_space_and_digits_mark_several(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await ask(console, allows_several=True)
        await console.press("ctrl+o", "3", "2", "2", "up", "space")
        console.clock.advance(ARMING_MS)
        assert part(console, "options").splitlines()[0].startswith("▸  1 ■ Keep")
        await console.press("enter")
        assert answers(console) == [("answer", "q1", ["Keep", "Both"])]


@pytest.mark.parametrize("size", [(80, 24), (40, 10), (160, 48)])
async def test_a_click_goes_in_and_marks_and_answers_nothing(
    open_console: OpenConsole, size: tuple[int, int]
) -> None:
    async with open_console(size=size) as console:
        await ask(console)
        options = console.get(QuestionDock).query_one("#question-options", Static)
        last = options.size.height - 1
        console.get(QuestionDetail).scroll_to(y=999, animate=False)
        await console.settle()
        await console.pilot.click(options, offset=(6, last))
        await console.settle()
        assert console.get(QuestionDetail).has_focus
        assert console.get(QuestionDock).given == ["Both"]
        assert answers(console) == []
        await console.press("enter")
        assert answers(console) == []
        console.clock.advance(ARMING_MS + HELD_GAP_MS)
        await console.press("enter")
        assert answers(console) == [("answer", "q1", ["Both"])]


async def test_clicks_mark_and_unmark_several_and_a_click_beside_them_goes_in_alone(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        await ask(console, allows_several=True)
        dock = console.get(QuestionDock)
        await console.pilot.click("#question-body")
        await console.settle()
        assert console.get(QuestionDetail).has_focus
        for row in (0, 1, 0):
            await console.pilot.click("#question-options", offset=(8, row))
            await console.settle()
        assert dock.given == ["Rename"]


async def test_typed_text_can_never_answer(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await ask(console, default="Keep")
        console.clock.advance(10_000)
        await console.press(*"12 wd", "space", "up", "down", "tab", "1", "d")
        assert answers(console) == []
        await console.press("enter")
        assert answers(console) == []
        assert [text for text, _ in console.session.asked("submit")] == ["12 wd 1d"]


async def test_the_dock_never_takes_the_focus(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await console.type("typ")
        await ask(console)
        await console.press("e")
        assert console.prompt.text == "type"


async def test_a_chord_answers_with_the_text_of_the_prompt(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await ask(console)
        await console.type("call it final_page")
        await console.press("alt+w")
        assert answers(console) == [("answer", "q1", "call it final_page")]
        assert console.prompt.text == ""
        assert console.session.asked("submit") == []


async def test_with_an_empty_prompt_the_next_line_is_the_answer(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await ask(console)
        await console.press("alt+w")
        assert "Your answer to: Shall" in str(console.prompt.border_title)
        await console.press("enter")
        assert answers(console) == []
        await console.press(*"so", "enter")
        assert answers(console) == [("answer", "q1", "so")]
        assert console.session.asked("submit") == []
        assert str(console.prompt.border_title) == ""
        await console.press(*"next", "enter")
        assert [text for text, _ in console.session.asked("submit")] == ["next"]


async def test_a_question_without_options_is_answered_in_words_from_inside(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        await ask(console, options={})
        await console.press("ctrl+o")
        console.clock.advance(ARMING_MS)
        await console.press("enter")
        assert console.prompt.has_focus
        await console.press(*"why", "enter")
        assert answers(console) == [("answer", "q1", "why")]


async def test_enter_inside_gives_the_default_when_nothing_is_marked(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        await ask(console, options={}, default="as before")
        await console.press("ctrl+o")
        console.clock.advance(ARMING_MS)
        await console.press("enter")
        assert answers(console) == [("answer", "q1", [])]


async def test_enter_inside_without_a_choice_answers_nothing(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await ask(console)
        await console.press("ctrl+o")
        console.clock.advance(ARMING_MS)
        await console.press("enter")
        assert answers(console) == []
        assert "Choose an answer first" in toasts(console)[-1]


async def test_a_person_may_decline(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await ask(console)
        await console.press("ctrl+o")
        console.clock.advance(ARMING_MS)
        await console.press("d")
        assert answers(console) == [("decline", "q1")]
        assert not console.get(QuestionDock).display


async def test_words_are_not_offered_where_only_options_count(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await ask(console, allows_text=False)
        await console.press("alt+w")
        assert not console.prompt.border_title
        assert "Only the options" in toasts(console)[-1]
        console.session.questions.refuses = "choose one of 1: Keep"
        await console.type("perhaps")
        await console.press("alt+w")
        assert console.prompt.text == "perhaps"
        assert "choose one of 1: Keep" in toasts(console)[-1]


@pytest.mark.parametrize("key", ["enter", "d"])
async def test_a_key_before_the_arming_delay_is_ignored(
    open_console: OpenConsole, key: str
) -> None:
    async with open_console() as console:
        await ask(console)
        await console.press("ctrl+o", "1")
        console.clock.advance(ARMING_MS - 1)
        await console.press(key)
        assert answers(console) == []
        console.clock.advance(HELD_GAP_MS)
        await console.press(key)
        assert len(answers(console)) == 1


async def test_a_held_key_does_not_answer_the_next_question(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await ask(console, "q1", default="Keep")
        await console.emit(scenes.question("q2", default="Keep"))
        await console.press("ctrl+o")
        console.clock.advance(ARMING_MS)
        for _ in range(20):
            await console.press("enter")
            console.clock.advance(100)
        assert answers(console) == [("answer", "q1", ["Keep"])]


async def test_questions_are_counted_and_come_one_after_the_other(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        await ask(console, "q1")
        await console.emit(scenes.question("q2", text="And the other?", source="mender"))
        dock = console.get(QuestionDock)
        assert str(dock.border_subtitle).endswith("1 of 2")
        await console.type("yes")
        await console.press("alt+w")
        assert str(dock.border_title) == "The agent mender asks"
        assert part(console, "body") == "And the other?"
        assert dock.shown is not None
        assert dock.shown.question_id == "q2"


async def test_a_choice_is_kept_while_something_else_is_in_front(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        await ask(console, "q1")
        await console.emit(scenes.question("q2"))
        await console.press("ctrl+o", "3", "escape")
        assert console.get(QuestionDock).given == ["Both"]
        await console.press("ctrl+o")
        assert console.get(QuestionDock).given == ["Both"]


async def test_what_has_waited_longest_is_shown_first(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await ask(console)
        await console.emit(
            scenes.tool("t1", "run_command", ToolKind.EXECUTE, {"command": "ls"}),
            scenes.asks("p1", "t1", "run_command"),
        )
        assert console.get(QuestionDock).display
        assert not console.get(ApprovalDock).display
        console.clock.advance(5000)
        await console.press("alt+y")
        assert console.session.asked("answer") == []
        await console.type("so")
        await console.press("alt+w")
        assert not console.get(QuestionDock).display
        assert console.get(ApprovalDock).display
        await console.press("ctrl+o")
        console.clock.advance(ARMING_MS)
        await console.press("y")
        assert len(console.session.asked("answer")) == 1


async def test_escape_climbs_out_of_dock_and_writing_before_it_stops_the_run(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        await ask(console)
        await console.press("ctrl+o", "escape")
        assert console.prompt.has_focus
        await console.press("alt+w", *"half", "escape")
        assert str(console.prompt.border_title) == ""
        assert console.prompt.text == "half"
        assert console.session.asked("interrupt") == []
        await console.press("escape")
        assert console.session.asked("interrupt") == [()]


@pytest.mark.parametrize("way", ["answered elsewhere", "run cancelled"])
async def test_a_question_that_is_withdrawn_is_cleared_and_what_was_typed_stays(
    open_console: OpenConsole, way: str
) -> None:
    async with open_console() as console:
        await ask(console)
        await console.press("alt+w", *"half a")
        gone = QuestionAnswered(SESSION_ID, "q1", QuestionOutcome.WITHDRAWN, [])
        end = scenes.run_end(LoopStatus.CANCELLED)
        await console.emit(gone if way == "answered elsewhere" else end)
        assert not console.get(QuestionDock).display
        assert console.prompt.text == "half a"
        assert str(console.prompt.border_title) == ""
        await console.press("enter")
        assert answers(console) == []
        assert [text for text, _ in console.session.asked("submit")] == ["half a"]


async def test_focus_comes_back_when_the_question_is_withdrawn(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await ask(console)
        await console.press("ctrl+o")
        await console.emit(scenes.run_end(LoopStatus.CANCELLED))
        assert console.prompt.has_focus


async def test_an_answer_that_comes_too_late_stays_in_the_prompt(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        await ask(console)
        console.session.questions.is_gone = True
        await console.type("so")
        await console.press("alt+w")
        assert console.prompt.text == "so"
        assert "too late" in toasts(console)[-1]


async def test_while_an_answer_is_written_the_prompt_is_used_for_nothing_else(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        await ask(console)
        await console.emit(scenes.queued("f1", "a line"))
        await console.press("alt+w", *"so", "alt+up", "alt+enter", "ctrl+s", "alt+s", "alt+d")
        assert console.prompt.text == "so"
        assert console.session.calls_but("start", "save_draft") == []
        await console.press("escape", "alt+up", "alt+w")
        assert console.session.asked("hold") == [("f1",)]
        assert answers(console) == []


async def test_a_long_list_scrolls_to_the_option_that_is_chosen(open_console: OpenConsole) -> None:
    options = {f"Option {number}": "what it means, in many words " * 4 for number in range(1, 11)}
    async with open_console(size=(60, 20)) as console:
        await ask(console, options=options)
        detail = console.get(QuestionDetail)
        await console.press("ctrl+o", "0")
        assert console.get(QuestionDock).given == ["Option 10"]
        await console.until(lambda: detail.scroll_offset.y == detail.max_scroll_y)
        assert detail.max_scroll_y > 0
        await console.press("1")
        await console.until(lambda: detail.scroll_offset.y <= 1)


@pytest.mark.parametrize("size", [(40, 10), (30, 8), (80, 24)])
async def test_prompt_status_and_keys_stay_in_sight(
    open_console: OpenConsole, size: tuple[int, int]
) -> None:
    options = {f"Option {number}": "words " * 30 for number in range(1, 11)}
    async with open_console(size=size) as console:
        await ask(console, options=options, text="why? " * 200)
        screen = console.screen.region
        keys = console.get(QuestionDock).query_one("#question-keys")
        for widget in (console.prompt, console.get(StatusLine), keys):
            assert widget.region.height > 0
            assert screen.contains_region(widget.region)


def test_a_choice_does_not_leave_its_options() -> None:
    pending = PendingQuestion("q", "t", "?", (("A", ""), ("B", "")), True, False, None, 0)
    choice = Choice(pending)
    choice.mark_number(9)
    assert (choice.row, choice.given) == (None, [])
    choice.move(-1)
    assert choice.given == ["B"]
    choice.move(5)
    assert choice.given == ["B"]
    nothing = Choice(PendingQuestion("q", "t", "?", (), True, False, "x", 0))
    nothing.move(1)
    nothing.mark_row()
    nothing.mark_number(1)
    assert (nothing.row, nothing.given) == (None, [])
