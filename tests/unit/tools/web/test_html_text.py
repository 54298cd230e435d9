"""HTML as text, in a process of its own."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.errors import ToolError
from harn_tui.kinds import ToolErrorCategory
from harn_tui.tools.web.html_text import MAX_CHARACTERS, html_to_text
from harn_tui.tools.web.html_worker import EnoughError, PageText

URL = "https://example.org/a/b"


def text_of(html: str, max_characters: int = 100_000) -> str:
    page = PageText(URL, max_characters)
    page.feed(html)
    page.close()
    return page.text()


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One\n  two</p><p>three", "One two\n\nthree"),
        ("<h1>Top</h1>text<h3>Lower</h3>more", "# Top\n\ntext\n\n### Lower\n\nmore"),
        ("a<br>b<hr>c", "a\nb\n---\nc"),
        ("<ul><li>one<li>two</ul>", "- one\n- two"),
        ("<ol><li>one<ul><li>in</ul><li>two</ol>", "1. one\n  - in\n2. two"),
        ("<pre>  a\n    b</pre>c", "  a\n    b\n\nc"),
        ("<table><tr><th>a<td>b<tr><td>c<td>d</table>", "a | b\nc | d"),
        ("fish &amp; chips &lt;b&gt; &#228; &nonsense;", "fish & chips <b> ä &nonsense;"),
        ("<b>bold</b> <i>words</i>, <span>joined</span>", "bold words, joined"),
        ("a<!-- hidden --><![CDATA[x]]>b", "ab"),
        ("<img alt='a  cat'><img alt=''><img>", "[image: a cat]"),
        ("<div><div><div>x</div></div></div>y", "x\ny"),
        ("a\0b\x1b[31m", "a\0b\x1b[31m"),
        ("no markup, 1 < 2", "no markup, 1 < 2"),
        ("", ""),
    ],
)
def test_text_and_its_structure_are_kept(html: str, text: str) -> None:
    assert text_of(html) == text


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert('</b>')</script>",
        "<style>p { color: red }</style>",
        "<template><p>x</p></template>",
        "<svg><title>x</title><path d='M0'/></svg>",
        "<iframe>x</iframe>",
        "<script>never closed <p>x</p>",
    ],
)
def test_scripts_styles_and_drawings_are_dropped(html: str) -> None:
    assert text_of(f"a {html}") == "a "[:-1]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<a href='/x?a=1&amp;b=2'>go</a>", "[go](https://example.org/x?a=1&b=2)"),
        ("<a href='c'>go</a>", "[go](https://example.org/a/c)"),
        ("<a href='//other.org'>go</a>", "[go](https://other.org)"),
        ("<a href='mailto:a@b.c'>go</a>", "[go](mailto:a@b.c)"),
        ("<base href='https://base.org/z/'><a href='c'>go</a>", "[go](https://base.org/z/c)"),
        ("<a href='javascript:alert(1)'>go</a>", "go"),
        ("<a href=' java\nscript:alert(1)'>go</a>", "go"),
        ("<a href='data:text/html,x'>go</a>", "go"),
        ("<a href='#part'>go</a>", "go"),
        ("<a name=x>go</a>", "go"),
        ("<a href='/x'><svg></svg></a>after", "after"),
        ("<a href='http://[broken'>go</a>", "go"),
        (f"<a href='/{'x' * 3000}'>go</a>", "go"),
        ("</a></ul></pre>x", "x"),
    ],
)
def test_links_are_kept_with_their_whole_address(html: str, text: str) -> None:
    assert text_of(html) == text


def test_too_much_text_is_cut() -> None:
    page = PageText(URL, 10)
    with pytest.raises(EnoughError):
        page.feed("<p>" + "x" * 100)
    assert page.text() == "x" * 10


@given(st.text(alphabet="<>/!-[]&;\"' =abphrefscitul1\n", max_size=300))
def test_whatever_the_markup_there_is_some_text(html: str) -> None:
    text_of(html)


async def test_a_page_comes_back_with_its_title() -> None:
    html = "<html><head><title> The\n title </title></head><body>Grüße \ud83d"
    page = await html_to_text(html, URL)
    assert (page.title, page.text, page.is_cut) == ("The title", "Grüße ?", False)


async def test_many_links_below_a_long_address_do_not_grow_without_end() -> None:
    html = f"<base href='https://example.org/{'x' * 1900}/'>" + "<a href=y>z</a> " * 20_000
    page = await html_to_text(html, URL)
    assert page.is_cut
    assert len(page.text) <= MAX_CHARACTERS


async def test_deep_nesting_is_no_problem() -> None:
    page = await html_to_text("<div>" * 100_000 + "deep", URL)
    assert page.text == "deep"


async def test_a_page_that_takes_too_long_is_given_up() -> None:
    with pytest.raises(ToolError, match="could not be turned into text") as caught:
        await html_to_text("<p>x", URL, patience_s=0.0)
    assert caught.value.category is ToolErrorCategory.TIMEOUT


async def test_a_cancelled_conversion_leaves_no_process() -> None:
    task = asyncio.create_task(html_to_text("<p>" * 2_000_000, URL))
    for _ in range(20):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
