from hypothesis import given, settings
from hypothesis import strategies as st

from harn_tui.console.transcript.markdown_pieces import (
    CODE_LINES,
    MAX_LEAF_CHARS,
    TABLE_ROWS,
    Piece,
    PieceKind,
)
from harn_tui.console.transcript.markdown_scan import MAX_CODE_CHARS, MarkdownScanner
from tests.unit.transcript.markdown_texts import (
    documents,
    odd_documents,
    piece_structure,
    whole_structure,
)


def scan(text: str) -> list[Piece]:
    scanner = MarkdownScanner()
    return scanner.feed(text) + scanner.finish()


def described(pieces: list[Piece]) -> list[object]:
    return [
        (
            (piece.kind, piece.language, piece.has_header),
            (piece.source[:MAX_CODE_CHARS], len(piece.source) + piece.cut_chars),
            (piece.start, piece.end, piece.context),
            (piece.margin, piece.gap),
        )
        for piece in pieces
    ]


def widths(pieces: list[Piece]) -> list[list[int]]:
    return [list(piece.table.widths) for piece in pieces if piece.table]


@settings(max_examples=150)
@given(odd_documents, st.lists(st.integers(0, 9000), max_size=6))
def test_a_text_gives_the_same_pieces_wherever_it_is_cut(text: str, cuts: list[int]) -> None:
    scanner, pieces, start = MarkdownScanner(), [], 0
    for cut in [*sorted(cut for cut in cuts if cut < len(text)), len(text)]:
        pieces += scanner.feed(text[start:cut])
        start = cut
        shown = described(pieces + scanner.tail())
        assert shown == described(scan(text[:cut]))
    pieces += scanner.finish()
    assert described(pieces) == described(scan(text))
    assert widths(pieces) == widths(scan(text))


@settings(max_examples=100)
@given(documents)
def test_a_text_gives_the_same_pieces_character_by_character(text: str) -> None:
    scanner, pieces = MarkdownScanner(), []
    for character in text:
        pieces += scanner.feed(character)
    pieces += scanner.finish()
    assert described(pieces) == described(scan(text))


@settings(max_examples=300)
@given(documents)
def test_the_structure_is_that_of_a_whole_parse(text: str) -> None:
    assert piece_structure(scan(text)) == whole_structure(text)


@given(documents)
def test_looking_at_the_tail_changes_nothing(text: str) -> None:
    looked, blind = MarkdownScanner(), MarkdownScanner()
    pieces: list[Piece] = []
    for part in text.splitlines(keepends=True):
        pieces += looked.feed(part)
        looked.tail()
        looked.tail()
    pieces += looked.finish()
    assert described(pieces) == described(blind.feed(text) + blind.finish())


@given(documents)
def test_closed_pieces_never_change(text: str) -> None:
    scanner = MarkdownScanner()
    closed: list[Piece] = []
    for character in text:
        closed += scanner.feed(character)
        before = described(closed)
    closed += scanner.finish()
    if text:
        assert described(closed)[: len(before)] == before


def test_pieces_are_in_the_order_of_the_text() -> None:
    text = "# a\n\ntext\n\n- b\n- c\n\n```\nd\n```\n"
    for piece in scan(text):
        assert piece.source.strip("# ") in text[piece.start : piece.end]


def test_a_giant_fence_comes_in_pieces_that_know_what_was_before() -> None:
    code = [f"line {number}" for number in range(100)]
    pieces = scan("```python\n" + "\n".join(code) + "\n```\n")
    assert len(pieces) == -(-100 // CODE_LINES)
    assert "\n".join(piece.source for piece in pieces) == "\n".join(code)
    assert [piece.context for piece in pieces[1:]] == [piece.source for piece in pieces[:-1]]
    assert {piece.language for piece in pieces} == {"python"}


def test_a_giant_table_comes_in_pieces_that_share_their_columns() -> None:
    rows = [f"| {number} | {'x' * number} |" for number in range(50)]
    pieces = scan("| a | b |\n|---|--:|\n" + "\n".join(rows))
    assert len(pieces) == -(-51 // TABLE_ROWS)
    assert len({id(piece.table) for piece in pieces}) == 1
    assert pieces[0].table is not None
    assert pieces[0].table.widths == [2, 49]
    assert pieces[0].table.alignments == ("left", "right")
    assert [piece.has_header for piece in pieces] == [True] + [False] * (len(pieces) - 1)


def test_each_list_item_is_a_piece_with_its_marker() -> None:
    pieces = scan("3. a\n3. b\n   - c\n     1) d\n- [ ] e\n- [x] f\n")
    firsts = ["".join(text for text, _ in piece.margin.first) for piece in pieces]
    assert firsts == ["3. ", "4. ", "   ◦ ", "     1. ", "☐ ", "☑ "]


def test_a_list_is_loose_only_where_its_source_is() -> None:
    assert [piece.gap for piece in scan("- a\n- b\n\n- c\n")] == [0, 0, 1]


def test_an_item_without_text_still_shows_its_marker() -> None:
    assert [piece.source for piece in scan("- \n- b\n-\n\ntext")] == ["", "b", "", "text"]


def test_a_line_of_a_megabyte_is_cut_into_bounded_pieces() -> None:
    text = "word " * 200_000
    pieces = scan(text)
    assert "".join(piece.source for piece in pieces) == text
    assert max(len(piece.source) for piece in pieces) <= MAX_LEAF_CHARS
    assert {piece.gap for piece in pieces} == {0}


def test_a_line_of_a_megabyte_in_a_fence_keeps_only_its_start_while_it_streams() -> None:
    scanner = MarkdownScanner()
    scanner.feed("```\n")
    for _ in range(1000):
        scanner.feed("x" * 1000)
    (piece,) = scanner.tail()
    assert piece.kind is PieceKind.CODE
    assert len(piece.source) + piece.cut_chars == 1_000_000
    assert len(piece.source) <= MAX_LEAF_CHARS


def test_references_are_known_to_the_whole_text() -> None:
    scanner = MarkdownScanner()
    scanner.feed("see [it]\n\n[it]: https://example.com\n\nmore")
    assert scanner.references == {"it": "https://example.com"}
