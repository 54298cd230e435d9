"""Choosing another model: in the list, by its name, and what the status line says of it."""

import pytest
from textual import events
from textual.widgets import Input, OptionList

from harn_tui.console.actions import REPLAY_SCOPES, actions_of
from harn_tui.console.models.picker import ModelPicker
from harn_tui.console.models.rows import MOST_ROWS, marks_for, model_rows
from harn_tui.console.status.line import StatusLine
from harn_tui.errors import HarnError
from harn_tui.events.host import ModelSwitch
from harn_tui.kinds import SwitchState
from tests.unit.console.conftest import Console, OpenConsole
from tests.unit.console.stand_ins import SESSION_ID, FakeModel, FakeModels, FakeOffer, FakeSession

ONE = FakeOffer("one", "one", "b", (FakeModel("a", 200_000, 3.0, 15.0), FakeModel("b")))
TWO = FakeOffer("two", "two", "big", (FakeModel("big"), FakeModel("small")))
GONE = FakeOffer("gone", "gone", "m", problem="Nobody answers.", is_usable=False)


def offering(session: FakeSession) -> None:
    session.models.offered = [ONE]
    session.models.late = [TWO, GONE]
    session.models.provider_name, session.models.model = "one", "a"


def picker(console: Console) -> ModelPicker:
    screen = console.app.screen
    assert isinstance(screen, ModelPicker)
    return screen


def shown(console: Console) -> list[str]:
    options = picker(console).query_one(OptionList)
    return [str(options.get_option_at_index(n).prompt) for n in range(options.option_count)]


def highlighted(console: Console) -> str:
    options = picker(console).query_one(OptionList)
    assert options.highlighted is not None
    return str(options.get_option_at_index(options.highlighted).prompt).strip()


async def open_list(console: Console) -> None:
    await console.press("alt+m")
    await console.until(lambda: isinstance(console.app.screen, ModelPicker))
    await console.until(lambda: len(shown(console)) > 3)


def models(console: Console) -> FakeModels:
    return console.session.models


async def test_the_list_fills_as_providers_answer_and_keeps_its_place(
    open_console: OpenConsole,
) -> None:
    async with open_console(prepare=offering) as console:
        await open_list(console)
        assert shown(console) == [
            "one",
            "   b",
            " ● a  200k tokens · $3 in, $15 out per million",
            "two: asking for its models…",
            "gone: asking for its models…",
        ]
        assert highlighted(console).startswith("● a")
        await console.press("up")
        assert highlighted(console) == "b"
        models(console).answer.set()
        await console.until(lambda: "   small" in shown(console))
        assert shown(console)[3:] == ["two", "   big", "   small", "gone: Nobody answers."]
        assert highlighted(console) == "b"


async def test_typing_narrows_and_enter_goes_over(open_console: OpenConsole) -> None:
    async with open_console(prepare=offering) as console:
        models(console).answer.set()
        await open_list(console)
        await console.press(*"two sm")
        await console.until(lambda: highlighted(console) == "small")
        assert shown(console) == ["two", "   small", "gone: Nobody answers."]
        await console.press("enter")
        await console.until(lambda: bool(models(console).switched))
        assert models(console).switched == [("two", "small")]
        status = console.get(StatusLine)
        await console.until(lambda: "small takes over." in str(status.render()))
        status.flash("", 0)
        assert "a (one) → small (two)" in str(status.render())
        await console.emit(ModelSwitch(SESSION_ID, SwitchState.ACTIVE, "two", "small"))
        assert "→" not in str(status.render())
        assert "small (two)" in str(status.render())


async def test_keys_that_come_at_once_choose_what_was_typed_for_and_close_one_screen(
    open_console: OpenConsole,
) -> None:
    async with open_console(prepare=offering) as console:
        models(console).answer.set()
        await open_list(console)
        for key in (*"smxx", "backspace", "backspace", "enter", "enter"):
            character = key if len(key) == 1 else None
            console.app.post_message(events.Key(key, character))
        await console.until(lambda: bool(models(console).switched))
        await console.settle()
        assert console.app.screen is console.screen
        assert models(console).switched == [("two", "small")]


