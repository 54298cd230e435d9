"""What an open session keeps beside its events: what it is called, and where its reader was."""

from harn_tui.errors import HarnError
from harn_tui.json_types import JsonObject
from harn_tui.session.files import SessionFiles
from harn_tui.store.renaming import title_line


class KeptState:
    """Reads and changes it; ``files`` is ``None`` for a session that nothing stores."""

    def __init__(self, files: SessionFiles | None) -> None:
        self._files = files

    @property
    def title(self) -> str | None:
        """The title, ``None`` before the first request."""
        return self._files.title if self._files is not None else None

    def rename(self, title: str) -> str:
        """Name the session; return the title as it is kept: one line, at most 120 characters.

        Raises HarnError for a blank one, and where the session or its title is not stored.
        """
        line = title_line(title)
        if self._files is None:
            raise HarnError("This session is not stored, so it has no title.")
        self._files.rename(line)
        return line

    @property
    def reading(self) -> JsonObject:
        """What a screen last said of its reader's place; empty for nothing."""
        return self._files.reading if self._files is not None else {}

    def save_reading(self, reading: JsonObject) -> None:
        """Keep where the reader is; returns at once."""
        if self._files is not None:
            self._files.save_reading(reading)
