"""Why a call is asked about, in styled text: its risks, where, the rule that asks, its origin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from harn_tui.console.plain_text import one_line, revealed

if TYPE_CHECKING:
    from harn_tui.view.pending import PendingPermission


def title_of(pending: PendingPermission, words: str = "Allow") -> str:
    """Return the question itself, beginning with ``words``, with the agent that asks."""
    source = f" · agent {revealed(pending.source)}" if pending.source else ""
    return f"{words} {revealed(pending.tool_name)}?{source}"


def describe_reasons(pending: PendingPermission, cwd: str) -> Content:
    """Return one part a line, those alone that there are, the longest last."""
    lines: list[Content] = []
    if pending.risks:
        labels = ", ".join(one_line(revealed(label)) for label in pending.risks)
        lines.append(Content.styled(f"risks  {labels}", "bold $error"))
    if pending.proposed_rule:
        pattern = one_line(revealed(pending.proposed_rule))
        lines.append(Content.assemble(("always would allow  ", "$muted"), (pattern, "$accent")))
    held = f"{one_line(revealed(pending.confinement))} · " if pending.confinement else ""
    why = f"{held}in {revealed(cwd) or '?'}, asked because {one_line(revealed(pending.reason))}"
    origin = f" ({_origin(pending.origin, cwd)})" if pending.origin else ""
    lines.append(Content.styled(f"{why}{origin}", "$muted"))
    return Content("\n").join(lines)


def _origin(origin: str, cwd: str) -> str:
    """Return where the rule is from; a file in the working folder by its way from there."""
    return one_line(revealed(origin.replace(f"{cwd}/", "") if cwd else origin))
