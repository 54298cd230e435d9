from hypothesis import given
from hypothesis import strategies as st

from harn_tui.console.plain_text import one_line, plain, revealed


@given(st.text())
def test_plain_text_has_no_control_character_but_line_feed(text: str) -> None:
    assert all(c == "\n" or not (ord(c) < 32 or 127 <= ord(c) < 160) for c in plain(text))


@given(st.text())
def test_one_line_is_one_line(text: str) -> None:
    assert len(one_line(text).splitlines()) <= 1


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126)))
def test_common_text_is_revealed_as_it_is(text: str) -> None:
    assert revealed(text) == text


def test_letters_of_any_script_stay_and_hidden_characters_do_not() -> None:
    assert revealed("naïve 漢字 🎉") == "naïve 漢字 🎉"
    assert revealed("a\u2066b\ufeffc\u00ad") == "a⟨2066⟩b⟨FEFF⟩c⟨AD⟩"
