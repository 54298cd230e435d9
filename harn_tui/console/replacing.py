"""Puts another screen in the place of the one that a session is shown on."""

from typing import Any

from textual.app import App
from textual.screen import Screen


async def replace_screen(app: App[int], before: Screen[Any], screen: Screen[Any]) -> None:
    """Close what lies over ``before`` and show ``screen`` in its place, nothing in between."""
    while app.screen is not before:
        await app.pop_screen()
    if not before._result_callbacks:  # noqa: SLF001 - Textual 8.2.8 switches to, not from, the first
        before._push_result_callback(before, None)  # noqa: SLF001 - see above
    await app.switch_screen(screen)


def forget_watchers(app: App[int]) -> None:
    """Have the app hold no widget that watched it and is gone.

    Textual 8.2.8 drops those of a setting only when that setting changes; until then they keep
    the whole screen that they were on.
    """
    for watchers in getattr(app, "__watchers", {}).values():
        watchers[:] = [(widget, call) for widget, call in watchers if not widget._closing]  # noqa: SLF001 - as Textual does
