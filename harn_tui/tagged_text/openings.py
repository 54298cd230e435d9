"""Tells what begins at a place in a reply: a call, a tag, or neither.

Every function answers ``False`` for neither, and ``None`` as long as more input could change that.
"""

import re
from dataclasses import dataclass
from typing import Final

from harn_tui.tagged_text.cursor import Cursor
from harn_tui.tagged_text.grammar import CLOSE_CALL, LABELS, OPEN_CALL
from harn_tui.tagged_text.scan_rules import OpaqueBlock, ScanRules

_LABEL: Final = r"[A-Za-z_][A-Za-z0-9_-]{0,63}"
_NAME: Final = r"[\w$.-]"

_CALL: Final = re.compile(
    rf"(?:(?P<label>{_LABEL}):[ \t]{{0,16}})?(?P<angle><?)(?P<name>{_NAME}{{1,128}})\("
)
_CALL_SO_FAR: Final = re.compile(rf"(?:{_LABEL}:[ \t]{{0,16}})?<?{_NAME}{{0,128}}")
_ANGLE_CALL: Final = re.compile(rf"<(?P<name>{_NAME}{{1,128}})\(")
_ANGLE_CALL_SO_FAR: Final = re.compile(rf"<{_NAME}{{0,128}}")
_OBJECT: Final = re.compile(r"\s{0,64}\{")
_OBJECT_SO_FAR: Final = re.compile(r"\s{0,64}")
_TAG: Final = re.compile(
    r"<(?P<slash>/?)(?P<name>[A-Za-z|][\w|-]{0,63})(?:[ \t][^<>\n]{0,200})?/?>"
)
_TAG_SO_FAR: Final = re.compile(r"</?(?:[A-Za-z|][\w|-]{0,63}(?:[ \t][^<>\n]{0,200})?/?)?")


@dataclass(frozen=True, slots=True)
class CallOpening:
    """``name(``, with what stands before it. Positions are those of the cursor's text.

    ``refusal`` says why the call must not run whatever its arguments are, ``None`` when it may.
    """

    name: str
    start: int
    name_start: int
    end: int
    is_known: bool
    is_in_angles: bool
    refusal: str | None = None


@dataclass(frozen=True, slots=True)
class TagOpening:
    """A tag. ``opaque`` is the block that it opens; ``end`` a position in the cursor's text."""

    name: str
    text: str
    end: int
    is_closing: bool
    opaque: OpaqueBlock | None = None

    @property
    def opens_call(self) -> bool:
        """Whether this is ``<tool_call>``, exactly."""
        return self.text == OPEN_CALL

    @property
    def closes_call(self) -> bool:
        """Whether this is ``</tool_call>``, exactly."""
        return self.text == CLOSE_CALL


def call_at_line_start(cursor: Cursor, rules: ScanRules) -> CallOpening | bool | None:
    """Return the call whose label or name the cursor stands on."""
    match = _CALL.match(cursor.text, cursor.index)
    if match is None:
        is_open = _CALL_SO_FAR.fullmatch(cursor.text, cursor.index) is not None
        return None if is_open and not cursor.is_final else False
    label, name = match["label"], match["name"]
    is_known = rules.known is None or name in rules.known
    is_odd_label = label is not None and label not in LABELS
    if not is_known:
        if is_odd_label or not name.replace("$", "_").isidentifier():
            return False
        has_object = _has_object_ahead(cursor, match.end())
        if not has_object:
            return has_object
    return CallOpening(
        name,
        match.start(),
        match.start("name"),
        match.end(),
        is_known=is_known,
        is_in_angles=bool(match["angle"]),
        refusal=f"Do not prefix calls with `{label}:`" if is_odd_label else None,
    )


def call_in_angles(cursor: Cursor, rules: ScanRules) -> CallOpening | bool | None:
    """Return the call ``<name({`` of a known tool that the cursor stands on."""
    match = _ANGLE_CALL.match(cursor.text, cursor.index)
    if match is None:
        is_open = _ANGLE_CALL_SO_FAR.fullmatch(cursor.text, cursor.index) is not None
        return None if is_open and not cursor.is_final else False
    if rules.known is not None and match["name"] not in rules.known:
        return False
    has_object = _has_object_ahead(cursor, match.end())
    if not has_object:
        return has_object
    return CallOpening(
        match["name"],
        match.start(),
        match.start("name"),
        match.end(),
        is_known=True,
        is_in_angles=True,
    )


def tag_at(cursor: Cursor, rules: ScanRules) -> TagOpening | bool | None:
    """Return the tag that the cursor stands on."""
    for kind in rules.opaque:
        match = kind.opening.match(cursor.text, cursor.index)
        if match is not None:
            return TagOpening(kind.tag, match[0], match.end(), is_closing=False, opaque=kind)
    tag = _TAG.match(cursor.text, cursor.index)
    if tag is not None:
        return TagOpening(tag["name"], tag[0], tag.end(), is_closing=bool(tag["slash"]))
    is_open = _TAG_SO_FAR.fullmatch(cursor.text, cursor.index) is not None
    if cursor.could_become(*(kind.literal for kind in rules.opaque)):
        return None
    return None if is_open and not cursor.is_final else False


def _has_object_ahead(cursor: Cursor, index: int) -> bool | None:
    if _OBJECT.match(cursor.text, index):
        return True
    is_open = _OBJECT_SO_FAR.fullmatch(cursor.text, index) is not None
    return None if is_open and not cursor.is_final else False
