"""How well the colours of a theme can be told from what they stand on."""

from textual.color import Color
from textual.theme import Theme

TEXT_COLOURS = ("foreground", "primary", "secondary", "accent", "success", "warning", "error")
READABLE = 4.5
"""Least contrast of text, after WCAG 2.1, AA."""


def contrast(one: Color, other: Color) -> float:
    """Return the contrast ratio of WCAG 2.1, from 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def weakest_text(theme: Theme) -> tuple[str, float] | None:
    """Return the least readable text colour of ``theme`` and its contrast to the background.

    ``None`` where it cannot be told: the terminal knows its own colours, we do not.
    """
    if theme.ansi or theme.background is None:
        return None
    ground = Color.parse(theme.background)
    ratios = {
        name: contrast(Color.parse(value), ground)
        for name in TEXT_COLOURS
        if isinstance(value := getattr(theme, name), str)
    }
    weakest = min(ratios, key=ratios.__getitem__)
    return weakest, ratios[weakest]


def _luminance(colour: Color) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4
        for part in colour.normalized
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
