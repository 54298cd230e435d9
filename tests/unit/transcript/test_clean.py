import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.console.transcript.clean import (
    clean_line,
    clean_output_line,
    safe_link,
    split_lines,
)

BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
anything = st.text(alphabet=st.characters(codec=None), max_size=80)


def is_harmless(text: str) -> bool:
    return not any(
        unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} or character in BIDI
        for character in text
    )


@given(anything)
def test_nothing_that_acts_on_a_terminal_is_left(text: str) -> None:
    assert is_harmless(clean_line(text))
    assert is_harmless(clean_line(text, reveal=True))
    assert is_harmless(clean_output_line(text))


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126)))
def test_printable_text_is_left_alone(text: str) -> None:
    assert clean_line(text) is text


def test_control_characters_become_their_pictures() -> None:
    assert clean_line("a\x1b[31mb\x00\x7f") == "a\u241b[31mb\u2400\u2421"


def test_markup_is_only_text() -> None:
    assert clean_line("[bold red]x[/] [@click=app.quit]y[/]") == (
        "[bold red]x[/] [@click=app.quit]y[/]"
    )


def test_direction_overrides_are_shown_as_their_code() -> None:
    assert clean_line("a\u202eb") == "a\u27e8202E\u27e9b"


def test_joiners_stay_in_prose_and_are_shown_where_told() -> None:
    family = "\U0001f469\u200d\U0001f467"
    assert clean_line(family) == family
    assert "200D" in clean_line(family, reveal=True)


def test_joiners_that_join_nothing_are_shown() -> None:
    assert clean_line("\u200da\u200d\u200db\u200d") == "⟨200D⟩a⟨200D⟩⟨200D⟩b⟨200D⟩"


def test_tabs_become_spaces_up_to_the_next_stop() -> None:
    assert clean_line("a\tb") == "a   b"


def test_lone_surrogates_can_be_encoded_afterwards() -> None:
    assert clean_line("x\ud800y").encode() == "x\ufffdy".encode()


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[32mok\x1b[0m", "ok"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("10%\r50%\r100%", "100%"),
        ("100%\r", "100%"),
        ("100%\r\x1b[K", "100%"),
        ("abc\b\bX", "aX"),
        ("\x1b(Bplain", "plain"),
        ("bare \x1b", "bare \u241b"),
    ],
)
def test_output_shows_what_a_terminal_would(raw: str, shown: str) -> None:
    assert clean_output_line(raw) == shown


def test_a_hostile_line_of_carriage_returns_is_not_searched_for_ever() -> None:
    assert clean_output_line("x" + "\r" * 200_000) == "x"
    assert clean_output_line("x" + "\r\x1b[K" * 50_000) == ""


def test_only_lf_and_crlf_end_lines() -> None:
    assert split_lines("a\r\nb\nc\x0bd\x85e\u2028f\n") == ["a", "b", "c\x0bd\x85e\u2028f"]
    assert split_lines("") == []
    assert split_lines("\n") == [""]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/passwd", "x", "ftp://a/b"])
def test_only_web_and_mail_addresses_are_linked(url: str) -> None:
    assert safe_link(url) is None


def test_a_link_cannot_end_its_own_sequence() -> None:
    link = safe_link("https://e.x/\x1b\\\x07\u2028 é")
    assert link is not None
    assert link.isascii()
    assert link.isprintable()
    assert " " not in link
