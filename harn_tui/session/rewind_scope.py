"""What a rewind is about."""

from enum import StrEnum

OUTSIDE = "What was done outside of the folder (network, databases) cannot be undone."
"""What a person is told with every rewind of files."""


class RewindScope(StrEnum):
    """The conversation, the files, or both."""

    BOTH = "both"
    CONVERSATION = "conversation"
    FILES = "files"

    @property
    def has_files(self) -> bool:
        """Whether files are brought back."""
        return self is not RewindScope.CONVERSATION

    @property
    def has_conversation(self) -> bool:
        """Whether a new session goes on from what was said."""
        return self is not RewindScope.FILES
