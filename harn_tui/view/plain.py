"""Plain text of what untrusted sources wrote, safe to print: nothing of it controls a terminal."""

_CONTROL_PICTURES = {code: chr(0x2400 + code) for code in range(32) if code not in (9, 10)}
_OTHER_CONTROLS = {code: f"\\x{code:02x}" for code in range(0x80, 0xA0)}
_DIRECTION_MARKS = {
    code: f"\\u{code:04x}"
    for code in (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
}
_TABLE = {**_CONTROL_PICTURES, 0x7F: "\u2421", **_OTHER_CONTROLS, **_DIRECTION_MARKS}


def printable(text: str) -> str:
    """Return ``text`` with control characters and direction marks made visible.

    Line feeds and tabs stay. A lone surrogate becomes U+FFFD.
    """
    shown = text.translate(_TABLE)
    if shown.isascii():
        return shown
    return shown.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
