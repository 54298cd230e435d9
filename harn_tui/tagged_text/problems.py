"""What a model is told about a reply that is against the grammar."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from harn_tui.tagged_text.grammar import (
    BLOCKS,
    DONE,
    OPEN_CALL,
    THINK,
    TOOL_CALL,
    closing,
    opening,
    preview,
)
from harn_tui.tagged_text.scan_events import CallEnded, CallTagEnded, LooseTag

MOST_TOOLS_NAMED: Final = 20
STRAY_PREVIEW: Final = 120
TAG_PREVIEW: Final = 40
NONE_UNAVAILABLE: Final[Mapping[str, str]] = MappingProxyType({})
"""Every tool that there is can be called."""

EMPTY_DONE: Final = f"{opening(DONE)} block is empty: it must hold the completion marker."
NO_BLOCK: Final = (
    "The reply has no block with content; write "
    + ", ".join(opening(tag) for tag in BLOCKS[:-1])
    + f" or {opening(BLOCKS[-1])}."
)
EMPTY_TAG: Final = f"{OPEN_CALL} body was empty."
NOT_A_CALL: Final = f"{OPEN_CALL} body did not begin with a `name(` identifier."
UNCLOSED_CANDIDATE: Final = f"{OPEN_CALL} block did not close before the response ended."


def call_problem(
    call: CallEnded, tools: Sequence[str], unavailable: Mapping[str, str]
) -> str | None:
    """Return why ``call`` cannot run, ``None`` when it can; ``tools`` are sorted."""
    if not call.is_known:
        return unknown_tool_problem(call.name, tools, unavailable)
    return None if call.problem is None else f"{call.name}: {call.problem}."


def unknown_tool_problem(name: str, tools: Sequence[str], unavailable: Mapping[str, str]) -> str:
    """Return what to say of a call of a tool that cannot be called.

    ``unavailable`` says it of those that exist. Of any other ``tools``, sorted, are listed.
    """
    if name in unavailable:
        return unavailable[name]
    more = ", …" if len(tools) > MOST_TOOLS_NAMED else ""
    listed = ", ".join(tools[:MOST_TOOLS_NAMED])
    return f"Unknown tool '{preview(name, TAG_PREVIEW)}'. Available tools: [{listed}{more}]"


def tag_problem(tag: CallTagEnded) -> str | None:
    """Return what is wrong with a closed ``<tool_call>`` block as such, ``None`` if nothing."""
    if len(tag.calls) > 1:
        return (
            f"{OPEN_CALL} block holds {len(tag.calls)} calls, so none of them ran: "
            "write one block for each call."
        )
    if tag.calls:
        return None
    if not tag.text.strip():
        return EMPTY_TAG
    return (
        f"{NOT_A_CALL} It holds `{preview(tag.text, TAG_PREVIEW)}`; "
        "write the call as name({ key: value })."
    )


def loose_tag_violation(tag: LooseTag) -> str:
    """Return what is wrong with a tag that opens and closes nothing."""
    name = tag.name.lower()
    if name not in (*BLOCKS, THINK):
        return f"Unknown tag {preview(tag.text, TAG_PREVIEW)} outside of a block."
    plain = closing(name) if tag.is_closing else opening(name)
    if tag.text != plain:
        return (
            f"Unknown tag {preview(tag.text, TAG_PREVIEW)}: write {plain}, in lower case and "
            "without spaces or attributes."
        )
    if tag.is_closing:
        return f"{plain} closes a block that was not opened."
    return unclosed_violation(name)


def unclosed_violation(tag: str) -> str:
    """Return what to say of a block without its closing tag."""
    return f"{opening(tag)} is not closed; end the block with {closing(tag)}."


def unwrapped_violation(count: int) -> str:
    """Return what to say of ``count`` calls that ran though they had no block."""
    calls = "1 call stands" if count == 1 else f"{count} calls stand"
    return f"{calls} outside of {opening(TOOL_CALL)}; wrap each call in a block of its own."


def stray_violation(text: str) -> str:
    """Return what to say of text outside of every block."""
    return f"Stray text outside of every block: `{preview(text, STRAY_PREVIEW)}`"
