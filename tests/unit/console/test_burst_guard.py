import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.console.burst_guard import CONTINUED_S, PASTE_END, PASTE_START, BurstGuard


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def started_guard(clock: Clock | None = None) -> BurstGuard:
    guard = BurstGuard(clock or Clock())
    assert guard.feed("typed while it started\rand more") == "typed while it started\rand more"
    return guard


def marked(text: str) -> str:
    return f"{PASTE_START}{text}{PASTE_END}"


def test_lines_that_come_at_once_are_a_paste() -> None:
    text = "def parse():\r\treturn 1\r"
    assert started_guard().feed(text) == marked(text)


def test_what_comes_right_after_a_paste_belongs_to_it_and_no_longer() -> None:
    clock = Clock()
    guard = started_guard(clock)
    guard.feed("first line\rsecond")
    clock.now_s += CONTINUED_S / 2
    assert guard.feed(" line\r") == marked(" line\r")
    clock.now_s += CONTINUED_S * 2
    assert guard.feed("typed by hand\r") == "typed by hand\r"


@pytest.mark.parametrize("end", ["x\ry", "}\r", "}", "\r\r", "\ty\r"])
def test_the_last_piece_of_a_long_paste_may_be_short(end: str) -> None:
    clock = Clock()
    guard = started_guard(clock)
    guard.feed("x" * 2000 + "\r" + "x" * 2095)
    clock.now_s += CONTINUED_S / 2
    assert guard.feed(end) == marked(end)
    clock.now_s += CONTINUED_S * 2
    assert guard.feed(end) == end


def test_a_key_right_after_a_paste_is_a_key() -> None:
    guard = started_guard()
    guard.feed("first line\rsecond line")
    assert [guard.feed(key) for key in ("\r", "\x1b[A", "\x7f", "\x03", "x")] == [
        *("\r", "\x1b[A", "\x7f", "\x03", "x"),
    ]


def test_typing_is_left_alone_whoever_types() -> None:
    guard = started_guard()
    for data in (
        "a",
        "\r",
        "a whole line\r",
        "ls\rpwd",
        "\x1b[A",
        "words without an end",
        "abc\r\r",
    ):
        assert guard.feed(data) == data
    assert guard.feed("a whole line\r\x1b[Aand more") == "a whole line\r\x1b[Aand more"


@given(st.lists(st.text(alphabet="abc \r\n\t\x1b[200~1"), max_size=6))
def test_nothing_is_lost_and_nothing_is_added_but_marks(reads: list[str]) -> None:
    guard = BurstGuard(Clock())
    for read in reads:
        assert guard.feed(read) in {read, marked(read)}
