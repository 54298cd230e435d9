"""What the console says before its session is open."""

from textual.content import Content

OPENING = "opening the session"
OPENING_GLYPH = "◌"
IDLE_HINT = "What shall be done?"
TYPE_ALREADY = "Opening the session. You can type already."


def welcome(words: Content) -> Content:
    """Return what stands where the transcript will be."""
    return Content.styled("harn-tui\n\n", "bold $primary") + words.stylize_before("$muted")
