"""The names of the files of one log.

A log is its base file (``event_log.jsonl``) and, once that is full, ``event_log-000001.jsonl``
and so on beside it, always named after the base. Their concatenation in this order is the log.
"""

import re
from pathlib import Path


def rotated_path(base: Path, number: int) -> Path:
    """Return the path of the ``number``-th rotated file (from 1) of the log at ``base``."""
    return base.with_name(f"{base.stem}-{number:06d}{base.suffix}")


def rotated_files(base: Path) -> list[tuple[int, Path]]:
    """Return (number, path) of the rotated files that exist, in order.

    Raises OSError when the folder cannot be listed; a folder that is not there holds none.
    """
    pattern = re.compile(rf"{re.escape(base.stem)}-(\d{{6,}}){re.escape(base.suffix)}")
    try:
        names = [path.name for path in base.parent.iterdir()]
    except FileNotFoundError:
        return []
    matches = [match for match in map(pattern.fullmatch, names) if match]
    return sorted((int(match[1]), base.with_name(match[0])) for match in matches)
