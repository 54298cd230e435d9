"""What a call would change in a file, told before it runs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ForeseenChange:
    """What a call would make of the file at ``path``, as people know that path.

    ``diff`` is a unified diff and empty where none was made or nothing would change; ``is_cut``
    tells that it is not the whole of it. ``added`` and ``removed`` count lines, ``None`` where
    nobody compared. ``old_bytes`` and ``old_lines`` tell what is there now: ``old_bytes`` is
    ``None`` for nothing, ``old_lines`` for what is no text or too much to count. ``problem`` is a
    sentence that says why nothing is known.
    """

    path: str = ""
    diff: str = ""
    is_cut: bool = False
    added: int | None = None
    removed: int | None = None
    old_bytes: int | None = None
    old_lines: int | None = None
    is_binary: bool = False
    problem: str = ""

    @property
    def is_new(self) -> bool:
        """Whether there is no such file yet."""
        return self.old_bytes is None and not self.problem
