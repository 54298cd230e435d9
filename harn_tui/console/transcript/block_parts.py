"""The parts of a block that can be copied alone, by their names in the menu."""

from collections.abc import Callable

from harn_tui.console.transcript.block_source import (
    block_source,
    call_as_json,
    code_of,
    command_of,
)
from harn_tui.view.model import AssistantBlock, Block, ToolBlock, UserBlock
from harn_tui.view.tool_line import tool_line


def block_as_markdown(block: Block) -> str:
    """Return the block for a Markdown document: a request as a quote, output in a fence."""
    source = block_source(block)
    match block:
        case AssistantBlock():
            return source
        case UserBlock():
            return "\n".join([f"> {line}".rstrip() for line in source.split("\n")])
        case ToolBlock():
            fenced = fence(source, "diff" if block.details.get("diff") else "")
            return f"**{tool_line(block).text}**\n\n{fenced}" if source else tool_line(block).text
        case _:
            return fence(source) if "\n" in source else source


def fence(text: str, language: str = "") -> str:
    """Return ``text`` between fence lines that are longer than any inside of it."""
    longest = run = 0
    for character in text:
        run = run + 1 if character == "`" else 0
        longest = max(longest, run)
    marks = "`" * max(3, longest + 1)
    end = "" if text.endswith("\n") else "\n"
    return f"{marks}{language}\n{text}{end}{marks}"


def _call_as_json(block: Block) -> str:
    return call_as_json(block) if isinstance(block, ToolBlock) else ""


_PARTS: dict[str, Callable[[Block], str]] = {
    "Copy": block_source,
    "Copy as Markdown": block_as_markdown,
    "Copy the code": code_of,
    "Copy the command": command_of,
    "Copy the call as JSON": _call_as_json,
}


def parts_of(block: Block) -> dict[str, str]:
    """Return the texts that can be copied of a block, by their names in the menu."""
    found = {name: read(block) for name, read in _PARTS.items()}
    return {name: text for name, text in found.items() if text}
