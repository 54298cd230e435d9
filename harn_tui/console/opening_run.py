"""A start of the console, from its first picture on: the chat screen is read in after it.

Where the command line enters. Call ``console.environment.prepare_environment(os.environ)`` before
importing this file.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from harn_tui.console.app import HarnApp
from harn_tui.console.last_theme import LastTheme
from harn_tui.console.places import Places
from harn_tui.console.screens.opening import OpeningScreen
from harn_tui.console.startup import load_console_run
from harn_tui.console.theme_library import ThemeLibrary
from harn_tui.console.themes import theme_folder

if TYPE_CHECKING:
    from harn_tui.console.entry import ConsoleRun
    from harn_tui.console.picker.port import Choice
    from harn_tui.console.ports import FirstRun, OpenOther, OpenSession, OpenSettings
    from harn_tui.console.screens.switching import OpenStore
    from harn_tui.console.tail import ReadTail


def run_console(
    open_session: OpenSession,
    *,
    places: Places,
    open_settings: OpenSettings,
    preload: Sequence[str] = (),
    prompt: str | None = None,
    first_run: FirstRun | None = None,
    read_tail: ReadTail | None = None,
    open_other: OpenOther | None = None,
    open_store: OpenStore | None = None,
    terminal_mode: list[Any] | None = None,
) -> tuple[int, Choice | None]:
    """Run the console on a live session; see ``ConsoleRun`` and ``HarnApp``.

    Returns the exit code, and the session that the person chose to go on with. The session is
    closed when this returns. Raises HarnError when it could not be opened, after the person has
    left when something was typed meanwhile.
    """
    opened: list[ConsoleRun] = []

    async def go_on() -> None:
        make_run = await load_console_run()
        run = make_run(
            app,
            open_session,
            preload=preload,
            prompt=prompt,
            first_run=first_run,
            read_tail=read_tail,
            open_other=open_other,
            open_store=open_store,
        )
        opened.append(run)
        await app.enter(run.screen)
        await run.open()

    app = HarnApp(
        OpeningScreen(),
        go_on,
        themes=ThemeLibrary(theme_folder(), places.themes),
        last_theme=LastTheme(places.last_theme),
        open_settings=open_settings,
        holds_input=True,
        terminal_mode=terminal_mode,
    )

    async def run_app() -> tuple[int, Choice | None]:
        try:
            code = await app.run_async()
        finally:
            for run in opened:
                await run.close()
        for run in opened:
            run.check()
        choice = opened[-1].screen.switching.choice if opened else None
        return code if code is not None else app.return_code or 0, choice

    return asyncio.run(run_app())
