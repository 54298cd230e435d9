"""What a person looks for in a session."""

from enum import StrEnum


class Landmark(StrEnum):
    """The value is its name on the screen."""

    ERROR = "error"
    APPROVAL = "approval or question"
    FEEDBACK = "steered line"
    FILE_CHANGE = "file change"
    COMPACTION = "compaction"
