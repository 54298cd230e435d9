"""From bytes to text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.tools.web.charset import decoded


@pytest.mark.parametrize(
    ("data", "declared", "text"),
    [
        ("grün".encode(), None, "grün"),
        ("grün".encode(), "UTF-8", "grün"),
        ("grün".encode("latin-1"), "iso-8859-1", "grün"),
        (b"\x93quoted\x94", "ISO-8859-1", "“quoted”"),
        ("Ωμέγα".encode("iso8859-7"), '"iso-8859-7"', "Ωμέγα"),
        ("привет".encode("koi8-r"), "koi8-r", "привет"),
        ("привет".encode("cp1251"), "windows-1251", "привет"),
        ("漢字".encode("shift_jis"), "Shift_JIS", "漢字"),
        ("汉字".encode("gbk"), "gb2312", "汉字"),
        ("漢字".encode("gbk"), "gbk", "漢字"),
        (b"\xef\xbb\xbfgr\xc3\xbcn", "latin-1", "grün"),
        ("grün".encode("utf-16"), None, "grün"),
        (b"\xfe\xff" + "grün".encode("utf-16-be"), "utf-8", "grün"),
        (b"<meta charset=windows-1251>\xef\xf0", None, "<meta charset=windows-1251>пр"),
        (b"<meta http-equiv=x content='text/html; charset=koi8-r'>\xd0", None,
         "<meta http-equiv=x content='text/html; charset=koi8-r'>п"),
        (b"<?xml version='1.0' encoding='cp1251'?>\xef", None,
         "<?xml version='1.0' encoding='cp1251'?>п"),
        (b"<meta charset=utf-16>a", None, "<meta charset=utf-16>a"),
        (b"a\xffb", None, "a\ufffdb"),
        (b"a\xffb", "no-such-charset", "a\ufffdb"),
    ],
)  # fmt: skip
def test_the_charset_is_that_of_the_mark_the_header_the_page_or_utf_8(
    data: bytes, declared: str | None, text: str
) -> None:
    assert decoded(data, declared) == text


@pytest.mark.parametrize(
    "declared", ["zip", "hex", "rot13", "base64", "punycode", "idna", "utf-7", "\0", "x" * 5000]
)
def test_codecs_that_are_no_charset_of_a_page_are_not_used(declared: str) -> None:
    assert decoded(b"abc-", declared) == "abc-"


@given(st.binary(max_size=300), st.none() | st.text(max_size=20))
def test_any_bytes_are_some_text(data: bytes, declared: str | None) -> None:
    decoded(data, declared).encode()
