import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.console.paste_filter import PasteFilter

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
