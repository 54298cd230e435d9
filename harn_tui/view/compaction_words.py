"""A compaction in words: what made it happen, how it was done, what it saved."""

from harn_tui.kinds import CompactionMode
from harn_tui.view.model import CompactionBlock
from harn_tui.view.plain import one_line

_NAME_CHARS = 60
_TRIGGERS = {
    CompactionMode.AUTO: "automatically",
    CompactionMode.PREFLIGHT: "before a model call",
    CompactionMode.OVERFLOW: "after the server found the request too long",
    CompactionMode.MANUAL: "on request",
}


def compaction_title(block: CompactionBlock) -> str:
    """Return one line: what was done, when, to how many messages, by which strategy."""
    trigger = _TRIGGERS.get(CompactionMode(block.mode)) if block.mode in set(CompactionMode) else ""
    when = trigger or f"({one_line(block.mode, _NAME_CHARS)})"
    count = block.archived_messages
    messages = f"{count:,} message{'' if count == 1 else 's'}"
    return f"Compacted {when}: {messages} archived ({_strategy(block)})"


def saving_words(block: CompactionBlock) -> str:
    """Return how much smaller the request became, empty when there was nothing before."""
    before, after = block.tokens_before, block.tokens_after
    if before <= 0:
        return ""
    percent = round(100 * abs(before - after) / before)
    return f"{percent}% {'more' if after > before else 'less'}"


def _strategy(block: CompactionBlock) -> str:
    name = one_line(block.strategy, _NAME_CHARS)
    engine = block.engine_strategy
    if not engine or engine == block.strategy:
        return name
    return f"{name}, {one_line(engine, _NAME_CHARS)}"
