"""Where the command line enters the picker.

Call ``console.environment.prepare_environment(os.environ)`` before importing this file.
"""

from __future__ import annotations

from harn_tui.console.app import HarnApp
from harn_tui.console.entry import system_clock
from harn_tui.console.last_theme import LastTheme
from harn_tui.console.picker.port import Choice, SessionsPort
from harn_tui.console.picker.screen import PickerScreen
from harn_tui.console.places import Places
from harn_tui.console.ports import OpenSettings
from harn_tui.console.theme_library import ThemeLibrary
from harn_tui.console.themes import theme_folder
from harn_tui.errors import HarnError


def pick_session(
    store: SessionsPort, here: str, *, places: Places, open_settings: OpenSettings
) -> Choice | None:
    """Let a person choose among the stored sessions; ``None`` when none was chosen.

    ``here`` is the folder whose sessions come first. ``open_settings`` is called in a thread after
    the first frame; what it gives says how the screen looks and what its keys do.
    """
    screen = PickerScreen(store, here, system_clock)

    async def open_picker() -> None:
        try:
            await app.preferences.load()
        except HarnError as error:
            app.notify(str(error), severity="error", markup=False)
        await screen.open()

    app = HarnApp(
        screen,
        open_picker,
        themes=ThemeLibrary(theme_folder(), places.themes),
        last_theme=LastTheme(places.last_theme),
        open_settings=open_settings,
    )
    app.run()
    return screen.choice
