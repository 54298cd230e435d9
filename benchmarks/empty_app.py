"""The floor of every console benchmark: a Textual app that shows one word.

A program of its own; the benchmarks start it in a pseudo-terminal.
"""

from textual.app import App, ComposeResult
from textual.widgets import Static


class EmptyApp(App[None]):
    """An app with nothing in it."""

    def compose(self) -> ComposeResult:
        """Yield the one word."""
        yield Static("hello")


if __name__ == "__main__":
    EmptyApp().run()
