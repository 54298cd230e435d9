"""What differs between two trees, as git tells it."""

from collections.abc import Iterator
from dataclasses import dataclass

LINK_MODE = "120000"
PROGRAM_MODE = "100755"

_NOTHING = "000000"


@dataclass(frozen=True, slots=True)
class FileState:
    """A file in a tree: its git mode and the id of its content."""

    mode: str
    blob: str


@dataclass(frozen=True, slots=True)
class FileDifference:
    """A path whose ``old`` and ``new`` state differ; ``None`` where it is not there."""

    path: bytes
    old: FileState | None
    new: FileState | None


@dataclass(frozen=True, slots=True)
class LineCounts:
    """Lines of a file that were added and removed; ``None`` for a file that is no text."""

    path: str
    added: int | None
    removed: int | None


def parse_raw(output: bytes) -> Iterator[tuple[tuple[str, str] | None, FileDifference | None]]:
    """Yield what ``diff-tree -r -z --stdin`` prints: a pair of trees, then its differences."""
    at = 0
    while at < len(output):
        if output[at : at + 1] != b":":
            end = output.index(b"\n", at)
            old, _, new = output[at:end].decode().partition(" ")
            yield (old, new), None
            at = end + 1
            continue
        end = output.index(b"\0", at)
        old_mode, new_mode, old_blob, new_blob, _ = output[at + 1 : end].decode().split(" ")
        path_end = output.index(b"\0", end + 1)
        path = output[end + 1 : path_end]
        yield (
            None,
            FileDifference(path, _state(old_mode, old_blob), _state(new_mode, new_blob)),
        )
        at = path_end + 1


def parse_counts(output: bytes) -> Iterator[tuple[tuple[str, str] | None, LineCounts | None]]:
    """Yield what ``diff-tree -r --numstat --stdin`` prints: a pair of trees, then its files."""
    for line in output.decode(errors="surrogateescape").splitlines():
        added, _, rest = line.partition("\t")
        removed, is_count, path = rest.partition("\t")
        if is_count:
            yield None, LineCounts(path, _number(added), _number(removed))
        else:
            old, _, new = line.partition(" ")
            yield (old, new), None


def _state(mode: str, blob: str) -> FileState | None:
    return None if mode == _NOTHING else FileState(mode, blob)


def _number(text: str) -> int | None:
    return int(text) if text.isdigit() else None
