"""The command line of bubblewrap for one command: what it may see, change and reach."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_NEEDED_OF_RUN = (
    "/run/systemd/resolve",
    "/run/NetworkManager/resolv.conf",
    "/run/resolvconf",
    "/run/current-system",
    "/run/booted-system",
    "/run/wrappers",
    "/run/opengl-driver",
)
"""Of ``/run`` only what name look-ups and some systems' programs need: sockets of services,
such as those of containers and desktops, stay out of reach."""


@dataclass(frozen=True, slots=True)
class SandboxLayout:
    """What one command finds in its sandbox; all paths are absolute and free of links.

    ``writable`` may be changed, everything else only be read. ``temporary`` are folders that
    begin empty and vanish with the command. ``hidden_folders`` look empty, and so do
    ``hidden_files``; both must exist. ``cwd`` is where the command starts; it is there even
    below a temporary folder.
    """

    cwd: Path
    writable: tuple[Path, ...] = ()
    temporary: tuple[Path, ...] = ()
    hidden_folders: tuple[Path, ...] = ()
    hidden_files: tuple[Path, ...] = ()
    has_network: bool = False


def bubblewrap_command(
    bubblewrap: str, layout: SandboxLayout, command: Sequence[str]
) -> tuple[str, ...]:
    """Return the arguments that run ``command`` as ``layout`` says.

    Mounts count in their order, so a workspace below ``/tmp`` comes after the empty ``/tmp``. The
    command has no capabilities, gains no privileges, and ends when this program does.
    """
    arguments = [bubblewrap, *_mounted("--ro-bind", Path("/"))]
    arguments += ["--dev", "/dev", "--proc", "/proc"]
    for folder in layout.temporary:
        arguments += ["--tmpfs", str(folder)]
    if Path("/run") in layout.temporary:
        for needed in _NEEDED_OF_RUN:
            arguments += _mounted("--ro-bind-try", Path(needed))
    if any(layout.cwd.is_relative_to(folder) for folder in layout.temporary):
        arguments += _mounted("--ro-bind-try", layout.cwd)
    for root in sorted(layout.writable, key=lambda path: len(path.parts)):
        arguments += _mounted("--bind-try", root)
    for folder in layout.hidden_folders:
        arguments += ["--tmpfs", str(folder), "--remount-ro", str(folder)]
    for file in layout.hidden_files:
        arguments += ["--ro-bind", "/dev/null", str(file)]
    arguments += ["--chdir", str(layout.cwd), "--unshare-all"]
    if layout.has_network:
        arguments.append("--share-net")
    arguments += ["--cap-drop", "ALL", "--new-session", "--die-with-parent", "--"]
    return (*arguments, *command)


def _mounted(option: str, path: Path) -> tuple[str, str, str]:
    return (option, str(path), str(path))
