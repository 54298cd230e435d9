"""The editor of the rule that an approval keeps for good."""

from dataclasses import replace

import pytest
from textual.widgets import Input, Static

from harn_tui.console.approval.guard import ARMING_MS, AnswerGuard
from harn_tui.console.approval.rule_editor import RuleEditor
from harn_tui.errors import UsageError
from harn_tui.events.host import PermissionRequest
from harn_tui.json_types import JsonObject
from harn_tui.kinds import Decision, DecisionScope, RulePlace
from harn_tui.permissions.chosen_rule import ChosenRule
from tests.unit.console.conftest import Console, OpenConsole
from tests.unit.console.kept_rules import asks_with_rule, ran

COMMAND = "git push origin main"
ALWAYS = DecisionScope.ALWAYS


async def open_editor(console: Console, command: str = COMMAND, key: str = "alt+l") -> RuleEditor:
    await console.emit(*asks_with_rule(console.session, 1, command))
    await console.press(key)
    await console.until(lambda: isinstance(console.app.screen, RuleEditor))
    editor = console.app.screen
    assert isinstance(editor, RuleEditor)
    return editor


def said(editor: RuleEditor, name: str) -> str:
    return str(editor.query_one(f"#{name}", Static).visual)


def field(editor: RuleEditor) -> Input:
    return editor.query_one(Input)


