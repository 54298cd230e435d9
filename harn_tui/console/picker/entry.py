"""Where the command line enters the picker.

Call ``console.environment.prepare_environment(os.environ)`` before importing this file.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from harn_tui.console.app import HarnApp
from harn_tui.console.entry import system_clock
from harn_tui.console.picker.port import Choice, SessionsPort
from harn_tui.console.picker.screen import PickerScreen
from harn_tui.errors import HarnError


def pick_session(
    store: SessionsPort, here: str, *, choose_theme: Callable[[], str | None] = lambda: None
) -> Choice | None:
    """Let a person choose among the stored sessions; ``None`` when none was chosen.

    ``here`` is the folder whose sessions come first. ``choose_theme`` is called in a thread after
    the first frame, and may raise HarnError.
    """
    screen = PickerScreen(store, here, system_clock)

    async def open_picker() -> None:
        try:
            wanted = await asyncio.to_thread(choose_theme)
        except HarnError as error:
            app.notify(str(error), severity="error", markup=False)
        else:
            if wanted is not None:
                app.choose_theme(wanted)
        await screen.open()

    app = HarnApp(screen, open_picker)
    app.run()
    return screen.choice
