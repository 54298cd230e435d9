"""The form in which a reply in the text format enters the conversation."""

from typing import Final

from harn_tui.tagged_text.reply import TaggedReply

LONGEST_HISTORY_TEXT: Final = 131_072
"""Characters, the note on what was left out included."""
MOST_NAMES: Final = 20


def assistant_history(text: str, parsed: TaggedReply) -> str:
    """Return what the next requests show as the assistant's turn.

    A turn with a malformed call becomes a placeholder, so that the model does not copy its own
    mistake; else the canonical form stands for the reply, and where that is empty the reply
    itself, trimmed. All is cut on characters.
    """
    if parsed.errors:
        return _placeholder(parsed)
    history = parsed.canonical.strip() or text.strip()
    if len(history) <= LONGEST_HISTORY_TEXT:
        return history
    note = f"\n… (cut; the reply had {len(history)} characters)"
    return history[: LONGEST_HISTORY_TEXT - len(note)] + note


def _placeholder(parsed: TaggedReply) -> str:
    names = [call.name for call in parsed.calls]
    listed = ", ".join(names[:MOST_NAMES]) + (", …" if len(names) > MOST_NAMES else "")
    ran = f"{_counted(len(names))} ran ({listed})" if names else "No tool call ran"
    rejected = len(parsed.errors)
    was = "was" if rejected == 1 else "were"
    return (
        f"[This turn was malformed and is not repeated here. {ran}; "
        f"{_counted(rejected)} could not be parsed and {was} rejected.]"
    )


def _counted(count: int) -> str:
    return "1 tool call" if count == 1 else f"{count} tool calls"
