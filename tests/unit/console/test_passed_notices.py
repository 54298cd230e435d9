"""A word in the status line about a state goes when that state has passed."""

from harn_tui.console.status.line import StatusLine
from harn_tui.kinds import LoopStatus, ToolKind
from tests.unit.console import scenes
from tests.unit.console.conftest import Console, OpenConsole


def _told(console: Console) -> str:
    return console.get(StatusLine).render().plain


async def test_the_word_about_a_soft_stop_goes_with_the_call(open_console: OpenConsole) -> None:
    async with open_console() as console:
        call = scenes.tool("t1", "run_command", ToolKind.EXECUTE, {"command": "ls"})
        console.session.is_running = True
        console.session.soft_stop.has_call = True
        await console.emit(*scenes.run_start(), call, scenes.tool_runs("t1", "run_command"))
        await console.press("escape")
        await console.emit(scenes.queued("f1", "and lint"))
        assert "its result is kept" in _told(console)

        console.session.is_running = console.session.soft_stop.is_armed = False
        await console.emit(scenes.run_end(LoopStatus.CANCELLED))

        assert "interrupted" in _told(console)


async def test_an_interrupt_takes_away_that_the_draft_can_come_back(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        console.session.is_running = True
        await console.emit(*scenes.run_start())
        await console.type("half a thought")
        await console.press("ctrl+c")
        assert "brings it back" in _told(console)

        await console.press("escape")

        assert console.session.asked("interrupt") == [()]
        assert "brings it back" not in _told(console)


async def test_a_line_that_was_sent_takes_away_that_the_draft_can_come_back(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        await console.type("half a thought")
        await console.press("ctrl+c")
        # As fast as a terminal that types: the screen hears of it when the prompt is empty again.
        console.prompt.insert("another")
        console.screen.action_perform("send")
        await console.settle()
        assert console.prompt.text == ""
        assert "brings it back" not in _told(console)


async def test_what_a_key_would_do_is_not_told_once_something_is_typed(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        for before, word in (("draft", "brings it back"), ("", "again quits")):
            await console.type(before)
            await console.press("ctrl+c")
            assert word in _told(console)

            await console.press("x")
            assert word not in _told(console)
            await console.press("backspace")
