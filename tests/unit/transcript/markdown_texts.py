"""Markdown documents made at random, and what a whole parse says of their structure."""

from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from harn_tui.console.transcript.markdown_lines import table_cells
from harn_tui.console.transcript.markdown_pieces import Piece, PieceKind
from harn_tui.console.transcript.roles import Role

BLOCK_LINES = [
    "# heading\n", "some text\n", "more **bold** and `code`\n", "\n", "\n", "- item\n", "* star\n",
    "  continued\n", "1. one\n", "2. two\n", "   inside\n", "  - nested\n", "    - deeper\n",
    "> quoted\n", ">\n", "> - item in a quote\n", "```py\n", "```\n", "~~~\n", "call()\n",
    "    indented\n", "| a | b |\n", "|---|:-:|\n", "| 1 | 2 |\n", "---\n", "===\n", "***\n",
    "-\n", "1) other\n", "+ plus\n", "  > deeper quote\n", "\\* escaped\n", "<b>not html</b>\n",
]  # fmt: skip
ODD_LINES = [
    "[ref]: https://example.com\n", "see [ref]\n", "\ttabbed\n", "ends in cr\r\n", "- [x] done\n",
    "`", "word " * 700, "z" * 5000 + "\n", "|" * 300 + "\n", "# ", "x\u2028y\x0bz\n",
]  # fmt: skip

documents = st.lists(st.sampled_from(BLOCK_LINES), max_size=14).map("".join)
odd_documents = st.lists(st.sampled_from(BLOCK_LINES + ODD_LINES), max_size=10).map("".join)

Leaf = tuple[tuple[str, ...], str, tuple[str, ...]]
"""Containers from the outside in, what it is, its lines or cells."""

_KINDS = {"heading_open": "heading", "paragraph_open": "text"}
_CODE = {"fence": "code", "code_block": "indented"}
_WHOLE = MarkdownIt("commonmark", {"html": False}).enable("table")
_LEAVES = MarkdownIt("commonmark", {"html": False}).disable(["list", "blockquote", "fence"])


def whole_structure(text: str) -> list[Leaf]:
    """The leaves of ``text`` as markdown-it finds them in one parse."""
    leaves: list[Leaf] = []
    path: list[str] = []
    numbers: list[int | None] = []
    cells: list[str] | None = None
    kind = "text"
    for token in _WHOLE.parse(text):
        _walk_containers(token, path, numbers)
        if token.type == "tr_open":
            cells = []
        elif token.type == "tr_close":
            leaves.append((tuple(path), "row", tuple(cells or ())))
            cells = None
        elif token.type in _KINDS:
            kind = _KINDS[token.type]
        elif token.type == "inline" and cells is not None:
            cells.append(token.content)
        elif token.type == "inline":
            leaves.append((tuple(path), kind, _stripped(token.content)))
        elif token.type in _CODE:
            leaves.append((tuple(path), _CODE[token.type], _code_lines(token.content)))
        elif token.type == "hr":
            leaves.append((tuple(path), "rule", ()))
    return _merged(leaves)


def _walk_containers(token: Token, path: list[str], numbers: list[int | None]) -> None:
    match token.type:
        case "blockquote_open":
            path.append("quote")
        case "bullet_list_open":
            numbers.append(None)
        case "ordered_list_open":
            numbers.append(int(token.attrs.get("start", 1)))
        case "list_item_open":
            number = numbers[-1]
            path.append("-" if number is None else str(number))
            numbers[-1] = None if number is None else number + 1
        case "blockquote_close" | "list_item_close":
            path.pop()
        case "bullet_list_close" | "ordered_list_close":
            numbers.pop()
        case _:
            pass


def piece_structure(pieces: list[Piece]) -> list[Leaf]:
    """The leaves of the pieces that a text was cut into."""
    leaves: list[Leaf] = []
    path: tuple[str, ...] = ()
    for piece in pieces:
        path = _path(piece, path)
        if piece.kind is PieceKind.CODE:
            lines = tuple(piece.source.split("\n")) if piece.source else ()
            if piece.context:
                leaves[-1] = (path, "code", leaves[-1][2] + lines)
            else:
                leaves.append((path, "code", lines))
        elif piece.kind is PieceKind.TABLE:
            assert piece.table is not None
            columns = len(piece.table.alignments)
            for line in piece.source.split("\n"):
                cells = [*table_cells(line), *[""] * columns][:columns]
                leaves.append((path, "row", tuple(cells)))
        else:
            leaves.extend(_leaf_parts(piece.source, path))
    return _merged(leaves)


def _leaf_parts(source: str, path: tuple[str, ...]) -> list[Leaf]:
    leaves: list[Leaf] = []
    kind = "text"
    for token in _LEAVES.parse(source):
        if token.type in _KINDS:
            kind = _KINDS[token.type]
        elif token.type == "inline":
            leaves.append((path, kind, _stripped(token.content)))
        elif token.type == "code_block":
            leaves.append((path, "indented", _code_lines(token.content)))
        elif token.type == "hr":
            leaves.append((path, "rule", ()))
    return leaves


def _path(piece: Piece, before: tuple[str, ...]) -> tuple[str, ...]:
    path: list[str] = []
    marks = zip(piece.margin.first, piece.margin.rest, strict=True)
    for depth, ((text, first), (_, rest)) in enumerate(marks):
        if rest is Role.QUOTE_MARK:
            path.append("quote")
        elif first is Role.BULLET:
            path.append(text.strip().rstrip(".") if text.strip()[0].isdigit() else "-")
        else:
            path.append(before[depth])
    return tuple(path)


def _stripped(content: str) -> tuple[str, ...]:
    # A line that underlines nothing because it is lazy is kept as text by a backslash.
    return tuple(line.strip().replace("\\=", "=") for line in content.split("\n"))


def _code_lines(content: str) -> tuple[str, ...]:
    return tuple(content.removesuffix("\n").split("\n")) if content else ()


def _merged(leaves: list[Leaf]) -> list[Leaf]:
    """Join indented code over blank lines, for us gaps; drop empty lines at the end of fences."""
    merged: list[Leaf] = []
    for path, kind, lines in leaves:
        if kind == "code":
            lines = tuple("\n".join(lines).rstrip("\n").split("\n"))
        if kind == "indented":
            lines = tuple(line for line in lines if line.strip())
            if merged and merged[-1][:2] == (path, kind):
                merged[-1] = (path, kind, merged[-1][2] + lines)
                continue
        merged.append((path, kind, lines))
    return merged
