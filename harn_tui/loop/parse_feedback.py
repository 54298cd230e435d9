"""Tells the model which of its calls could not be read, once (10.4)."""

from harn_tui.loop.config import LoopConfig
from harn_tui.loop.messages import record_message, runtime_message
from harn_tui.loop.state import LoopState, Turn
from harn_tui.tagged_text.corrections import parse_guidance

PARSE_ERROR_KIND = "parse_error"


def report_parse_errors(config: LoopConfig, state: LoopState, turn: Turn) -> None:
    """Put the feedback into the history, if the turn's reply had such calls."""
    if turn.reply is None or not turn.reply.parse_errors:
        return
    content = parse_guidance(turn.reply.tagged, tool_format=config.options.tool_format)
    record_message(state, runtime_message(PARSE_ERROR_KIND, content))
