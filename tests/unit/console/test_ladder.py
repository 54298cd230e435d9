import pytest

from harn_tui.console.key_map import ACTIONS
from harn_tui.console.ladder import TABLE, LadderState, Rung, Step, next_step
from harn_tui.console.status.line import StatusLine
from harn_tui.kinds import ToolKind
from tests.unit.console import scenes
from tests.unit.console.conftest import OpenConsole

ROWS = [pytest.param(rung, key, step, id=f"{rung}-{key}") for (rung, key), step in TABLE.items()]


def _state(rung: Rung) -> LadderState:
    return LadderState() if rung is Rung.IDLE else LadderState(**{rung.value: True})


@pytest.mark.parametrize(("rung", "key", "step"), ROWS)
def test_each_row_of_the_ladder_decides_when_its_rung_is_the_innermost(
    rung: Rung, key: str, step: Step
) -> None:
    assert next_step(_state(rung), key) is step


@pytest.mark.parametrize(
    ("state", "key", "step"),
    [
        (LadderState(popup=True, running=True), "escape", Step.CLOSE_POPUP),
        (LadderState(editing=True, running=True), "escape", Step.CANCEL_EDIT),
        (LadderState(away=True, running=True), "escape", Step.FOCUS_PROMPT),
        (LadderState(draft=True, running=True), "escape", Step.INTERRUPT),
        (LadderState(draft=True), "escape", Step.NOTHING),
        (LadderState(quit_armed=True), "escape", Step.NOTHING),
        (LadderState(selection=True, draft=True), "ctrl+c", Step.COPY),
        (LadderState(draft=True, quit_armed=True), "ctrl+c", Step.CLEAR_DRAFT),
        (LadderState(running=True), "ctrl+c", Step.INTERRUPT),
        (LadderState(running=True, quit_armed=True), "ctrl+c", Step.QUIT),
    ],
)
def test_an_inner_rung_wins_over_an_outer_one(state: LadderState, key: str, step: Step) -> None:
    assert next_step(state, key) is step


def test_the_help_names_all_that_ctrl_c_does() -> None:
    (told,) = (action.help for action in ACTIONS if action.id == "clear_or_quit")
    words = {Step.COPY: "copy", Step.CLEAR_DRAFT: "clear", Step.INTERRUPT: "interrupt"}
    done = {step for (_, key), step in TABLE.items() if key == "ctrl+c"}
    assert done >= words.keys() | {Step.QUIT}
    assert all(word in told.lower() for word in [*words.values(), "quit"])


def test_escape_never_quits() -> None:
    steps = {step for (_, key), step in TABLE.items() if key == "escape"}
    assert not steps & {Step.QUIT, Step.ARM_QUIT}


async def test_escape_interrupts_the_run_and_leaves_the_draft(open_console: OpenConsole) -> None:
    async with open_console() as console:
        console.session.is_running = True
        await console.type("half a thought")

        await console.press("escape")

        assert console.session.asked("interrupt") == [()]
        assert console.prompt.text == "half a thought"


async def test_escape_does_nothing_when_nothing_runs(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await console.press("escape", "escape", "escape")

        assert console.session.asked("interrupt") == []
        assert console.app.is_running


async def test_ctrl_c_clears_the_draft_and_one_key_brings_it_back(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        await console.type("two hours\nof work")

        await console.press("ctrl+c")
        assert console.prompt.text == ""

        await console.press("alt+z")
        assert console.prompt.text == "two hours\nof work"


async def test_ctrl_c_copies_a_selection_and_keeps_the_draft(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await console.type("copy this")
        console.prompt.select_all()

        await console.press("ctrl+c")

        assert console.app.clipboard == "copy this"
        assert console.prompt.text == "copy this"


async def test_quitting_takes_two_presses_and_names_what_it_costs(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        await console.emit(scenes.queued("f1", "a"), scenes.queued("f2", "b"))

        await console.press("ctrl+c")
        told = console.get(StatusLine).render().plain
        assert "Ctrl+c again quits" in told
        assert "2 queued lines wait for the next start" in told
        assert console.app.is_running

        await console.pilot.press("ctrl+c")
        await console.until(lambda: not console.app.is_running)


async def test_a_late_second_press_does_not_quit(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await console.press("ctrl+c")
        console.clock.advance(3001)
        await console.press("ctrl+c")

        assert console.app.is_running


async def test_ctrl_q_quits_at_once_and_the_draft_is_saved(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await console.type("unsent")
        await console.pilot.press("ctrl+q")
        await console.until(lambda: not console.app.is_running)
        await console.run.close()

        assert console.session.draft == "unsent"
        assert console.session.is_closed
        assert console.session.listener_count == 0


async def test_escape_brings_the_focus_back_before_it_interrupts(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        console.session.is_running = True
        call = scenes.tool("t1", "run_command", ToolKind.EXECUTE, {"command": "ls"})
        await console.emit(call, scenes.asks("p1", "t1", "run_command"))
        await console.press("ctrl+o")
        assert console.screen.focused is not console.prompt

        await console.press("escape")
        assert console.screen.focused is console.prompt
        assert console.session.asked("interrupt") == []

        await console.press("escape")
        assert console.session.asked("interrupt") == [()]
