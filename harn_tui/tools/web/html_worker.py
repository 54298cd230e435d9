"""Turns HTML into text, run as a script in a process of its own that can be killed.

A page from anywhere may be made to keep a parser busy without end, and a thread could not be
stopped. Uses the standard library only, because it runs isolated. Standard input is a line of
JSON ``{"url", "max_characters", "max_seconds"}``, then the page in UTF-8; standard output is a
line of JSON ``{"title", "is_cut"}``, then the text in UTF-8. Headings, lists and links are written
as in Markdown.
"""

import contextlib
import json
import re
import resource
import sys
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

_MEMORY_BYTES = 1024 * 1024 * 1024
_LONGEST_LINK = 2000
_SKIPPED = frozenset({"script", "style", "template", "svg", "math", "iframe", "object", "canvas"})
_BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "body", "center", "dd", "details", "dialog",
     "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3",
     "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "option", "p", "pre", "section",
     "select", "summary", "table", "tbody", "tfoot", "thead", "title", "tr", "ul"}
)  # fmt: skip
_APART = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "p", "pre", "table"})
"""Blocks with an empty line before and behind them."""
_HEADINGS = {f"h{level}": "#" * level + " " for level in range(1, 7)}
_SPACE = re.compile(r"[ \t\r\n\f]+")


class EnoughError(Exception):
    """The text has reached its limit."""


class PageText(HTMLParser):
    """Collects the text of a page; raises EnoughError from ``feed`` when there is too much."""

    def __init__(self, url: str, max_characters: int) -> None:
        super().__init__(convert_charrefs=True)
        self._base = url
        self._room = max_characters
        self._parts: list[str] = []
        self._skipped_in: list[str] = []
        self._links: list[str | None] = []
        self._lists: list[int | None] = []
        self._preformatted = 0
        self._is_title = False
        self._ends_in_space = True
        self.title = ""

    def text(self) -> str:
        """Return the text so far, without spaces at line ends and double empty lines."""
        lines = [line.rstrip() for line in "".join(self._parts).split("\n")]
        kept = [line for line, before in zip(lines, ["", *lines], strict=False) if line or before]
        return "\n".join(kept).strip("\n")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take the start of an element."""
        if tag in _SKIPPED:
            self._skipped_in.append(tag)
        if self._skipped_in:
            return
        if tag in _BLOCKS:
            self._new_line(2 if tag in _APART else 1)
            self._begin_block(tag)
        else:
            self._begin_inline(tag, dict(attrs))

    def _begin_block(self, tag: str) -> None:
        match tag:
            case "hr":
                self._put("---")
                self._new_line(1)
            case "li":
                self._bullet()
            case "ol" | "ul":
                self._lists.append(0 if tag == "ol" else None)
            case "pre":
                self._preformatted += 1
            case "title":
                self._is_title = True
            case _:
                self._put(_HEADINGS.get(tag, ""))

    def _begin_inline(self, tag: str, attributes: dict[str, str | None]) -> None:
        match tag:
            case "a":
                self._open_link(attributes.get("href"))
            case "base":
                self._base = self._usable(attributes.get("href")) or self._base
            case "br":
                self._new_line(1)
            case "img":
                self._image(attributes.get("alt"))
            case "td" | "th":
                self._put("" if self._at_line_start() else " | ")

    def handle_endtag(self, tag: str) -> None:
        """Take the end of an element."""
        if self._skipped_in:
            if tag in self._skipped_in:
                while self._skipped_in.pop() != tag:
                    pass
            return
        if tag == "a":
            self._close_link()
        elif tag in {"ol", "ul"} and self._lists:
            self._lists.pop()
        elif tag == "pre":
            self._preformatted = max(0, self._preformatted - 1)
        elif tag == "title":
            self._is_title = False
        if tag in _BLOCKS:
            self._new_line(2 if tag in _APART else 1)

    def handle_data(self, data: str) -> None:
        """Take text."""
        if self._skipped_in:
            return
        if self._is_title:
            self.title = (self.title + data)[:500]
            return
        if self._preformatted:
            self._put(data)
            return
        words = _SPACE.sub(" ", data)
        if self._ends_in_space:
            words = words.lstrip(" ")
        if words:
            self._put(words)

    def _put(self, text: str) -> None:
        if not text:
            return
        self._parts.append(text[: self._room])
        self._room -= len(text)
        self._ends_in_space = text[-1] in " \n"
        if self._room <= 0:
            raise EnoughError

    def _at_line_start(self) -> bool:
        return not self._parts or self._parts[-1].endswith("\n")

    def _new_line(self, count: int) -> None:
        if self._parts and not self._at_line_start():
            self._put("\n")
        if count > 1 and self._parts:
            self._put("\n")

    def _bullet(self) -> None:
        depth = max(0, min(len(self._lists), 10) - 1)
        mark = "- "
        if self._lists and self._lists[-1] is not None:
            self._lists[-1] += 1
            mark = f"{self._lists[-1]}. "
        self._put("  " * depth + mark)

    def _image(self, words: str | None) -> None:
        shown = _SPACE.sub(" ", words or "").strip()
        if shown:
            self._put(f"[image: {shown[:500]}]")

    def _open_link(self, target: str | None) -> None:
        address = self._usable(target)
        self._links.append(address)
        if address:
            self._put("[")

    def _close_link(self) -> None:
        address = self._links.pop() if self._links else None
        if address is None:
            return
        if self._parts[-1] == "[":  # nothing to click on, such as an icon
            self._parts.pop()
        else:
            self._put(f"]({address})")

    def _usable(self, target: str | None) -> str | None:
        """Return the absolute address of a link that leads somewhere else, else ``None``."""
        if not target or target.startswith("#") or len(target) > _LONGEST_LINK:
            return None
        try:
            address = urljoin(self._base, _SPACE.sub("", target))
            scheme = urlsplit(address).scheme
        except ValueError:
            return None
        is_usable = scheme in {"http", "https", "mailto"} and len(address) <= _LONGEST_LINK
        return address if is_usable else None


def main() -> int:
    """Read the page, write its text; return the exit code."""
    request = json.loads(sys.stdin.buffer.readline())
    _limit(resource.RLIMIT_CPU, request["max_seconds"])
    _limit(resource.RLIMIT_AS, _MEMORY_BYTES)
    page = PageText(request["url"], request["max_characters"])
    is_cut = False
    try:
        page.feed(sys.stdin.buffer.read().decode("utf-8", "replace"))
        page.close()
    except EnoughError:
        is_cut = True
    answer = {"title": _SPACE.sub(" ", page.title).strip(), "is_cut": is_cut}
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
    sys.stdout.buffer.write(page.text().encode("utf-8", "replace"))
    sys.stdout.buffer.flush()
    return 0


def _limit(what: int, amount: int) -> None:
    with contextlib.suppress(ValueError, OSError):  # some systems do not limit memory
        resource.setrlimit(what, (amount, amount))


if __name__ == "__main__":
    sys.exit(main())
