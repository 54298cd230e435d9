"""What the model is told after a reply with malformed calls or against the grammar."""

from collections.abc import Sequence
from typing import Final

from harn_tui.tagged_text.grammar import BLOCKS, NATIVE_FORMAT, OPEN_CALL, opening
from harn_tui.tagged_text.reply import TaggedReply

MOST_ERRORS: Final = 10
LONGEST_ERROR: Final = 500


def parse_guidance(parsed: TaggedReply, *, tool_format: str) -> str:
    """Return the feedback on calls that could not be parsed; advice fits ``tool_format``."""
    count = len(parsed.errors)
    head = "1 tool call" if count == 1 else f"{count} tool calls"
    parts = [f"{head} could not be parsed and did not run:\n{_listed(parsed.errors)}"]
    if parsed.calls:
        names = ", ".join(call.name for call in parsed.calls[:MOST_ERRORS])
        more = ", …" if len(parsed.calls) > MOST_ERRORS else ""
        parts.append(f"The other calls of that reply did run ({names}{more}); do not repeat them.")
    if tool_format == NATIVE_FORMAT:
        parts.append("Call tools through the provider's own tool channel, not in your text.")
    else:
        parts.append(
            "Send the corrected calls again, each in a "
            f"{OPEN_CALL} block of its own. Write text of more than one line, or with quotes in "
            "it, as a heredoc: `key: <<EOF`, then the lines, then EOF at the start of a line."
        )
    return "\n\n".join(parts)


def protocol_violation(parsed: TaggedReply) -> str:
    """Return the feedback on a reply that was understood but is against the grammar."""
    tags = ", ".join(opening(tag) for tag in BLOCKS[:-1])
    return (
        f"Your reply is against the response protocol:\n{_listed(parsed.violations)}\n\n"
        f"A reply consists of {tags} and {opening(BLOCKS[-1])} blocks, with only white space "
        "between them."
    )


def _listed(sentences: Sequence[str]) -> str:
    lines = [f"- {_cut(sentence)}" for sentence in sentences[:MOST_ERRORS]]
    if len(sentences) > MOST_ERRORS:
        lines.append(f"- … and {len(sentences) - MOST_ERRORS} more")
    return "\n".join(lines)


def _cut(sentence: str) -> str:
    return sentence if len(sentence) <= LONGEST_ERROR else sentence[:LONGEST_ERROR] + "…"
