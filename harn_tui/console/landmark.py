"""The kinds of places that a reader of a transcript jumps to."""

from enum import StrEnum


class Landmark(StrEnum):
    """A kind of place; the value is its name in a sentence."""

    USER_LINE = "line of yours"
    ERROR = "error"
    TOOL_CALL = "tool call"
    FILE_CHANGE = "file change"