@pytest.mark.parametrize("key", ["escape", "ctrl+c", "alt+m"])
async def test_closing_the_list_changes_nothing(open_console: OpenConsole, key: str) -> None:
    async with open_console(prepare=offering) as console:
        await console.type("half a line")
        await open_list(console)
        await console.press(key)
        assert console.app.screen is console.screen
        assert models(console).switched == []
        assert console.prompt.text == "half a line"
        assert console.session.asked("interrupt") == []


async def test_what_only_tells_cannot_be_chosen(open_console: OpenConsole) -> None:
    async with open_console(prepare=offering) as console:
        models(console).answer.set()
        await open_list(console)
        await console.press(*"zzz")
        await console.until(lambda: shown(console) == ["gone: Nobody answers."])
        await console.press("down", "enter")
        assert isinstance(console.app.screen, ModelPicker)
        assert models(console).switched == []


async def test_a_click_chooses(open_console: OpenConsole) -> None:
    async with open_console(prepare=offering) as console:
        await open_list(console)
        await console.pilot.click(OptionList, offset=(5, 1))
        await console.until(lambda: models(console).switched == [("one", "b")])


async def test_the_command_names_a_model_and_tells_what_is_wrong(
    open_console: OpenConsole,
) -> None:
    async with open_console(prepare=offering) as console:
        await console.type("/model small")
        await console.press("enter")
        await console.until(lambda: models(console).named == ["small"])
        assert console.prompt.text == ""
        models(console).error = HarnError("No provider has a model x[b].")
        await console.type("/model x[b]")
        await console.press("enter")
        await console.until(lambda: models(console).named == ["small", "x[b]"])
        await console.until(lambda: len(console.app._notifications) == 1)
        (told,) = console.app._notifications
        assert told.message == "No provider has a model x[b]."
        assert console.session.asked("submit") == []


async def test_the_command_alone_opens_the_list(open_console: OpenConsole) -> None:
    async with open_console(prepare=offering) as console:
        await console.type("/model")
        await console.press("enter")
        await console.until(lambda: isinstance(console.app.screen, ModelPicker))
        assert picker(console).query_one(Input).has_focus


async def test_a_list_that_cannot_be_made_is_told(open_console: OpenConsole) -> None:
    async with open_console(prepare=offering) as console:

        async def fail(tell: object) -> None:
            raise HarnError("The session is closed.")

        models(console).offers = fail  # type: ignore[method-assign]
        await console.press("alt+m")
        await console.until(lambda: len(console.app._notifications) == 1)
        assert console.app.screen is console.screen


def test_a_replay_offers_no_other_model() -> None:
    assert "switch_model" not in {action.id for action in actions_of(*REPLAY_SCOPES)}


def test_names_from_a_server_are_shown_as_text_and_lists_have_an_end() -> None:
    hostile = FakeModel("x\x1b[31m\n[bold]\u202ey")
    many = tuple(FakeModel(f"model-{number}") for number in range(1000))
    offers = {"p": FakeOffer("p\x1b", "p", "", (hostile, *many))}
    rows = model_rows(offers, unanswered=frozenset(), typed="", marks=marks_for(("p", ""), None))
    assert len(rows) == MOST_ROWS + 2
    texts = "".join(row.shown.plain for row in rows)
    assert "\x1b" not in texts
    assert "\u202e" not in texts
    assert "[bold]" in texts
    assert rows[-1].shown.plain == "  … 801 more; type to narrow"
    narrowed = model_rows(offers, unanswered=frozenset(), typed="model-999", marks={})
    assert [row.choice for row in narrowed if row.choice] == [("p\x1b", "model-999")]


async def test_compaction_is_asked_for_by_its_command(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await console.type("/compact")
        await console.press("enter")
        assert console.session.compaction.wishes == 1
        assert "will be summarised" in str(console.get(StatusLine).render())
        assert console.session.asked("submit") == []
