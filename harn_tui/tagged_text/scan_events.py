"""What the scanner finds in a reply. Positions count characters from the start of the reply."""

from dataclasses import dataclass
from typing import TypeAlias

from harn_tui.json_types import JsonObject


@dataclass(frozen=True, slots=True)
class StrayText:
    """A piece of text outside of blocks and calls; ``is_in_call_tag`` within ``<tool_call>``."""

    text: str
    is_in_call_tag: bool


@dataclass(frozen=True, slots=True)
class CallStarted:
    """``name(`` of a known tool was read.

    ``is_visible`` means that it begins a line outside of fenced code and of tags.
    """

    name: str
    is_visible: bool


@dataclass(frozen=True, slots=True)
class CallEnded:
    """A call was read to its end; ``problem`` says why it cannot run, ``arguments`` is then None.

    ``start`` is where it begins, a label before it included; ``name_start`` to ``end`` is its
    source. ``is_known`` false means there is no such tool.
    """

    name: str
    start: int
    name_start: int
    end: int
    arguments: JsonObject | None
    problem: str | None
    is_known: bool
    is_in_call_tag: bool
    is_in_angles: bool


@dataclass(frozen=True, slots=True)
class CallTagOpened:
    """``<tool_call>``; ``is_visible`` means at the start of a line outside of fenced code."""

    start: int
    is_visible: bool


@dataclass(frozen=True, slots=True)
class CallTagEnded:
    """The block ended: with its closing tag, or, not closed, before another block or at the end.

    ``calls`` are all calls that stand in it. ``text`` is the beginning of its other text.
    """

    start: int
    end: int
    is_closed: bool
    calls: tuple[CallEnded, ...]
    text: str


@dataclass(frozen=True, slots=True)
class BlockOpened:
    """The opening tag of an opaque block."""

    tag: str
    start: int


@dataclass(frozen=True, slots=True)
class BlockText:
    """A piece of the body of the opaque block that is open."""

    text: str


@dataclass(frozen=True, slots=True)
class BlockEnded:
    """An opaque block with its closing tag; its body goes from ``body_start`` to ``body_end``."""

    tag: str
    body_start: int
    body_end: int
    end: int


@dataclass(frozen=True, slots=True)
class BlockUnclosed:
    """The reply ended within an opaque block. The last event, when there is one."""

    tag: str
    body_start: int


@dataclass(frozen=True, slots=True)
class LooseTag:
    """A tag that opens and closes nothing here; ``text`` is the tag as written."""

    name: str
    text: str
    start: int
    end: int
    is_closing: bool


ScanEvent: TypeAlias = (
    StrayText
    | CallStarted
    | CallEnded
    | CallTagOpened
    | CallTagEnded
    | BlockOpened
    | BlockText
    | BlockEnded
    | BlockUnclosed
    | LooseTag
)
