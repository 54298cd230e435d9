"""Where the console finds what is a person's own."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple


class Places(NamedTuple):
    """Where a person's own themes are, and the name of the last one in force is kept."""

    themes: Path
    last_theme: Path
