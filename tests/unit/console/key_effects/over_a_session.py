"""The effects of the keys that lead out of the prompt: to models, other sessions, the past."""

from harn_tui.console.models.picker import ModelPicker
from harn_tui.console.picker.screen import PickerScreen
from harn_tui.console.picker.title_box import TitleBox
from harn_tui.console.screens.history_search import HistorySearch
from harn_tui.console.screens.rewind import RewindScreen
from harn_tui.console.screens.server_list import ServerList
from tests.unit.console import test_models, test_switching
from tests.unit.console.conftest import Console
from tests.unit.console.key_effects.effect import Effect
from tests.unit.console.key_effects.in_a_session import home, offered, shows, typed
from tests.unit.console.key_effects.other_program import WRITTEN
from tests.unit.console.test_preferences import screen_text
from tests.unit.console.test_rewind import FakeRewinding


async def _idle(console: Console) -> FakeRewinding:
    """Have a past to go back in, and no run that is in the way."""
    await home(console)
    console.session.is_running = False
    rewinding = FakeRewinding()
    console.session.rewinding = rewinding
    return rewinding


async def _with_models(console: Console) -> None:
    await home(console)
    console.session.models.offered = [test_models.ONE]


async def _among_sessions(console: Console) -> None:
    await home(console)
    test_switching.offering(console)


async def _wishes(console: Console) -> int:
    await home(console)
    return console.session.compaction.wishes


async def _beside_an_image(console: Console) -> None:
    await home(console)
    console.session.prompt_sources.paths = ("notes.txt", "shot.png")


async def _after_a_line(console: Console) -> None:
    await home(console)
    console.prompt.past.add("an older line")


def _offers_the_image(console: Console, _: object) -> bool:
    return console.prompt.text == "@" and "shot.png" in offered(console)


def _undid(console: Console, rewinding: FakeRewinding) -> bool:
    return rewinding.done == [("undo",)] and len(rewinding.told) == 1


def _edited(console: Console, draft: str) -> bool:
    told = [note.message for note in console.app._notifications]
    return console.prompt.text == WRITTEN and draft in told


ANYWHERE: dict[str, Effect[Console]] = {
    "rewind": shows(RewindScreen, _idle),
    "undo_rewind": Effect(_idle, _undid),
}
CHAT: dict[str, Effect[Console]] = {
    "switch_model": shows(ModelPicker, _with_models),
    "mcp": shows(ServerList),
    "compact": Effect(_wishes, lambda c, was: c.session.compaction.wishes == was + 1),
    "attach_image": Effect(_beside_an_image, _offers_the_image),
    "open_sessions": shows(PickerScreen, _among_sessions),
    "rename_session": shows(TitleBox),
    "fork_session": Effect(
        _among_sessions, lambda c, _: "Forked as fork-of-0199-aaaa" in screen_text(c)
    ),
}
PROMPT: dict[str, Effect[Console]] = {
    "search_history": shows(HistorySearch, _after_a_line),
    "edit_outside": Effect(typed, _edited),
}
