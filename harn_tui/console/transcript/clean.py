r"""Make text from models, tools and files fit to be cut into cells of a row.

After ``clean_line`` no control character, line break, lone surrogate or direction override is
left: what would act on a terminal is shown as a picture. Markup is never interpreted.
"""

import re

TAB_WIDTH = 4
"""Columns between tab stops, counted from the start of the text."""

_SUSPECT = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)
"""Everything that ``clean_line`` may have to replace; most lines hold none of it."""

_ALWAYS_SHOWN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u206f\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)

_STRAY_JOINER = re.compile("(?<![^\x00-\x7f\u200d])\u200d|\u200d(?![^\x00-\x7f\u200d])")
"""A joiner that joins nothing: screens and measures disagree on what follows it."""

_ANSI = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI, colours among them
    r"|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)"  # OSC, DCS, SOS, PM, APC with their end
    r"|\x1b[ -/]+[0-~]"  # character set and the like
    r"|\x1b[0-OQ-WYZ\\`-~]"  # other two-character sequences
    r"|\x9b[0-?]*[ -/]*[@-~]"
)

_OUTPUT_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""What output does to a terminal beside printing and tabs."""

_MAX_OVERWRITES = 50
"""Carriage returns that are looked back for text, so that a hostile line stays cheap."""

_LINE_BREAKS = re.compile(r"\r\n|\n")
_NAMES = {0x7F: "\u2421", 0x2028: "\u2424", 0x2029: "\u2424"}


def clean_line(text: str, *, reveal: bool = False) -> str:
    """Return one line of text with nothing in it that acts on a terminal.

    Control characters become their pictures (``\u241b`` for Escape), direction overrides and
    other acting characters their code in brackets, lone surrogates U+FFFD; tabs become spaces.
    With ``reveal`` invisible characters that are harmless in prose (zero-width ones, marks of
    direction, the soft hyphen) are shown as well: for code, output and anything that a person
    decides on.
    """
    if not _SUSPECT.search(text):
        return text
    if "\t" in text:
        text = text.expandtabs(TAB_WIDTH)
    if reveal:
        return _SUSPECT.sub(_picture, text)
    if "\u200d" in text:
        text = _STRAY_JOINER.sub(_picture, text)
    return _ALWAYS_SHOWN.sub(_picture, text)


def clean_output_line(text: str) -> str:
    """Return one line of a tool's output: escape sequences dropped, progress bars collapsed.

    A carriage return overwrites the line, so only what follows the last one that is followed by
    text remains, as a terminal would show it.
    """
    if "\r" in text:
        text = _last_overwrite(text)
    if "\x1b" in text or "\x9b" in text:
        text = _ANSI.sub("", text)
    if "\b" in text:
        text = _apply_backspaces(text)
    return clean_line(text, reveal=True)


def without_controls(text: str) -> str:
    """Return a line of output fit to be copied: as ``clean_output_line``, but tabs stay."""
    if not _OUTPUT_CONTROLS.search(text):
        return text
    return "\t".join([clean_output_line(part) for part in _last_overwrite(text).split("\t")])


def split_lines(text: str) -> list[str]:
    """Return the lines of ``text`` without their ends; only LF and CR LF end a line.

    A single line end at the end of the text does not begin another line; no text, no lines.
    """
    if not text:
        return []
    lines = _LINE_BREAKS.split(text) if "\r" in text else text.split("\n")
    if not lines[-1]:
        lines.pop()
    return lines


def safe_link(url: str) -> str | None:
    """Return ``url`` fit for a terminal's link sequence, or ``None`` when it must not be one.

    Only http, https and mailto are linked; every byte outside of printable ASCII is
    percent-encoded.
    """
    if len(url) > 2000 or not url.lower().startswith(("http://", "https://", "mailto:")):
        return None
    return "".join(
        character
        if "!" <= character <= "~"
        else "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "replace"))
        for character in url
    )


def _picture(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:
        return chr(0x2400 + code)
    if 0xD800 <= code <= 0xDFFF:
        return "\ufffd"
    return _NAMES.get(code) or f"\u27e8{code:X}\u27e9"


def _last_overwrite(text: str) -> str:
    """Return what follows the last carriage return that some text follows."""
    text = text.rstrip("\r")
    end = len(text)
    for _ in range(_MAX_OVERWRITES):
        start = text.rfind("\r", 0, end) + 1
        if not start or _ANSI.sub("", text[start:end]):
            return text[start:end]
        end = start - 1
    return ""


def _apply_backspaces(text: str) -> str:
    kept: list[str] = []
    for character in text:
        if character != "\b":
            kept.append(character)
        elif kept:
            kept.pop()
    return "".join(kept)
