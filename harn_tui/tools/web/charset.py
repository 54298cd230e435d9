"""Turns the bytes of a page into text: by what the header says, the page says, or UTF-8."""

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED_IN_PAGE = re.compile(
    rb"<(?:meta|\?xml)[^>]{0,400}?(?:charset|encoding)\s*=\s*[\"']?([\w.:-]+)", re.I
)
_LOOKED_AT_BYTES = 4096
_CODECS = frozenset(
    {"utf-8", "utf-16", "utf-16-le", "utf-16-be", "cp866", "koi8-r", "koi8-u", "mac-roman", "gbk",
     "gb18030", "gb2312", "big5", "big5hkscs", "euc_jp", "shift_jis", "cp932", "iso2022_jp",
     "euc_kr", "cp949", "tis-620", "cp874"}
)  # fmt: skip
"""Names as Python has them. No others are used: some codecs take very long, and some are none."""
_FAMILIES = ("iso8859-", "cp125")
_LATIN_1 = frozenset({"iso8859-1", "ascii"})


def decoded(data: bytes, declared: str | None) -> str:
    """Return ``data`` as text; bytes that do not fit become the replacement character.

    ``declared`` is the charset of the header Content-Type, ``None`` when it names none.
    """
    for mark, codec in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(codec, "replace")
    codec = _codec(declared) or _codec(_of_page(data)) or "utf-8"
    return data.decode(codec, "replace")


def _of_page(data: bytes) -> str | None:
    found = _DECLARED_IN_PAGE.search(data[:_LOOKED_AT_BYTES])
    # A page that can be read as bytes of one each is not in UTF-16, whatever it says.
    name = found.group(1).decode("ascii", "replace") if found else None
    return "utf-8" if name and name.lower().startswith("utf-16") else name


def _codec(label: str | None) -> str | None:
    if not label:
        return None
    try:
        name = codecs.lookup(label.strip().strip("\"'")).name
    except (LookupError, ValueError):
        return None
    if name in _LATIN_1:
        return "cp1252"  # as browsers read it: the two differ in control characters only
    return name if name in _CODECS or name.startswith(_FAMILIES) else None
