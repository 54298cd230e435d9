import pytest
import textual._parser
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual.message import Message

from harn_tui.console.paste_filter import FilteringParser, PasteFilter
from harn_tui.console.terminal_background import TerminalBackground

START, END = "\x1b[200~", "\x1b[201~"


def test_escape_sequences_inside_a_paste_lose_their_escape() -> None:
    assert PasteFilter().feed(f"{START}a\x1b[31mred\x1b[0m\n\x11b{END}") == (
        f"{START}a[31mred[0m\nb{END}"
    )


def test_keys_outside_a_paste_are_left_alone() -> None:
    assert PasteFilter().feed(f"\x1b[A\x03{START}x{END}\x1b\r") == f"\x1b[A\x03{START}x{END}\x1b\r"


def test_wide_and_joined_characters_stay() -> None:
    text = "日本語 👩‍💻 é\tend\r\n"
    assert PasteFilter().feed(f"{START}{text}{END}") == f"{START}{text}{END}"


@given(st.lists(st.text("ab\x1b[201~\x00\x9b\n"), max_size=6), st.integers(1, 5))
def test_any_cutting_of_the_input_gives_the_same(pieces: list[str], size: int) -> None:
    whole = "".join(f"k{START}{piece.replace(END, '')}{END}" for piece in pieces)
    cut = PasteFilter()
    chunks = [whole[at : at + size] for at in range(0, len(whole), size)]
    merged = "".join(map(cut.feed, chunks))
    inside = [part.split(END)[0] for part in merged.split(START)[1:]]
    assert len(inside) >= len(pieces)
    assert not any("\x1b" in part or "\x00" in part or "\x9b" in part for part in inside)


@pytest.mark.parametrize("at", range(1, len(END)))
def test_end_mark_cut_anywhere_still_ends_the_paste(at: int) -> None:
    cut = PasteFilter()
    first = cut.feed(f"{START}text{END[:at]}")
    assert first + cut.feed(f"{END[at:]}\x1b[A") == f"{START}text{END}\x1b[A"


def started_parser() -> FilteringParser:
    parser = FilteringParser()
    assert [shown(message) for message in parser.feed("a")] == ["a"]
    return parser


def shown(message: Message) -> str:
    if isinstance(message, events.Paste):
        return f"paste {message.text!r}"
    return message.key if isinstance(message, events.Key) else type(message).__name__


def read(parser: FilteringParser, *reads: str) -> list[str]:
    return [shown(message) for data in reads for message in parser.feed(data)]


BURST = "first line\rsecond line"


def test_a_paste_without_marks_after_a_lone_escape_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = 100.0
    monkeypatch.setattr(textual._parser, "get_time", lambda: now_s)
    parser = started_parser()
    assert read(parser, "\x1b") == []
    now_s += 60.0
    assert [shown(message) for message in parser.tick()] == ["escape"]
    assert read(parser, BURST) == [f"paste {BURST!r}"]


@pytest.mark.parametrize(
    ("before", "first"),
    [
        (["\x1b[A"], ["up"]),
        (["\x1bOP"], ["f1"]),
        (["\x1b[", "A"], ["up"]),
        (["\x1b]11;rgb:0000/", "0000/0000\x1b\\"], [TerminalBackground.__name__]),
        (["\x1b[200~in marks\x1b[20", "1~"], ["paste 'in marks'"]),
    ],
)
def test_a_paste_without_marks_is_one_after_whatever_has_ended(
    before: list[str], first: list[str]
) -> None:
    assert read(started_parser(), *before, BURST, "x") == [*first, f"paste {BURST!r}", "paste 'x'"]


@pytest.mark.parametrize(
    ("reads", "wanted"),
    [
        (["\x1b[200~a ", "line\rmore than it", "\x1b[201~"], ["paste 'a line\\rmore than it'"]),
        (["\x1b[20", "0~pasted\rtext", "\x1b[201~"], ["paste 'pasted\\rtext'"]),
        (["\x1b", "[200~pasted\rtext\x1b[201~"], ["paste 'pasted\\rtext'"]),
        ([BURST, "\x1b]11;rgb:", "f/f/f", "\x07"], [f"paste {BURST!r}", "TerminalBackground"]),
    ],
)  # fmt: skip
def test_nothing_is_marked_within_what_has_not_ended(reads: list[str], wanted: list[str]) -> None:
    assert read(started_parser(), *reads) == wanted
