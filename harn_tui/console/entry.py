"""Where the command line enters the console.

Call ``console.environment.prepare_environment(os.environ)`` before importing this file.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Callable, Sequence

from harn_tui.console.app import HarnApp
from harn_tui.console.live import LiveSession
from harn_tui.console.ports import Clock, FindPosition, LoadRecords, OpenSession
from harn_tui.console.screens.chat import ChatScreen
from harn_tui.console.screens.replay import ReplayScreen
from harn_tui.console.startup import LoadParts, load_parts
from harn_tui.console.themes import DARK_THEME
from harn_tui.errors import HarnError


def system_clock() -> int:
    """Return Unix-epoch milliseconds."""
    return time.time_ns() // 1_000_000


def settle_garbage() -> None:
    """Set aside what start-up made, and let the collector look at what comes from now on."""
    gc.freeze()
    gc.enable()


class ConsoleRun:
    """One start of the console on a live session.

    ``open_session`` is called after the first frame. ``preload`` names modules that it needs, to
    be imported in a thread before it is called. ``prompt`` is submitted as the first line.
    ``choose_theme`` is called in a thread after the first frame, and may raise HarnError.
    ``freeze`` runs after the first frame: what start-up made is not looked at by later collections.
    """

    def __init__(
        self,
        open_session: OpenSession,
        *,
        now_ms: Clock = system_clock,
        theme: str = DARK_THEME,
        preload: Sequence[str] = (),
        prompt: str | None = None,
        load: LoadParts = load_parts,
        freeze: Callable[[], None] = settle_garbage,
        choose_theme: Callable[[], str | None] = lambda: None,
    ) -> None:
        self.screen = ChatScreen(now_ms)
        self.app = HarnApp(self.screen, self._open, theme_name=theme)
        self.live: LiveSession | None = None
        self._open_session = open_session
        self._preload = preload
        self._prompt = prompt
        self._load = load
        self._choose_theme = choose_theme
        self._failure: HarnError | None = None
        self._freeze = freeze

    async def run(self) -> int:
        """Run to the end; the session is closed when this returns. Returns the exit code.

        Raises HarnError when the session could not be opened and nothing was typed meanwhile.
        """
        try:
            code = await self.app.run_async()
        finally:
            await self.close()
        if self._failure is not None:
            raise self._failure
        return code if code is not None else self.app.return_code or 0

    async def close(self) -> None:
        """Close the session, if one was opened."""
        live, self.live = self.live, None
        if live is not None:
            await live.close()

    async def _open(self) -> None:
        self._freeze()
        if self._prompt:
            self.screen.submit_early(self._prompt)
        parts = await self._load(self._preload)
        try:
            wanted = await asyncio.to_thread(self._choose_theme)
            if wanted is not None:
                self.app.choose_theme(wanted)
            session = await self._open_session()
            self.live = LiveSession(session, self.screen)
            await self.live.start(parts)
        except HarnError as error:
            if self.screen.has_typed_text:
                self.screen.fail_to_open(str(error))
            else:
                self._failure = error
                self.app.exit()


def run_console(
    open_session: OpenSession,
    *,
    theme: str = DARK_THEME,
    preload: Sequence[str] = (),
    prompt: str | None = None,
    choose_theme: Callable[[], str | None] = lambda: None,
) -> int:
    """Run the console on a live session and return the exit code; see ``ConsoleRun``."""
    console = ConsoleRun(
        open_session, theme=theme, preload=preload, prompt=prompt, choose_theme=choose_theme
    )
    return asyncio.run(console.run())


def run_replay(
    load_records: LoadRecords,
    *,
    title: str = "",
    theme: str = DARK_THEME,
    start_at: FindPosition | None = None,
    read_new: LoadRecords | None = None,
) -> int:
    """Show a recorded session until a person leaves; return the exit code.

    ``load_records`` is called in a thread after the first frame; ``title`` names the session.
    ``start_at`` and ``read_new`` as in ``ReplayScreen``.
    """
    screen = ReplayScreen(load_records, title=title, start_at=start_at, read_new=read_new)
    app = HarnApp(screen, screen.open, theme_name=theme)
    app.run()
    return app.return_code or 0
