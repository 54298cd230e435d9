"""The Markdown engine: markdown-it-py for everything inside of a block.

Slow to import; the start-up room loads it after the first frame.
"""

import re
from collections.abc import Iterable, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from harn_tui.console.transcript.engines import Element, ElementKind, References, Span
from harn_tui.console.transcript.palette import BOLD, ITALIC, STRIKE

_INLINE_MARKUP = re.compile(r"[*_`\[\]~\\<&!]|://")
_BLOCK_MARKUP = re.compile(r"^ {0,3}(?:#|=|-|\*|_|\[|    )", re.MULTILINE)
_BREAK = re.compile(r"<br */?>", re.IGNORECASE)
_BARE_URL = re.compile(r"https?://[^\s<>\"'`|\\\x00-\x20]+")
_URL_END = ".,;:!?'\"*_~"

_OPENS = {"strong_open": BOLD, "em_open": ITALIC, "s_open": STRIKE}
_CLOSES = {"strong_close": BOLD, "em_close": ITALIC, "s_close": STRIKE}


class MarkdownItEngine:
    """Parses leaves and table cells with one markdown-it parser each."""

    def __init__(self) -> None:
        self._leaves = MarkdownIt("commonmark", {"html": False}).enable("strikethrough")
        self._leaves.disable(["list", "blockquote", "fence"])
        self._inline = MarkdownIt("commonmark", {"html": False}).enable("strikethrough")

    def parse_leaf(self, source: str, references: References) -> list[Element]:
        """Return the leaves of ``source``, which holds no list, quote, fence or table."""
        if not _INLINE_MARKUP.search(source) and not _BLOCK_MARKUP.search(source):
            text = "\n".join([line.strip(" \t") for line in source.split("\n")])
            return [Element(ElementKind.PARAGRAPH, (Span(text),))] if text.strip() else []
        tokens = self._leaves.parse(source, _environment(references))
        return list(_elements(tokens))

    def parse_inline(self, source: str, references: References) -> list[Span]:
        """Return the inline text of one table cell."""
        if not _INLINE_MARKUP.search(source):
            return [Span(source)] if source else []
        tokens = self._inline.parseInline(source, _environment(references))
        return [span for token in tokens for span in _spans(token.children or [])]


def _environment(references: References) -> dict[str, object]:
    if not references:
        return {}
    return {
        "references": {
            " ".join(label.split()).upper(): {"href": target, "title": ""}
            for label, target in references.items()
        }
    }


def _elements(tokens: Sequence[Token]) -> Iterable[Element]:
    kind, level = ElementKind.PARAGRAPH, 0
    for token in tokens:
        match token.type:
            case "heading_open":
                kind, level = ElementKind.HEADING, int(token.tag[1:])
            case "paragraph_open":
                kind, level = ElementKind.PARAGRAPH, 0
            case "inline":
                yield Element(kind, tuple(_spans(token.children or [])), level)
            case "code_block" | "fence":
                yield Element(ElementKind.VERBATIM, (Span(token.content.rstrip("\n")),))
            case "hr":
                yield Element(ElementKind.RULE)
            case _:
                pass


def _spans(children: Sequence[Token]) -> Iterable[Span]:
    emphasis: int = 0
    depths = {BOLD: 0, ITALIC: 0, STRIKE: 0}
    link: str | None = None
    for token in children:
        if token.type in _OPENS or token.type in _CLOSES:
            flag = _OPENS.get(token.type) or _CLOSES[token.type]
            depths[flag] += 1 if token.type in _OPENS else -1
            emphasis = sum(flag for flag, depth in depths.items() if depth)
        elif token.type == "link_open":
            link = str(token.attrs.get("href", "")) or None
        elif token.type == "link_close":
            link = None
        elif token.type == "code_inline":
            yield Span(token.content, emphasis, is_code=True, link=link)
        elif token.type in {"softbreak", "hardbreak"}:
            yield Span("\n", emphasis)
        elif token.type == "image":
            target = str(token.attrs.get("src", "")) or link
            yield Span(token.content or "image", emphasis | ITALIC, link=target)
        elif token.content:
            text = _BREAK.sub("\n", token.content)
            yield from _linkified(text, emphasis, link)


def _linkified(text: str, emphasis: int, link: str | None) -> Iterable[Span]:
    """Yield ``text`` with bare web addresses as links."""
    position = 0
    if link is None and "://" in text:
        for match in _BARE_URL.finditer(text):
            url = match.group().rstrip(_URL_END)
            if url.endswith(")") and url.count("(") < url.count(")"):
                url = url[:-1].rstrip(_URL_END)
            if match.start() > position:
                yield Span(text[position : match.start()], emphasis)
            yield Span(url, emphasis, link=url)
            position = match.start() + len(url)
    if position < len(text):
        yield Span(text[position:], emphasis, link=link)
