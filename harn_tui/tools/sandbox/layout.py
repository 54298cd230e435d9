"""Looks at the disk for what a command's sandbox is to show and to hide."""

import stat
from collections.abc import Sequence
from pathlib import Path

from harn_tui.tools.sandbox.bubblewrap import SandboxLayout

_TEMPORARY = ("/tmp", "/var/tmp", "/run")
_CREDENTIALS = (
    ".ssh",
    ".gnupg",
    ".aws",
    ".azure",
    ".config/gcloud",
    ".config/gh",
    ".config/op",
    ".docker",
    ".kube",
    ".local/share/keyrings",
    ".password-store",
    ".git-credentials",
    ".netrc",
    ".npmrc",
    ".pypirc",
)
"""Places below the home folder that usually hold keys and passwords."""


def sandbox_layout(
    cwd: Path,
    workspace_roots: Sequence[Path],
    more_writable: Sequence[str],
    *,
    home: Path,
    has_network: bool,
) -> SandboxLayout:
    """Return the layout for a command that starts in ``cwd``. Blocks.

    ``more_writable`` are paths as people write them, relative ones below ``cwd``. Credentials
    are hidden, also inside a writable folder, unless that folder is one of them.
    """
    more = (cwd / Path(path).expanduser() for path in more_writable)
    roots = tuple(path.resolve() for path in (*workspace_roots, *more))
    folders: list[Path] = []
    files: list[Path] = []
    for place in _CREDENTIALS:
        path = (home / place).resolve()
        mode = _mode(path)
        if any(root.is_relative_to(path) for root in roots):
            continue
        if stat.S_ISDIR(mode):
            folders.append(path)
        elif stat.S_ISREG(mode):
            files.append(path)
    return SandboxLayout(
        cwd=cwd.resolve(),
        writable=roots,
        temporary=tuple(path for path in map(Path, _TEMPORARY) if stat.S_ISDIR(_mode(path))),
        hidden_folders=tuple(folders),
        hidden_files=tuple(files),
        has_network=has_network,
    )


def _mode(path: Path) -> int:
    """Return the type of the file that ``path`` is itself, 0 when there is none."""
    try:
        return path.lstat().st_mode
    except OSError:
        return 0
