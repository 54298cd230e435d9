"""Both engines, loaded: importing this module is what costs; the start-up room does it late."""

from harn_tui.console.transcript.engines import Engines
from harn_tui.console.transcript.markdown_engine import MarkdownItEngine
from harn_tui.console.transcript.syntax_engine import PygmentsEngine

COMMON_LANGUAGES = ("python", "bash", "json", "javascript", "typescript", "diff", "yaml", "toml")


def load_engines() -> Engines:
    """Return ready engines. Takes about 0.1 s of CPU: call it in a thread."""
    syntax = PygmentsEngine()
    syntax.warm(COMMON_LANGUAGES)
    return Engines(markdown=MarkdownItEngine(), syntax=syntax)