async def test_the_proposed_rule_is_there_to_edit_and_enter_keeps_it(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        editor = await open_editor(console)
        assert field(editor).value == "git push *"
        assert COMMAND in said(editor, "rule-call")
        assert "It lets this call through" in said(editor, "rule-verdict")
        console.clock.advance(ARMING_MS)

        await console.press("backspace", "backspace", *" origin *", "enter")

        rule = ChosenRule("git push origin *", RulePlace.PROJECT)
        expected = ("p1", Decision.ALLOW, ALWAYS, None, rule)
        assert console.session.asked("answer") == [expected]
        assert console.app.screen is console.screen
        assert console.prompt.has_focus
        assert console.prompt.text == ""


async def test_the_editor_says_which_agent_asks(open_console: OpenConsole) -> None:
    async with open_console() as console:
        *before, request = asks_with_rule(console.session, 1, COMMAND)
        assert isinstance(request, PermissionRequest)
        arguments: JsonObject = {"command": COMMAND}
        await console.emit(*before, replace(request, source="pusher", arguments=arguments))
        await console.press("alt+l")
        await console.until(lambda: isinstance(console.app.screen, RuleEditor))
        title = str(console.app.screen.query_one("#rule-box").border_title)
        assert title == "Always allow run_command? · agent pusher"


async def test_escape_goes_back_without_an_answer(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await open_editor(console)
        console.clock.advance(ARMING_MS)
        await console.press("escape")
        assert console.app.screen is console.screen
        assert console.session.asked("answer") == []
        assert console.session.asked("interrupt") == []


async def test_a_pattern_that_does_not_fit_is_refused_in_place(open_console: OpenConsole) -> None:
    async with open_console() as console:
        editor = await open_editor(console)
        console.clock.advance(ARMING_MS)
        for pattern, words in (
            ("git pull *", "does not match this call"),
            ("", "A pattern is needed"),
            ("**/a/" * 8, "not a usable glob"),
            ("git\u200b push *", "cannot be seen: git⟨200B⟩ push"),
        ):
            field(editor).value = pattern
            await console.until(lambda words=words: words in said(editor, "rule-verdict"))  # type: ignore[misc]
            await console.press("enter")
            console.clock.advance(1000)
            assert console.app.screen is editor
        assert console.session.asked("answer") == []


async def test_tab_changes_where_the_rule_is_kept(open_console: OpenConsole) -> None:
    async with open_console() as console:
        editor = await open_editor(console)
        assert "● this project" in said(editor, "rule-place")
        assert ".harn/permissions.toml" in said(editor, "rule-place")
        console.clock.advance(ARMING_MS)
        await console.press("tab")
        assert "● all folders" in said(editor, "rule-place")
        await console.press("enter")
        ((*_, rule),) = console.session.asked("answer")
        assert rule == ChosenRule("git push *", RulePlace.USER)


async def test_a_folder_that_is_not_trusted_offers_the_persons_file_alone(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        del console.session.approvals.files[1]
        editor = await open_editor(console)
        assert "all folders" in said(editor, "rule-place")
        assert "this project" not in said(editor, "rule-place")
        assert "a trusted folder" in said(editor, "rule-place")
        await console.press("tab")
        assert "● all folders" in said(editor, "rule-place")


async def test_earlier_calls_that_it_would_have_allowed_are_counted_and_shown(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        commands = [
            "git push a",
            "git pull",
            "git push b; rm c",
            *(f"git push {n}" for n in "defg"),
        ]
        for number, command in enumerate(commands):
            await console.emit(*ran(number, command))
        editor = await open_editor(console)
        await console.until(lambda: "allowed 5 of 7" in said(editor, "rule-earlier"))
        lines = said(editor, "rule-earlier").split("\n")
        assert lines[1:] == ["  git push g", "  git push f", "  git push e", "  and 2 more"]

        field(editor).value = "git *"
        await console.until(lambda: "allowed 6 of 7" in said(editor, "rule-earlier"))


async def test_enter_does_not_count_at_once_nor_while_it_is_held(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        editor = await open_editor(console)
        await console.press("enter")
        for _ in range(14):
            console.clock.advance(100)
            await console.pilot.press("enter")
        assert console.app.screen is editor
        assert console.session.asked("answer") == []


async def test_a_long_call_is_whole_in_the_editor_and_can_be_scrolled(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        text = "\n".join(f"line {number}" for number in range(60))
        editor = await open_editor(console, f"git commit -m '{text}'")
        place = editor.query_one("#rule-call-place")
        assert "line 59" in said(editor, "rule-call")
        assert place.max_scroll_y > 40
        await console.press("pagedown")
        assert place.scroll_offset.y == place.size.height
        await console.press("pageup")
        assert place.scroll_offset.y == 0


async def test_the_hint_lights_up_when_enter_counts(open_console: OpenConsole) -> None:
    async with open_console() as console:
        editor = await open_editor(console)
        assert not editor.query_one("#rule-box").has_class("-armed")
        console.clock.advance(ARMING_MS)
        await console.until(lambda: editor.query_one("#rule-box").has_class("-armed"))


async def test_the_hint_lights_up_though_the_timer_fired_too_early(
    open_console: OpenConsole, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[bool] = []

    class SeenGuard(AnswerGuard):
        @property
        def is_armed(self) -> bool:
            looks.append(super().is_armed)
            return looks[-1]

    monkeypatch.setattr("harn_tui.console.approval.rule_editor.ARMING_MS", 0)
    monkeypatch.setattr("harn_tui.console.approval.rule_editor.AnswerGuard", SeenGuard)
    async with open_console() as console:
        editor = await open_editor(console)
        await console.until(lambda: bool(looks))
        assert not any(looks)
        console.clock.advance(ARMING_MS)
        await console.until(lambda: editor.query_one("#rule-box").has_class("-armed"))


async def test_letters_go_into_the_pattern_and_answer_nothing(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await console.emit(*asks_with_rule(console.session, 1, COMMAND))
        await console.press("ctrl+o", "l")
        await console.until(lambda: isinstance(console.app.screen, RuleEditor))
        console.clock.advance(5000)
        await console.press("y", "n", "a", "l", "f")
        editor = console.app.screen
        assert isinstance(editor, RuleEditor)
        assert field(editor).value == "git push *ynalf"
        assert console.session.asked("answer") == []


async def test_a_command_with_unseen_characters_is_not_put_into_the_field(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        editor = await open_editor(console, "touch a\u202eb")
        assert field(editor).value == ""
        assert "⟨202E⟩" in said(editor, "rule-call")
        assert "A pattern is needed" in said(editor, "rule-verdict")


async def test_a_pasted_pattern_goes_into_the_field_without_control_characters(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        editor = await open_editor(console)
        field(editor).value = ""
        field(editor).insert_text_at_cursor("git\x1b[2J *")
        assert "\x1b" not in field(editor).value


async def test_a_call_that_was_answered_elsewhere_closes_the_editor(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        await open_editor(console)
        console.session.answer("p1", Decision.DENY)
        await console.until(lambda: console.app.screen is console.screen)
        assert "no longer waits" in next(iter(console.app._notifications)).message
        assert len(console.session.asked("answer")) == 1


async def test_an_answer_that_came_too_late_is_told(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await open_editor(console)
        console.clock.advance(ARMING_MS)
        console.session.refuses.add("answer")
        await console.press("enter")
        assert "no longer waits" in next(iter(console.app._notifications)).message


async def test_a_rule_that_the_session_refuses_is_told(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await open_editor(console)
        console.clock.advance(ARMING_MS)
        console.session.answer_error = UsageError("It cannot be.")
        await console.press("enter")
        assert next(iter(console.app._notifications)).message == "It cannot be."


async def test_where_no_rule_would_help_the_editor_says_so_instead(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        rules: JsonObject = {"ask": ["run_command"]}
        await console.emit(*asks_with_rule(console.session, 1, COMMAND, rules))
        await console.press("alt+l")
        assert console.app.screen is console.screen
        message = next(iter(console.app._notifications)).message
        assert message.startswith("No rule would let this call through another time")


async def test_where_nothing_asks_or_no_rule_can_be_kept_nothing_opens(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        await console.press("alt+l")
        assert console.app.screen is console.screen
        await console.emit(*asks_with_rule(console.session, 1, COMMAND))
        console.session.approvals.files.clear()
        await console.press("alt+l")
        assert console.app.screen is console.screen
        assert "No rule can be kept" in next(iter(console.app._notifications)).message
