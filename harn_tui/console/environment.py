"""Settings of the screen library that must be in the environment before it is imported.

The command line calls ``prepare_environment(os.environ)`` and only then imports the rest of the
console: Textual reads these values once, while it is imported.
"""

from collections.abc import MutableMapping

_DEFAULTS = {
    # Textual's paint timer skips a period after a pause; at 240 a second the skip is not felt.
    # Streamed text is throttled to 30 frames a second by console.frame, not by this.
    "TEXTUAL_FPS": "240",
    "TEXTUAL_ANIMATIONS": "none",
    # How long a lone Escape waits to become an Alt chord: short, so that Escape followed by a
    # quickly typed letter is not taken for one.
    "ESCDELAY": "40",
}


def prepare_environment(environ: MutableMapping[str, str]) -> None:
    """Set what the person has not set already. Changes ``environ`` in place."""
    for name, value in _DEFAULTS.items():
        environ.setdefault(name, value)
    # An empty NO_COLOR says nothing (https://no-color.org); Textual would take it for a yes.
    if not environ.get("NO_COLOR", "yes"):
        del environ["NO_COLOR"]
