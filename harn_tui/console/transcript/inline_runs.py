"""Inline Markdown as styled, cleaned runs of text."""

from collections.abc import Iterable

from harn_tui.console.transcript.clean import clean_line, safe_link
from harn_tui.console.transcript.engines import Span
from harn_tui.console.transcript.pen import Pen
from harn_tui.console.transcript.roles import Role
from harn_tui.console.transcript.wrap import Run


def styled_runs(pen: Pen, spans: Iterable[Span], role: Role, emphasis: int = 0) -> list[Run]:
    """Return ``spans`` in ``role``, code and links in their own; ``emphasis`` is added to all.

    Cleaned after parsing, because Markdown entities can spell out control characters.
    """
    palette = pen.palette
    runs: list[Run] = []
    for span in spans:
        text = span.text
        if "\n" in text:
            text = "\n".join([clean_line(line) for line in text.split("\n")])
        else:
            text = clean_line(text)
        if not text:
            continue
        if span.is_code:
            style = palette.emphasized(Role.INLINE_CODE, span.emphasis)
        else:
            look = Role.LINK if span.link else role
            style = palette.emphasized(look, span.emphasis | emphasis)
        url = safe_link(span.link) if span.link else None
        runs.append((text, palette.linked(style, url) if url else style))
    return runs
