"""What the dock tells of a request, notes, the choice among several, and the view of one call."""

import pytest
from textual.containers import VerticalScroll
from textual.widgets import Static

from harn_tui.console.approval.call_view import CallView
from harn_tui.console.approval.dock import ApprovalDock
from harn_tui.events.host import PermissionDecision, PermissionRequest
from harn_tui.kinds import Decision, DecisionScope, ToolKind
from tests.unit.console import scenes
from tests.unit.console.conftest import OpenConsole
from tests.unit.console.kept_rules import asks_with_rule
from tests.unit.console.stand_ins import SESSION_ID
from tests.unit.console.test_dock import COMMAND, ask, body


async def test_the_dock_tells_risks_origin_and_the_rule_that_always_would_keep(
    open_console: OpenConsole,
) -> None:
    async with open_console(scenes.session_start()) as console:
        await console.emit(*asks_with_rule(console.session, 1, "git push origin main"))
        why = str(console.get(ApprovalDock).query_one("#dock-why", Static).visual).split("\n")
        risks, rule, where = why
        assert risks == "risks  network_access, outside_workspace"
        assert where.startswith("in /home/ann/project, asked because outside what is allowed by")
        assert where.endswith("(project rules, .harn/permissions.toml)")
        assert rule == "always would allow  git push *"


async def test_what_was_told_of_a_request_is_shown_with_nothing_hidden(
    open_console: OpenConsole,
) -> None:
    async with open_console(scenes.session_start()) as console:
        request = PermissionRequest(
            SESSION_ID,
            "p1",
            "t1",
            "run_command",
            "be\u202ecause",
            "",
            risks=["a\x1b[2J"],
            origin="o\nk",
            confinement="sandboxed\x1b, no network",
            proposed_rule={"tool": "x", "pattern": "[red]\u200bx", "argument": None},
        )
        await console.emit(scenes.tool("t1", "run_command", ToolKind.EXECUTE, COMMAND), request)
        why = str(console.get(ApprovalDock).query_one("#dock-why", Static).visual)
        assert "risks  a␛[2J" in why
        assert "\nsandboxed␛, no network · in " in why
        assert "be⟨202E⟩cause (o k)" in why
        assert "[red]⟨200B⟩x" in why


async def test_allowing_with_a_note_sends_the_prompts_text_with_the_answer(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        await ask(console)
        console.clock.advance(1000)
        await console.type("but use tabs")
        await console.press("alt+g")

        allowed = ("p1", Decision.ALLOW, DecisionScope.ONCE, "but use tabs")
        assert console.session.asked("answer") == [allowed]
        assert console.session.asked("submit") == []
        assert console.prompt.text == ""


async def test_allowing_with_a_note_asks_for_one_and_takes_it_with_enter(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        await ask(console)
        console.clock.advance(1000)
        await console.press("alt+g")
        assert "note" in str(console.prompt.border_title)
        await console.type("but use tabs")
        console.clock.advance(1000)
        await console.press("enter")

        allowed = ("p1", Decision.ALLOW, DecisionScope.ONCE, "but use tabs")
        assert console.session.asked("answer") == [allowed]


async def test_a_reason_for_one_call_never_refuses_the_next_one(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await ask(console)
        console.clock.advance(1000)
        await console.press("alt+d")
        gone = PermissionDecision(SESSION_ID, "p1", Decision.DENY, DecisionScope.ONCE)
        await console.emit(gone, *asks_with_rule(console.session, 2, "make clean"))
        assert not console.prompt.has_class("-editing")

        await console.type("too slow")
        console.clock.advance(1000)
        await console.press("enter")
        assert console.session.asked("answer") == []
        assert [text for text, _ in console.session.asked("submit")] == ["too slow"]


async def test_choosing_another_call_ends_the_reason_for_the_first(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        await ask(console)
        await console.emit(*asks_with_rule(console.session, 2, "make clean"))
        console.clock.advance(1000)
        await console.press("alt+d")
        await console.type("too slow")
        console.get(ApprovalDock).choose(1)
        console.clock.advance(1000)
        await console.press("enter")
        assert console.session.asked("answer") == []
        assert console.prompt.text == "too slow"


async def test_a_note_that_came_too_early_stays_in_the_prompt(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await ask(console)
        await console.type("too early")
        await console.press("alt+g")
        assert console.session.asked("answer") == []
        assert console.prompt.text == "too early"


async def test_inside_the_dock_another_request_can_be_chosen_and_answered(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        for number in (1, 2, 3):
            await ask(console, number, {"command": f"echo {number}"})
        dock = console.get(ApprovalDock)
        await console.press("ctrl+o")
        assert str(dock.border_subtitle) == "1 of 3 ← →"
        console.clock.advance(1000)
        await console.press("right")
        assert body(console) == "$ echo 2"
        await console.press("y")
        assert console.session.asked("answer") == []

        console.clock.advance(1000)
        await console.press("left", "left")
        assert (body(console), str(dock.border_subtitle)) == ("$ echo 3", "3 of 3 ← →")
        console.clock.advance(1000)
        await console.press("y")
        assert [answer[0] for answer in console.session.asked("answer")] == ["p3"]
        assert body(console) == "$ echo 1"


async def test_the_chosen_request_stays_while_others_come_and_go(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        for number in (1, 2):
            await ask(console, number, {"command": f"echo {number}"})
        await console.press("ctrl+o", "right")
        console.session.answer("p1", Decision.DENY)
        await ask(console, 3)
        assert body(console) == "$ echo 2"
        assert str(console.get(ApprovalDock).border_subtitle) == "1 of 2 ← →"


@pytest.mark.parametrize("keys", [("alt+v",), ("ctrl+o", "f")])
async def test_the_call_can_be_read_on_the_whole_screen_and_is_not_answered_there(
    open_console: OpenConsole, keys: tuple[str, ...]
) -> None:
    command = "\n".join(f"echo step {number}" for number in range(200))
    async with open_console() as console:
        await ask(console, arguments={"command": command})
        console.clock.advance(5000)
        await console.press(*keys)
        await console.until(lambda: isinstance(console.app.screen, CallView))
        page = console.app.screen.query_one(VerticalScroll)
        assert "echo step 199" in str(console.app.screen.query_one("#call-text", Static).visual)
        await console.press("y", "a", "n", "l", "enter", "end")
        await console.until(lambda: page.scroll_offset.y == page.max_scroll_y)
        assert console.session.asked("answer") == []
        await console.press("escape")
        assert console.app.screen is console.screen
        assert console.session.asked("interrupt") == []


async def test_without_a_request_there_is_no_call_to_view(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await console.press("alt+v")
        assert console.app.screen is console.screen
        assert "No call waits" in next(iter(console.app._notifications)).message


async def test_the_view_of_a_call_closes_when_it_no_longer_waits(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        await ask(console)
        await console.press("alt+v")
        await console.until(lambda: isinstance(console.app.screen, CallView))
        console.session.answer("p1", Decision.DENY)
        await console.until(lambda: console.app.screen is console.screen)
