import pytest

from harn_tui.console.queue_strip.rows import age_of, where_it_goes
from harn_tui.console.queue_strip.strip import QueueStrip
from harn_tui.console.screens.injection_preview import InjectionPreview, preview_content
from harn_tui.console.status.line import StatusLine
from harn_tui.events.agent import FeedbackInjected
from harn_tui.kinds import Boundary, FeedbackState, ToolKind
from harn_tui.view.model import QueuedLine
from tests.unit.console import scenes
from tests.unit.console.conftest import Console, OpenConsole
from tests.unit.console.stand_ins import SESSION_ID, START_MS


def rows(console: Console) -> list[str]:
    return [" ".join(row.split()) for row in console.get(QueueStrip).render().plain.split("\n")]


async def run_with_two_lines(console: Console) -> None:
    console.session.is_running = True
    await console.emit(
        *scenes.run_start(),
        scenes.queued("f1", "first"),
        scenes.queued("f2", "second", Boundary.AFTER_RUN),
    )


async def test_a_row_says_text_boundary_and_age(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await run_with_two_lines(console)
        console.clock.advance(12_000)
        console.get(QueueStrip).tick(console.clock())

        assert rows(console)[1:] == [
            "○ first before the next model call · 12 s",
            "○ second after this run · 12 s",
        ]


@pytest.mark.parametrize(
    ("state", "boundary", "words"),
    [
        (FeedbackState.QUEUED, Boundary.NEXT_PREFLIGHT, "before the next model call"),
        (FeedbackState.QUEUED, Boundary.AFTER_RUN, "after this run"),
        (FeedbackState.QUEUED, Boundary.NOW, "now"),
        (FeedbackState.HELD, Boundary.NOW, "held while you edit it"),
        (FeedbackState.CLAIMED, Boundary.NOW, "entering the next model call"),
        (FeedbackState.UNDELIVERED, Boundary.NOW, "not delivered: the run ended first"),
    ],
)
def test_boundary_and_state_are_told_in_words(
    state: FeedbackState, boundary: Boundary, words: str
) -> None:
    line = QueuedLine("f1", "text", state, boundary, START_MS)
    assert where_it_goes(line, is_running=True) == words


def test_a_line_that_waits_for_no_run_goes_with_the_next_one() -> None:
    line = QueuedLine("f1", "x", FeedbackState.QUEUED, Boundary.AFTER_RUN, START_MS)
    assert where_it_goes(line, is_running=False) == "with the next run"
    assert age_of(line, START_MS + 65_000) == "1 m 05 s"


async def test_a_paused_queue_says_so_and_names_the_key(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await run_with_two_lines(console)
        console.session.is_running, console.session.is_paused = False, True
        await console.emit(scenes.run_end())

        heading, *lines = rows(console)
        assert heading.startswith("Paused · 2 queued Enter on an empty prompt resumes")
        assert all(line.endswith("paused") for line in lines)


async def test_editing_holds_the_line_and_enter_releases_the_new_text(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        await run_with_two_lines(console)
        await console.type("my draft")

        await console.press("alt+up")
        assert console.session.asked("hold") == [("f2",)]
        assert console.prompt.text == "second"
        assert console.prompt.border_title == "Editing a queued line"

        await console.press("!", "enter")
        assert console.session.asked("release") == [("f2", "second!")]
        assert console.prompt.text == "my draft"
        assert console.session.asked("submit") == []
        assert any("second!" in row for row in rows(console))


async def test_escape_leaves_the_edited_line_as_it_was(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await run_with_two_lines(console)
        await console.press("alt+up", "x", "escape")

        assert console.session.asked("release") == [("f2", None)]
        assert console.session.asked("interrupt") == []
        assert console.prompt.text == ""


async def test_a_line_edited_to_nothing_is_withdrawn(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await run_with_two_lines(console)
        await console.press("alt+up", "ctrl+u", "enter")

        assert console.session.asked("withdraw") == [("f2",)]
        await console.press("up")
        assert console.prompt.text == "second"


async def test_a_line_that_is_on_its_way_cannot_be_edited(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await run_with_two_lines(console)
        console.session.refuses.add("hold")
        await console.type("draft")

        await console.press("alt+up")

        assert console.prompt.text == "draft"
        assert "Too late" in next(iter(console.app._notifications)).message


async def test_text_is_kept_when_the_edited_line_is_gone(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await run_with_two_lines(console)
        await console.press("alt+up", "?")
        console.session.refuses.add("release")

        await console.press("enter")
        assert console.prompt.text == "second?"
        await console.press("enter")
        assert console.session.asked("submit") == [("second?", Boundary.NEXT_PREFLIGHT)]


async def test_the_draft_is_not_overwritten_by_an_edit(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await run_with_two_lines(console)
        await console.type("draft")
        await console.screen.flush()
        await console.press("alt+up", "x")
        await console.screen.flush()

        assert console.session.draft == "draft"


async def test_keys_in_the_list_select_delete_and_send_now(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await run_with_two_lines(console)
        strip = console.get(QueueStrip)

        await console.press("alt+q")
        assert strip.selected is not None
        assert strip.selected.feedback_id == "f2"
        await console.press("up", "s")
        assert console.session.asked("send_now") == [("f1",)]
        await console.press("d")
        assert console.session.asked("withdraw") == [("f1",)]
        await console.press("enter")
        assert console.session.asked("hold") == [("f2",)]
        assert console.prompt.has_focus


async def test_the_list_cannot_be_reached_by_tab(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await run_with_two_lines(console)
        await console.press("tab", "tab")
        assert not console.get(QueueStrip).has_focus


async def test_a_delivered_line_leaves_a_receipt(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await run_with_two_lines(console)
        await console.emit(
            scenes.claimed("f1"),
            FeedbackInjected(SESSION_ID, "user", "first"),
            scenes.delivered("f1", 14),
        )

        assert rows(console)[-1] == "✓ first delivered before call 14"


async def test_old_deliveries_of_a_resumed_session_leave_no_receipt(
    open_console: OpenConsole,
) -> None:
    past = [
        scenes.session_start(),
        *scenes.run_start(),
        scenes.queued("f1", "old"),
        scenes.claimed("f1"),
        FeedbackInjected(SESSION_ID, "user", "old"),
        scenes.delivered("f1", 2),
        scenes.run_end(),
    ]
    async with open_console(*past) as console:
        assert rows(console) == [""]


async def test_a_long_line_is_one_row_and_many_lines_are_counted(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        lines = [scenes.queued(f"f{n}", f"line {n}\n" + "x" * 5000) for n in range(8)]
        await console.emit(*lines)

        assert len(rows(console)) == 7
        assert rows(console)[-1] == "3 more"
        assert console.get(QueueStrip).size.height == 7


async def test_untrusted_text_is_not_markup_and_has_no_control_characters(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        await console.emit(scenes.queued("f1", "[bold]x[/] \x1b[31mred\x07"))
        assert "[bold]x[/] ␛[31mred␇" in rows(console)[1]


async def test_keys_move_a_line_and_change_its_boundary(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await run_with_two_lines(console)
        await console.press("alt+q", "K", "shift+down", "b")
        assert console.session.queue.calls == [
            ("move", "f2", -1),
            ("move", "f2", 1),
            ("change_boundary", "f2"),
        ]


async def test_a_boundary_that_comes_too_late_is_told(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await run_with_two_lines(console)
        console.session.queue.is_late = True
        await console.press("alt+q", "b")
        assert any("on its way" in note.message for note in console.app._notifications)


async def test_one_key_pauses_and_resumes(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await run_with_two_lines(console)
        await console.press("alt+r")
        assert console.session.queue.is_paused
        console.session.is_paused = True
        await console.press("alt+r")
        assert console.session.asked("resume_queue") == [()]


async def test_the_preview_shows_role_size_and_every_character(open_console: OpenConsole) -> None:
    async with open_console(size=(120, 40)) as console:
        await run_with_two_lines(console)
        console.session.queue.messages = [{"role": "user", "content": "a\u202eb" * 20}]
        await console.press("alt+i")
        await console.pilot.pause()
        assert isinstance(console.app.screen, InjectionPreview)
        page = preview_content(console.session.queue.messages).plain
        assert "1 of 1 · role user · ~15 tokens" in page
        assert "a⟨202E⟩b" in page
        await console.press("escape")
        assert console.screen.is_current


def test_an_empty_preview_says_so() -> None:
    assert preview_content([]).plain == "No line is waiting for the next model call."


async def test_the_first_escape_lets_a_running_call_end(open_console: OpenConsole) -> None:
    async with open_console(size=(120, 40)) as console:
        await run_with_two_lines(console)
        console.session.soft_stop.has_call = True
        await console.press("escape")
        assert console.session.asked("interrupt") == []
        assert "its result is kept" in console.get(StatusLine).render().plain
        await console.press("escape")
        assert console.session.asked("interrupt") == [()]


async def ask_with_three_lines(console: Console) -> None:
    await run_with_two_lines(console)
    await console.emit(
        scenes.queued("f3", "third"),
        scenes.tool("t1", "run_command", ToolKind.EXECUTE, {"command": "make"}),
        scenes.asks("p1", "t1", "run_command"),
    )


async def test_beside_an_approval_the_queue_has_its_rows_where_there_is_room(
    open_console: OpenConsole,
) -> None:
    async with open_console(size=(160, 48)) as console:
        await ask_with_three_lines(console)
        heading, *lines = rows(console)
        assert heading == "3 queued Alt+↑ edit · Alt+q choose"
        assert len(lines) == 3
        await console.pilot.resize_terminal(160, 24)
        await console.until(lambda: len(rows(console)) == 1)
        await console.pilot.resize_terminal(160, 48)
        await console.until(lambda: console.get(QueueStrip).size.height == 4)


async def test_beside_an_approval_whoever_is_in_the_queue_sees_its_keys_and_can_move(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        await ask_with_three_lines(console)
        strip = console.get(QueueStrip)
        assert len(rows(console)) == 1
        await console.press("alt+q")
        assert rows(console)[0].startswith("3 queued Enter edit · d delete · s now")
        await console.until(lambda: strip.size.height == 2)
        await console.press("k", "k", "k")
        assert rows(console)[1].startswith("○ first")
        await console.press("j")
        assert rows(console)[1].startswith("○ second")
        console.clock.advance(5000)
        await console.press("y", "a", "n", "l")
        assert console.session.asked("answer") == []


async def test_a_deleted_line_is_one_up_away_in_the_prompt(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await run_with_two_lines(console)
        await console.press("alt+q", "d", "escape")
        assert console.session.asked("withdraw") == [("f2",)]
        await console.until(lambda: console.prompt.has_focus)
        await console.press("up")
        assert console.prompt.text == "second"
