"""What a model is told of a function's docstring."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.tools.functions.docstring import DocstringParts, read_docstring

GOOGLE = """Does it.

    In two paragraphs: here
    is the second.

    Args:
        first (int, optional): The first,
            which is long.
        *second: The second: with a colon.

        third: The third.

    Returns:
        nothing: at all
    """
NUMPY = """
    Does it.

    In two paragraphs: here
    is the second.

    Parameters
    ----------
    first : int, optional
        The first,
        which is long.
    *second
        The second: with a colon.
    third: str
        The third.

    Returns
    -------
    nothing
        at all
    """
REST = """Does it.

    In two paragraphs: here
    is the second.

    :param int first: The first,
        which is long.
    :param second: The second: with a colon.
    :type second: int
    :param third: The third.
    :returns: nothing: at all
        whatsoever
    """


@pytest.mark.parametrize("text", [GOOGLE, NUMPY, REST])
def test_the_three_usual_forms_are_understood(text: str) -> None:
    assert read_docstring(text) == DocstringParts(
        "Does it.\n\nIn two paragraphs: here\nis the second.",
        {
            "first": "The first, which is long.",
            "second": "The second: with a colon.",
            "third": "The third.",
        },
    )


@pytest.mark.parametrize("text", [None, "", "  \n "])
def test_nothing_is_nothing(text: str | None) -> None:
    assert read_docstring(text) == DocstringParts()


def test_a_line_that_only_looks_like_a_section_is_text() -> None:
    text = "Takes these:\n\n- one\n- two\n\nThe args: are few."
    assert read_docstring(text) == DocstringParts(text)


def test_several_names_of_one_entry_share_its_text() -> None:
    text = "Does it.\n\nParameters\n----------\na, b : int\n    Both.\n"
    assert read_docstring(text).parameters == {"a": "Both.", "b": "Both."}


@given(st.text(alphabet="ab:-() \n*Args", max_size=80))
def test_any_text_can_be_read(text: str) -> None:
    parts = read_docstring(text)
    assert all(name and description for name, description in parts.parameters.items())
