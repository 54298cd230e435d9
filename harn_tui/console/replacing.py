"""Puts another screen in the place of the one that a session is shown on."""

from textual.app import App
from textual.screen import Screen


async def replace_screen(app: App[int], screen: Screen[None]) -> None:
    """Close what lies over the session's screen and show ``screen`` in the place of that."""
    while len(app.screen_stack) > 1:
        await app.pop_screen()
    bottom = app.screen
    if not bottom._result_callbacks:  # noqa: SLF001 - Textual 8.2.8 switches to, not from, the first
        bottom._push_result_callback(bottom, None)  # noqa: SLF001 - see above
    await app.switch_screen(screen)
