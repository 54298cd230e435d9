"""The error tree: each error says what happened, where, and what to do next."""

from harn_tui.kinds import ProviderErrorCategory, ToolErrorCategory


class HarnError(Exception):
    """Base of every error that this program raises on purpose.

    ``message`` is one sentence on what happened and where; ``hint``, when there is one, is the
    next step for the person who reads it. Front ends print both and never a traceback.
    """

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        if not self.hint:
            return self.message
        stop = "" if self.message.endswith((".", "!", "?", ":")) else "."
        return f"{self.message}{stop} {self.hint}"


class ConfigError(HarnError):
    """A configuration key or value that cannot be used; names file, line and key."""


class UsageError(HarnError):
    """A command line that cannot be carried out as typed."""


class LoopConfigError(HarnError):
    """A loop that was refused before its first turn."""


class ToolDefinitionError(HarnError):
    """A tool that cannot be offered as it was defined; names the tool and what is accepted."""


class AttachmentError(HarnError):
    """A file that cannot be sent along with a line; the line itself was not sent either."""


class StoreError(HarnError):
    """A session file that cannot be read or written."""


class SessionImportError(StoreError):
    """A file of somebody else's that cannot become a session; names file, place and reason."""


class SessionNotFoundError(StoreError):
    """No stored session has the id that was asked for."""


class SessionClosedError(HarnError):
    """A line for a session that is closed, or is just being closed."""


class SessionLockedError(StoreError):
    """A session that another process holds open for writing.

    ``owner_pid`` is the process named in the lock file, or ``None`` when it names none;
    ``session_id`` is the name of the session's folder.
    """

    def __init__(
        self,
        message: str,
        *,
        session_id: str | None = None,
        owner_pid: int | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.session_id = session_id
        self.owner_pid = owner_pid


class SnapshotError(StoreError):
    """Files of the working folder that cannot be snapshotted or brought back."""


class SnapshotsUnavailableError(SnapshotError):
    """Why there are no snapshots here at all: trying again would only fail again."""


class ProviderError(HarnError):
    """A model call that failed.

    ``status`` is the HTTP status, ``None`` when there was no response. ``retry_after_s`` is the
    server's wish in seconds (already parsed, never negative), ``None`` when it sent none.
    """

    def __init__(
        self,
        message: str,
        *,
        category: ProviderErrorCategory,
        status: int | None = None,
        retry_after_s: float | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.category = category
        self.status = status
        self.retry_after_s = retry_after_s

    @property
    def is_transient(self) -> bool:
        """Whether sending the same request again may succeed."""
        return self.category.is_transient


class ToolError(HarnError):
    """A tool that could not do its work; ``message`` is written for the model to act on."""

    def __init__(
        self,
        message: str,
        *,
        category: ToolErrorCategory = ToolErrorCategory.TOOL_ERROR,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.category = category
