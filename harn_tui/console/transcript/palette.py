"""The styles of one theme, resolved once: a rich style for every role and emphasis."""

from collections.abc import Mapping
from functools import lru_cache

from rich.style import Style

from harn_tui.console.transcript.roles import Role

BOLD, ITALIC, STRIKE, UNDERLINE = 1, 2, 4, 8

_PLAIN = Style()


class Palette:
    """Styles by role."""

    __slots__ = ("_emphasized", "_over", "_styles")

    def __init__(self, styles: Mapping[Role, Style]) -> None:
        self._styles = dict(styles)
        self._emphasized: dict[tuple[Role, int], Style] = {}
        self._over: dict[Role, Style] = {}

    def looks_like(self, other: "Palette") -> bool:
        """Whether every role looks the same in both."""
        return all(self[role] == other[role] for role in Role)

    def __getitem__(self, role: Role) -> Style:
        return self._styles.get(role, _PLAIN)

    def emphasized(self, role: Role, emphasis: int) -> Style:
        """Return the style of ``role`` with a sum of BOLD, ITALIC, STRIKE and UNDERLINE."""
        if not emphasis:
            return self[role]
        key = (role, emphasis)
        style = self._emphasized.get(key)
        if style is None:
            style = self._emphasized[key] = self[role] + _emphasis(emphasis)
        return style

    def over(self, role: Role) -> Style:
        """Return what of ``role`` is put over text that keeps its own colour."""
        style = self._over.get(role)
        if style is None:
            own = self[role]
            style = Style(bgcolor=own.bgcolor, bold=own.bold, underline=own.underline)
            self._over[role] = style
        return style

    def linked(self, style: Style, url: str) -> Style:
        """Return ``style`` as a terminal hyperlink (OSC 8) to ``url``, which must be safe."""
        return _linked(style, url)


@lru_cache(maxsize=16)
def _emphasis(emphasis: int) -> Style:
    return Style(
        bold=True if emphasis & BOLD else None,
        italic=True if emphasis & ITALIC else None,
        strike=True if emphasis & STRIKE else None,
        underline=True if emphasis & UNDERLINE else None,
    )


@lru_cache(maxsize=512)
def _linked(style: Style, url: str) -> Style:
    # Kept, so that all rows of a wrapped link share the link id that rich makes up.
    return style + Style(link=url)
