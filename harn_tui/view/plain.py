"""Plain text of what untrusted sources wrote, safe to print: nothing of it controls a terminal."""

_CONTROL_PICTURES = {code: chr(0x2400 + code) for code in range(32) if code not in (9, 10)}
_OTHER_CONTROLS = {code: f"\\x{code:02x}" for code in range(0x80, 0xA0)}
_MARKS = {
    code: f"\\u{code:04x}"
    for code in (
        *(0x061C, 0x200E, 0x200F),
        *range(0x2028, 0x202F),  # line and paragraph separators, embeddings and overrides
        *range(0x2066, 0x206A),  # isolates
        *range(0xFFF9, 0xFFFC),
    )
}
_TAGS = {code: f"\\U{code:08x}" for code in range(0xE0000, 0xE0080)}
_TABLE = {**_CONTROL_PICTURES, 0x7F: "\u2421", **_OTHER_CONTROLS, **_MARKS, **_TAGS}


def printable(text: str) -> str:
    """Return ``text`` with control characters and direction marks made visible.

    Line feeds and tabs stay. A lone surrogate becomes U+FFFD.
    """
    if text.isascii() and text.isprintable():
        return text
    shown = text.translate(_TABLE)
    if shown.isascii():
        return shown
    return shown.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def one_line(text: str, limit: int) -> str:
    """Return ``text`` printable and as a single line of at most ``limit`` characters.

    Runs of white space become one space; what is cut off is marked by ``…``.
    """
    line = printable(" ".join(text[: 4 * limit].split()))
    is_cut = len(line) > limit or len(text) > 4 * limit
    return f"{line[: limit - 1]}…" if is_cut else line
