"""Finds the lines of a here-document in the text behind its command."""

import re

from harn_tui.permissions.shell_command.findings import UnclearError
from harn_tui.permissions.shell_command.model import HereDocument, Word

_PLAIN_DELIMITER = re.compile(r"[\w.,:=@%+/!-]+")
_TRAILING_BACKSLASHES = re.compile(r"\\+$")


def here_document(word: Word, *, strips_tabs: bool) -> HereDocument:
    """Return the here-document that ``word`` delimits; its body is read later.

    Raises UnclearError for a delimiter that shells do not all read alike.
    """
    is_plain = _PLAIN_DELIMITER.fullmatch(word.raw) is not None
    is_quoted = word.raw != word.text
    if not is_plain and (word.is_open or not is_quoted or "\n" in word.text or not word.text):
        raise UnclearError("has a here-document with an unusual delimiter")
    return HereDocument(word.text, is_quoted=is_quoted, strips_tabs=strips_tabs)


def read_body(text: str, at: int, document: HereDocument) -> tuple[str, int]:
    """Return the lines of ``document`` that begin at ``at``, and where the text goes on.

    Raises UnclearError when its last line is missing.
    """
    lines: list[str] = []
    joined = ""
    while at < len(text):
        line_end = text.find("\n", at)
        line_end = len(text) if line_end < 0 else line_end
        line = text[at:line_end]
        at = min(line_end + 1, len(text))
        if document.strips_tabs and not joined:
            line = line.lstrip("\t")
        if not document.is_quoted and _goes_on(line) and at < len(text):
            joined += line[:-1]
            continue
        line, joined = joined + line, ""
        if line == document.delimiter:
            return "".join(f"{kept}\n" for kept in lines), at
        lines.append(line)
    raise UnclearError(f"has a here-document without its last line {document.delimiter!r}")


def _goes_on(line: str) -> bool:
    found = _TRAILING_BACKSLASHES.search(line)
    return found is not None and len(found.group()) % 2 == 1
