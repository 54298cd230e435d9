"""Vim mode by example, and what holds whatever is typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.console.prompt.vim.machine import VimState, press
from harn_tui.console.prompt.vim.places import on_character
from harn_tui.console.prompt.vim.values import Mode, Register, Request, change_between
from tests.unit.console.vim.driving import Driver, driver_at, keys_of

MOTIONS = [
    ("|one two", "l", "o|ne two"),
    ("one| two", "h", "on|e two"),
    ("|one", "h", "|one"),
    ("on|e", "l", "on|e"),
    ("a|bc\ndef", "0", "|abc\ndef"),
    ("  o|ne", "^", "  |one"),
    ("|one two", "$", "one tw|o"),
    ("|one\ntwo", "2$", "one\ntw|o"),
    ("|one two, three", "w", "one |two, three"),
    ("one |two, three", "w", "one two|, three"),
    ("one |two, three", "W", "one two, |three"),
    ("|one two three", "2w", "one two |three"),
    ("|one\n\ntwo", "w", "one\n|\ntwo"),
    ("one\n|\ntwo", "w", "one\n\n|two"),
    ("one tw|o", "w", "one tw|o"),
    ("|one two", "e", "on|e two"),
    ("on|e two", "e", "one tw|o"),
    ("|one, two", "E", "one|, two"),
    ("one t|wo", "b", "one |two"),
    ("one |two", "b", "|one two"),
    ("one, |two", "b", "one|, two"),
    ("one, |two", "B", "|one, two"),
    ("one t|wo", "ge", "on|e two"),
    ("a\nb\n|c", "gg", "|a\nb\nc"),
    ("|a\nb\nc", "G", "a\nb\n|c"),
    ("|a\n  b\nc", "2G", "a\n  |b\nc"),
    ("|one two", "fo", "one tw|o"),
    ("|one two", "2fo", "|one two"),
    ("one tw|o", "Fn", "o|ne two"),
    ("|one two", "tw", "one |two"),
    ("one tw|o", "Tn", "on|e two"),
    ("|a,b,c,d", "f,;", "a,b|,c,d"),
    ("|a,b,c,d", "f,;,", "a|,b,c,d"),
    ("|a,b,c,d", "t,;", "a,|b,c,d"),
    ("|a,b,c,d", "2f,;", "a,b,c|,d"),
    ("x (|a (b))", "%", "x (a (b|))"),
    ("f|(a (b))", "%", "f(a (b)|)"),
    ("f(a (b)|)", "%", "f|(a (b))"),
    ("|a\nb\n\nc", "}", "a\nb\n|\nc"),
    ("a\n\nb\n|c", "{", "a\n|\nb\nc"),
    ("|x", "5l", "|x"),
    ("|界界 x", "w", "界界 |x"),
]
CHANGES = [
    ("o|ne", "x", "o|e"),
    ("on|e", "x", "o|n"),
    ("|one", "2x", "|e"),
    ("on|e", "X", "o|e"),
    ("|one two", "dw", "|two"),
    ("|one two three", "d2w", "|three"),
    ("|one two three", "2dw", "|three"),
    ("|one\ntwo", "dw", "|\ntwo"),
    ("one |two", "dw", "one| "),
    ("|one two", "de", "| two"),
    ("one tw|o", "db", "one |o"),
    ("one |two", "d0", "|two"),
    ("one |two\nx", "D", "one| \nx"),
    ("a|b\ncd\nef", "dd", "|cd\nef"),
    ("ab\nc|d", "dd", "|ab"),
    ("a|b", "dd", "|"),
    ("|a\nb\nc\nd", "2dd", "|c\nd"),
    ("|a\nb\nc", "dj", "|c"),
    ("a\n|b\nc", "dk", "|c"),
    ("a\n|b\nc", "dG", "|a"),
    ("a\n|b\nc", "dgg", "|c"),
    ("|a, b, c", "df,", "| b, c"),
    ("|a, b, c", "dt,", "|, b, c"),
    ("x(|a, b)y", "di(", "x(|)y"),
    ("x(a, |b)y", "da(", "x|y"),
    ("x[|a]y", "di]", "x[|]y"),
    ("x{a|}y", "diB", "x{|}y"),
    ("x<lt>|a>y", "di>", "x<lt>|>y"),
    ('say "he|llo" now', 'di"', 'say "|" now'),
    ('say "he|llo" now', 'da"', "say |now"),
    ('|say "hello"', 'di"', 'say "|"'),
    ("one t|wo three", "diw", "one | three"),
    ("one t|wo three", "daw", "one |three"),
    ("one t|wo", "daw", "on|e"),
    ("a|-b c", "diW", "| c"),
    ("a\n|b\n\nc", "dip", "|\nc"),
    ("a\n|b\n\nc", "dap", "|c"),
    ("|one two", "cwbig<esc>", "bi|g two"),
    ("on|e two", "cwx<esc>", "on|x two"),
    ("a |b c", "cwx<esc>", "a |x c"),
    ("one |two", "Cx<esc>", "one |x"),
    ("a\n|b\nc", "ccnew<esc>", "a\nne|w\nc"),
    ("o|ne", "sX<esc>", "o|Xe"),
    ("a|b\nc", "Sx<esc>", "|x\nc"),
    ('f("|a")', 'ci"b<esc>', 'f("|b")'),
    ("o|ne", "rx", "o|xe"),
    ("o|ne", "2rx", "ox|x"),
    ("on|e", "3rx", "on|e"),
    ("|one", "~", "O|ne"),
    ("|one", "9~", "ON|E"),
    ("|one two", "gUiw", "|ONE two"),
    ("|ONE two", "guu", "|one two"),
    ("|a\n  b\nc", "J", "a| b\nc"),
    ("|a\nb\nc", "3J", "a b| c"),
    ("|a", "J", "|a"),
    ("|one", "ix<esc>", "|xone"),
    ("o|ne", "ax<esc>", "on|xe"),
    ("  o|ne", "Ix<esc>", "  |xone"),
    ("|one", "Ax<esc>", "one|x"),
    ("|a\nb", "ox<esc>", "a\n|x\nb"),
    ("a\n|b", "Ox<esc>", "a\n|x\nb"),
    ("|one two", "dwp", "tone| wo"),
    ("|one two", "ywP", "one| one two"),
    ("|a\nb", "yyp", "a\n|a\nb"),
    ("|a\nb", "yyjP", "|a\na\nb"),
    ("|a\nb", "ddp", "b\n|a"),
    ("|a\nb", "ddP", "|a\nb"),
    ("|ab", "yl3p", "aaa|ab"),
    ("|a b c d", "dw.", "|c d"),
    ("|a b c d", "dw2.", "|d"),
    ("|a b c", "cwx<esc>w.", "x |x c"),
    ("|a\nb\nc", "A;<esc>jj", "a|;\nb\nc"),
    ("|abc", "x..", "|"),
    ("|a b", "wix<esc>0.", "|xa xb"),
    ("|a", "p", "|a"),
    ("|abc", ".", "|abc"),
]
VISUAL = [
    ("|one two", "ved", "| two"),
    ("|one two", "vlx", "|e two"),
    ("on|e", "vhd", "|o"),
    ("|one two", "wviwd", "one| "),
    ("|a\nb\nc", "Vjd", "|c"),
    ("|a\nb\nc", "VGd", "|"),
    ("a|b\ncd", "vjd", "|a"),
    ("|one two", "vey$p", "one twoon|e"),
    ("|one two", "vecx<esc>", "|x two"),
    ("|one two", "ywwviwp", "one one| "),
    ("|one", "v$r-", "|---"),
    ("|one", "vU", "|One"),
    ("|a\nb\nc", "VjJ", "a| b\nc"),
    ("o|ne", "vod", "o|e"),
    ("|a (b c)", "f(va(d", "a| "),
    ("|a\nb", "Vyp", "a\n|a\nb"),
    ("|one", "v<esc>x", "|ne"),
    ("|ab\ncd", "vVd", "|cd"),
    ("|one\ntwo", "vjo<esc>", "|one\ntwo"),
]


def _play(before: str, keys: str) -> Driver:
    driver = driver_at(before.replace("<lt>", "<"))
    driver.play(*keys_of(keys))
    return driver


@pytest.mark.parametrize(("before", "keys", "after"), [*MOTIONS, *CHANGES, *VISUAL])
def test_vim_mode_by_example(before: str, keys: str, after: str) -> None:
    driver = _play(before, keys)
    assert driver.shown == after.replace("<lt>", "<")
    assert driver.state.mode is Mode.NORMAL


@pytest.mark.parametrize(
    ("keys", "request_"),
    [
        ("u", Request.UNDO),
        ("<ctrl+r>", Request.REDO),
        ("j", Request.ROW_DOWN),
        ("3k", Request.ROW_UP),
        ("/", Request.SEARCH_HISTORY),
    ],
)
def test_what_only_the_prompt_can_do_is_asked_of_it(keys: str, request_: Request) -> None:
    driver = _play("|a\nb", keys)
    assert driver.asked == [request_]
    assert driver.text == "a\nb"


@pytest.mark.parametrize("keys", ["q", "dq", "zz", "d3q", "gz", "ciz", "3"])
def test_keys_that_mean_nothing_change_nothing(keys: str) -> None:
    driver = _play("on|e two", keys)
    assert (driver.shown, driver.state.mode) == ("on|e two", Mode.NORMAL)


def test_escape_means_something_only_while_there_is_something_to_leave() -> None:
    from_insert = Driver("ab", 2, VimState())
    assert _escape_is_taken(from_insert)
    assert not _escape_is_taken(from_insert)
    from_insert.play("2", "d")
    assert _escape_is_taken(from_insert)
    from_insert.play("v")
    assert _escape_is_taken(from_insert)
    assert not _escape_is_taken(from_insert)


def _escape_is_taken(driver: Driver) -> bool:
    step = press(driver.state, "escape", driver.text, driver.cursor)
    driver.take(step, "escape")
    return step.is_taken


def test_keys_with_a_name_go_on_to_the_prompt() -> None:
    for key in ("enter", "up", "ctrl+s", "tab", "f1"):
        step = press(VimState(mode=Mode.NORMAL), key, "a", 0)
        assert not step.is_taken


def test_a_count_without_bounds_ends_at_once() -> None:
    driver = _play("|a b\nc", "999999999999w")
    assert driver.shown == "a b\n|c"
    driver.play(*keys_of("x9999999999p"))
    assert len(driver.text) < 2000
    driver.play(*keys_of("9999999999."))
    assert len(driver.text) < 3_000_000


KEYS = st.lists(
    st.sampled_from(
        [*"hjklwbeWBEG0^$fFtT;,{}%gdcyxXsSDCYpPuJ~rvVoOiIaA.()[]\"'`<>123 ", "escape", "ctrl+r"]
    ),
    max_size=40,
)
TEXTS = st.text(alphabet="ab _-.\n()[]{}\"'界e\u0301\t", max_size=60)


@given(
    text=TEXTS,
    at=st.integers(-5, 70),
    keys=KEYS,
    register=st.builds(Register, TEXTS, st.booleans()),
)
def test_nothing_is_raised_and_the_cursor_stays_in_the_text(
    text: str, at: int, keys: list[str], register: Register
) -> None:
    state = VimState(mode=Mode.NORMAL, register=register)
    driver = Driver(text, on_character(text, at), state)
    driver.play(*keys)
    driver.play("escape", "escape", "escape")
    assert driver.state.mode is Mode.NORMAL
    assert driver.cursor == on_character(driver.text, driver.cursor)


@given(text=TEXTS, at=st.integers(0, 60), keys=KEYS)
def test_a_yank_changes_no_text(text: str, at: int, keys: list[str]) -> None:
    driver = Driver(text, min(at, len(text)))
    for key in keys:
        if driver.state.keys or driver.state.mode is not Mode.NORMAL:
            driver.play("escape")
        before = driver.text
        driver.play("y", key)
        assert driver.text == before


@given(before=TEXTS, after=TEXTS)
def test_the_change_between_two_texts_makes_the_one_of_the_other(before: str, after: str) -> None:
    change = change_between(before, after)
    assert (before if change is None else change.apply(before)) == after
