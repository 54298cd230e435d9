"""The title of an open session, which its owner alone can change."""

from harn_tui.errors import HarnError
from harn_tui.session.files import SessionFiles
from harn_tui.store.renaming import title_line


class SessionTitle:
    """Reads and changes the title; ``files`` is ``None`` for a session that nothing stores."""

    def __init__(self, files: SessionFiles | None) -> None:
        self._files = files

    @property
    def text(self) -> str | None:
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
