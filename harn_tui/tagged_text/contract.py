"""The part of the system prompt that says how tools are called (docs/tool_formats.md)."""

from collections.abc import Sequence
from dataclasses import dataclass

from harn_tui.json_types import JsonObject
from harn_tui.tagged_text.declarations import compact_line, declaration
from harn_tui.tagged_text.grammar import (
    ASSISTANT_PROSE,
    CLOSE_CALL,
    DONE,
    NATIVE_FORMAT,
    OPEN_CALL,
    USER_RESPONSE,
    closing,
    opening,
)
from harn_tui.tagged_text.typescript import TypeWriter


@dataclass(frozen=True, slots=True)
class ContractTool:
    """A tool as the prompt describes it.

    ``parameters`` is its JSON Schema. ``is_compact`` leaves the schema out and gives one line.
    """

    name: str
    description: str
    parameters: JsonObject
    is_compact: bool = False


def tool_contract(
    tools: Sequence[ContractTool],
    *,
    tool_format: str,
    done_sentinel: str | None,
    tool_examples: str | None = None,
    is_ledger_active: bool = False,
    must_act_or_yield: bool = False,
) -> str:
    """Return the contract for ``tools``, ``""`` when there are none.

    ``tool_format`` other than ``native`` is a text format. ``done_sentinel`` ``None`` means that
    completion is not to be advertised. ``tool_examples`` are the host's own, for text formats.
    ``must_act_or_yield`` asks for a call before anything else.
    """
    if not tools:
        return ""
    is_native = tool_format == NATIVE_FORMAT
    sections = [_head(tool_format)]
    if is_native:
        sections.append(_native_protocol(done_sentinel))
    else:
        sections.append(_text_protocol(done_sentinel))
    if must_act_or_yield:
        sections.append(_action_gate(done_sentinel))
    if not is_native and tool_examples and tool_examples.strip():
        sections.append(f"## Tool call examples\n\n{tool_examples.strip()}")
    if is_ledger_active:
        sections.append(_ledger_help(is_native=is_native))
    if not is_native:
        sections += _tool_sections(tools)
    return "\n\n".join(sections)


def _head(tool_format: str) -> str:
    return (
        "## Tool Calling Contract\n\n"
        f"Active mode: `{tool_format}`. What follows holds for this conversation; where anything "
        "earlier shows another way to call tools, this section wins."
    )


def _native_protocol(done_sentinel: str | None) -> str:
    lines = [
        (
            "- Your tools are offered through the provider's own tool channel. Call them there and "
            "nowhere else."
        ),
        (
            "- Text is never run: write no call tags, no bare `name(...)` calls, no calls in code "
            "fences and no JSON that describes a call."
        ),
        "- Keep the text beside a call short: a sentence on what you do next is enough.",
        "- The final answer is plain text.",
    ]
    if done_sentinel is not None:
        lines.append(
            f"- When the whole request is complete, write {done_sentinel} exactly once, on a line "
            "of its own, and not before."
        )
    return "\n".join(lines)


def _text_protocol(done_sentinel: str | None) -> str:
    blocks = [
        (
            f"- {OPEN_CALL} holds exactly one call, `name({{ key: value }})`. Write one block for "
            "each call."
        ),
        f"- {opening(ASSISTANT_PROSE)} holds a short note on what you do and why.",
        f"- {opening(USER_RESPONSE)} holds what the person is meant to read: the answer.",
    ]
    rules = [
        "- Between the blocks stands only white space. Tags are in lower case, without attributes.",
        "- The argument of a call is one object literal; a tool without parameters takes `{}`.",
        "- Write no label such as `tool_code:` before a call and no code fence around it.",
        (
            "- Write text of more than one line, or text with quotes or backslashes, as a "
            "heredoc. Its lines are taken exactly as they are; nothing in them needs escaping. "
            "The closing tag begins a line, and the text must not have such a line of its own."
        ),
        (
            "- After your calls the reply ends; the results come in the next message. Never write "
            "results yourself."
        ),
        "- Keep prose brief.",
    ]
    if done_sentinel is not None:
        done = f"{opening(DONE)}{done_sentinel}{closing(DONE)}"
        blocks.append(f"- {done} says that the whole request is complete.")
        rules.append(
            f"- Write {done} only after a call whose result shows that the work is done, and only "
            "once."
        )
    return "\n".join(
        (
            "## Response protocol",
            "",
            "A reply is a sequence of these blocks:",
            "",
            *blocks,
            "",
            *rules,
            "",
            (
                "A complete reply, in which `tool_name` and its parameters stand for one of the "
                "tools below:"
            ),
            "",
            *_worked_example(),
        )
    )


def _worked_example() -> tuple[str, ...]:
    return (
        opening(ASSISTANT_PROSE),
        "I put the two lines into place, then I check them.",
        closing(ASSISTANT_PROSE),
        OPEN_CALL,
        'tool_name({ parameter: "value", long_parameter: <<EOF',
        'first line, with "quotes" and \\ as they are',
        "second line",
        "EOF",
        "})",
        CLOSE_CALL,
    )


def _action_gate(done_sentinel: str | None) -> str:
    marker = ", completion marker" if done_sentinel is not None else ""
    return (
        "## Action gate\n\n"
        "Begin with a tool call. Until one has succeeded, write no source code, diff, JSON"
        f"{marker} or other work product into your text: only a tool can change anything."
    )


def _ledger_help(*, is_native: bool) -> str:
    how = (
        "the `ledger` tool"
        if is_native
        else f'{OPEN_CALL}ledger({{ action: "mark", id: "…", status: "done" }}){CLOSE_CALL}'
    )
    return (
        "## Task ledger\n\n"
        "The deliverables of this task are kept in a ledger, shown to you as `<task_ledger>`. Use "
        f"{how} to keep it true: `mark` with `id` and `status` (`open`, `done`, `blocked`, "
        "`dropped`; the last two need a `note`), `add` with `text`, `note` with `text`, "
        "`rationale` with `text`. Use only ids that the ledger shows; never guess one. While "
        "anything is open or blocked the task is not complete."
    )


def _tool_sections(tools: Sequence[ContractTool]) -> list[str]:
    types = TypeWriter()
    full = [
        declaration(tool.name, tool.description, tool.parameters, types)
        for tool in tools
        if not tool.is_compact
    ]
    compact = [compact_line(tool.name, tool.description) for tool in tools if tool.is_compact]
    sections = []
    if types.aliases:
        lines = "\n".join(f"type {name} = {written};" for name, written in types.aliases)
        sections.append(f"## Shared types\n\n```typescript\n{lines}\n```")
    if full:
        declarations = "\n\n".join(full)
        sections.append(f"## Available tools\n\n```typescript\n{declarations}\n```")
    if compact:
        lines = "\n".join(compact)
        sections.append(f"## Other tools\n\n{lines}")
    return sections
