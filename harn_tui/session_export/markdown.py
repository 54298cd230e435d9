"""A session as Markdown for people: what was asked, answered, done and changed."""

import re
import time

from harn_tui.session_export.exported import ExportedSession
from harn_tui.view.model import (
    AssistantBlock,
    Block,
    FeedbackBlock,
    ThoughtBlock,
    ToolBlock,
    UserBlock,
)
from harn_tui.view.plain import one_line, printable
from harn_tui.view.text import block_text
from harn_tui.view.tool_line import tool_line

_LONGEST_LINE = 160
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~])")


def markdown(session: ExportedSession) -> str:
    """Return the document, with a line end at its end."""
    parts = [f"# {_escaped(session.title)}", _facts(session)]
    parts += [part for block in session.view.blocks if (part := _part(block))]
    files = session.view.files.values()
    if files:
        parts.append("## Files changed")
        parts.append(
            "\n".join(f"- {_code(file.path)} +{file.added} -{file.removed}" for file in files)
        )
    return "\n\n".join(parts) + "\n"


def _facts(session: ExportedSession) -> str:
    view, totals = session.view, session.view.totals
    started = time.gmtime(session.records[0].emitted_at_ms / 1000)
    cost = "unknown" if totals.cost_usd is None else f"${totals.cost_usd:.4f}"
    facts = {
        "Session": _code(session.session_id),
        "Folder": _code(view.cwd),
        "Model": _code(f"{view.provider} {view.model}".strip()),
        "Started": time.strftime("%Y-%m-%d %H:%M:%S UTC", started),
        "Turns": str(view.turn),
        "Tokens": f"{totals.input_tokens:,} sent, {totals.output_tokens:,} received",
        "Cost": cost,
    }
    lines = [f"- {name}: {value}" for name, value in facts.items() if value]
    if session.blobs or session.blobs_left_out:
        names = [*session.blobs, *session.blobs_left_out]
        lines.append(f"- Attached files, not in this document: {', '.join(map(_code, names))}")
    lines.append("- Secrets that were found are replaced by `[redacted]`.")
    return "\n".join(lines)


def _part(block: Block) -> str | None:
    match block:
        case UserBlock() | ToolBlock() | FeedbackBlock() if block.discarded:
            return None
        case UserBlock() if block.starts_run:
            return f"## Request\n\n{_quoted(block.text)}"
        case UserBlock():
            return f"**Steered:**\n\n{_quoted(block.text)}"
        case FeedbackBlock():
            return f"**{_escaped(block.kind)}:**\n\n{_quoted(block.text)}"
        case ThoughtBlock():
            return None if block.discarded else _details("Reasoning", block.text)
        case AssistantBlock():
            return None if block.discarded else printable(block.text).strip() or None
        case ToolBlock():
            return _tool(block)
        case _:
            text = block_text(block)
            return _fenced(text) if text else None


def _tool(block: ToolBlock) -> str:
    line = tool_line(block)
    title = f"{line.glyph} {_code(one_line(line.text, _LONGEST_LINE))}"
    diff = block.details.get("diff")
    body = diff if isinstance(diff, str) and diff else block.result_text or block.output
    if not body.strip():
        return title
    return f"{title}\n\n{_fenced(body, 'diff' if body is diff else '')}"


def _details(title: str, text: str) -> str:
    """Return a text that opens on demand; what is in it stays a text."""
    return f"<details><summary>{title}</summary>\n\n{_fenced(text)}\n\n</details>"


def _quoted(text: str) -> str:
    return "\n".join(f"> {_escaped(line)}  ".rstrip(" ") for line in printable(text).split("\n"))


def _fenced(text: str, language: str = "") -> str:
    """Return a code block; its fence is longer than any run of back-ticks in the text."""
    shown = printable(text).rstrip("\n")
    longest = max((len(run) for run in re.findall(r"`+", shown)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{shown}\n{fence}"


def _code(text: str) -> str:
    if not text:
        return ""
    shown = one_line(text, _LONGEST_LINE * 4)
    longest = max((len(run) for run in re.findall(r"`+", shown)), default=0)
    tick = "`" * (longest + 1)
    pad = " " if longest else ""
    return f"{tick}{pad}{shown}{pad}{tick}"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", printable(text))
