"""Remembers, from one start to the next, of which tools the calls are folded or open."""

from __future__ import annotations

import json
import os
from pathlib import Path

from harn_tui.errors import StoreError

_LONGEST_FILE = 1_000_000
_MAX_TOOLS = 500


class FoldMemory:
    """A small file of the user's. Reading never fails: a damaged file counts as empty."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> dict[str, bool]:
        """Return whether calls are folded, by the tool's name. Waits for the disk."""
        try:
            with self._path.open("rb") as file:
                members = json.loads(file.read(_LONGEST_FILE))
        except (OSError, ValueError, RecursionError):
            return {}
        tools = members.get("folded_tools") if isinstance(members, dict) else None
        if not isinstance(tools, dict):
            return {}
        return {name: value for name, value in tools.items() if isinstance(value, bool)}

    def save(self, name: str, *, is_folded: bool) -> None:
        """Remember one tool beside what others may have saved meanwhile. Waits for the disk.

        Raises StoreError; what was saved before then stays.
        """
        tools = self.load()
        tools.pop(name, None)
        tools[name] = is_folded
        kept = dict(list(tools.items())[-_MAX_TOOLS:])
        text = json.dumps({"folded_tools": kept}, ensure_ascii=False, indent=2) + "\n"
        partial = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            partial.write_text(text, encoding="utf-8", errors="replace")
            partial.replace(self._path)
        except OSError as error:
            raise StoreError(
                f"Which tools are folded could not be saved in {self._path}: {error.strerror}.",
                hint="The choice holds until the console is closed.",
            ) from error
