"""Finds the tools that a prompt speaks of: what is written like a call of one."""

import re
from collections.abc import Iterator
from typing import Final

_CALL: Final = re.compile(r"(?<![A-Za-z0-9_])([A-Za-z_][A-Za-z0-9_]*)\s*\(")
_TAGGED: Final = re.compile(r"<tool_call>\s*([A-Za-z_][A-Za-z0-9_]*)")
_TOKEN: Final = re.compile(r"[A-Za-z0-9_]+")
_NO_TOOLS: Final = frozenset(
    {
        *("if", "for", "while", "switch", "return", "function", "fn", "JSON"),
        *("print", "println", "contains", "len", "render", "render_prompt"),
    }
)
_FENCES: Final = ("```", "~~~")
_MARK: Final = re.compile(r"harn-tool-surface:\s*ignore-(next-line|start|end|line)")
_SHORT_MARK: Final = "tool-surface-ignore"


def prompt_references(prompt: str) -> tuple[str, ...]:
    """Return the names that ``prompt`` calls, each once, in their order.

    What stands in fenced code and what marks exempt (docs/tools.md 1.8) does not count.
    """
    text = visible_text(prompt)
    found = [(match.start(1), match[1]) for match in _CALL.finditer(text)]
    found += [(match.start(1), match[1]) for match in _TAGGED.finditer(text)]
    names = dict.fromkeys(name for _, name in sorted(found))
    return tuple(name for name in names if name not in _NO_TOOLS)


def prompt_tokens(prompt: str) -> frozenset[str]:
    """Return the words of ``prompt`` that count, whole."""
    return frozenset(_TOKEN.findall(visible_text(prompt)))


def looks_like_tool(name: str) -> bool:
    """Whether a name that no tool has was probably meant for one."""
    return "_" in name or name.startswith(("tool", "run"))


def visible_text(prompt: str) -> str:
    """Return the lines of ``prompt`` that count."""
    return "\n".join(_visible_lines(prompt))


def _visible_lines(prompt: str) -> Iterator[str]:
    fence: str | None = None
    is_exempt = is_next_exempt = False
    for line in prompt.splitlines():
        opening = line.lstrip()[:3]
        mark = _MARK.search(line)
        if fence is not None:
            fence = None if opening == fence else fence
        elif opening in _FENCES:
            fence = opening
        elif mark is not None:
            is_exempt = mark[1] == "start" or (is_exempt and mark[1] != "end")
            is_next_exempt = mark[1] == "next-line"
        elif is_next_exempt:
            is_next_exempt = False
        elif not is_exempt and _SHORT_MARK not in line:
            yield line
