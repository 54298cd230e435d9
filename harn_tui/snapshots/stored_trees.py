"""Reads the trees of a private git directory: what is in them, and what differs between two."""

import os
import re
from collections.abc import Iterable, Sequence

from harn_tui.snapshots.deadline import Deadline
from harn_tui.snapshots.private_git import PrivateGit
from harn_tui.snapshots.tree_changes import FileDifference, LineCounts, parse_counts, parse_raw

EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
"""The tree without files, which git knows by itself."""

_ID = re.compile("[0-9a-f]{40}")
_READ_LIMIT_S = 60.0


class StoredTrees:
    """The trees of one private git directory. Every method blocks."""

    def __init__(self, git: PrivateGit) -> None:
        self._git = git

    @property
    def exists(self) -> bool:
        """Whether a snapshot was ever taken."""
        return (self._git.folder / "HEAD").is_file()

    def missing(self, ids: Iterable[str]) -> list[str]:
        """Return those of the trees and contents that are not in the store any more.

        Ids may come from anybody's log: git is not asked for what is none.
        """
        asked = sorted({wanted for wanted in ids if wanted != EMPTY_TREE})
        wanted = [one for one in asked if _ID.fullmatch(one)]
        if not wanted or not self.exists or len(wanted) < len(asked):
            return asked if not self.exists else [one for one in asked if one not in wanted]
        given = "".join(f"{one}\n" for one in wanted).encode()
        lines = self._run("cat-file", "--batch-check", given=given).decode().splitlines()
        return [line.partition(" ")[0] for line in lines if line.endswith(" missing")]

    def differences(
        self, pairs: Sequence[tuple[str, str]]
    ) -> dict[tuple[str, str], list[FileDifference]]:
        """Return what differs between each pair of trees, old and new. Raises SnapshotError."""
        found: dict[tuple[str, str], list[FileDifference]] = {pair: [] for pair in pairs}
        pair = ("", "")
        for header, difference in parse_raw(self._diff(found, "-z", "--raw", "--no-abbrev")):
            if header is not None:
                pair = header
            elif difference is not None:
                found[pair].append(difference)
        return found

    def line_counts(
        self, pairs: Sequence[tuple[str, str]]
    ) -> dict[tuple[str, str], list[LineCounts]]:
        """Return the lines that differ between each pair of trees. Raises SnapshotError."""
        found: dict[tuple[str, str], list[LineCounts]] = {pair: [] for pair in pairs}
        pair = ("", "")
        for header, counts in parse_counts(self._diff(found, "--numstat")):
            if header is not None:
                pair = header
            elif counts is not None:
                found[pair].append(counts)
        return found

    def diff_text(self, old: str, new: str, paths: Sequence[bytes]) -> str:
        """Return the unified differences of ``paths`` between two trees. Raises SnapshotError."""
        if not paths or old == new:
            return ""
        words = ("diff-tree", "-r", "-p", "--no-renames", "--no-ext-diff", "--no-textconv")
        output = self._run(*words, old, new, "--", *map(os.fsdecode, paths))
        return output.decode(errors="replace")

    def contents(self, blobs: Iterable[str]) -> dict[str, bytes]:
        """Return the contents of files and the targets of links. Raises SnapshotError."""
        wanted = list(dict.fromkeys(blobs))
        given = "".join(f"{blob}\n" for blob in wanted).encode()
        output = self._run("cat-file", "--batch", given=given)
        found, at = {}, 0
        for blob in wanted:
            end = output.index(b"\n", at)
            size = int(output[at:end].split(b" ")[-1])
            found[blob] = output[end + 1 : end + 1 + size]
            at = end + 1 + size + 1
        return found

    def _diff(self, pairs: Iterable[tuple[str, str]], *how: str) -> bytes:
        lines = "".join(f"{old} {new}\n" for old, new in pairs if old != new)
        if not lines:
            return b""
        return self._run(
            *("diff-tree", "-r", "--no-renames", "--no-ext-diff", *how, "--stdin"),
            given=lines.encode(),
        )

    def _run(self, *arguments: str, given: bytes = b"") -> bytes:
        deadline = Deadline(_READ_LIMIT_S)
        return self._git.run(*arguments, deadline=deadline, given=given)
