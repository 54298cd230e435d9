"""What a daemon is told: where it persists, what wakes it, when it gives up."""

from dataclasses import dataclass
from pathlib import Path

from harn_tui.config.loop_options import LoopOptions
from harn_tui.errors import LoopConfigError
from harn_tui.loop.daemon.snapshot import draft_path


@dataclass(frozen=True, slots=True)
class DaemonSettings:
    """The daemon options of one loop, its paths resolved (docs/loop.md, daemon mode).

    ``persist_path`` and ``resume_path`` are files. ``wake_interval_ms`` is at least 1, ``None``
    for no timer. ``watch_paths`` are files and folders, which need not exist.
    ``idle_watchdog_attempts`` 0 gives up at the first wait in vain, ``None`` never.
    """

    is_on: bool = False
    persist_path: Path | None = None
    resume_path: Path | None = None
    wake_interval_ms: int | None = None
    watch_paths: tuple[Path, ...] = ()
    consolidate_on_idle: bool = False
    idle_watchdog_attempts: int | None = None

    @classmethod
    def from_options(cls, options: LoopOptions, *, cwd: Path) -> "DaemonSettings":
        """Return the settings that ``options`` mean in the folder ``cwd``.

        Relative paths are below ``cwd``, and ``~`` is the home folder. Raises LoopConfigError
        for a home folder that is not known.
        """
        watched = [_path(path, cwd, "watch_paths") for path in options.watch_paths]
        return cls(
            is_on=options.daemon,
            persist_path=_optional_path(options.persist_path, cwd, "persist_path"),
            resume_path=_optional_path(options.resume_path, cwd, "resume_path"),
            wake_interval_ms=options.wake_interval_ms,
            watch_paths=tuple(dict.fromkeys(watched)),
            consolidate_on_idle=options.consolidate_on_idle,
            idle_watchdog_attempts=options.idle_watchdog_attempts,
        )

    @property
    def snapshot_path(self) -> Path | None:
        """Where snapshots are written: ``persist_path``, else ``resume_path``, else nowhere."""
        return self.persist_path or self.resume_path

    @property
    def own_paths(self) -> tuple[Path, ...]:
        """What saving a snapshot makes or changes: a daemon must not wake itself by it.

        Folders that are watched themselves are not among them.
        """
        path = self.snapshot_path
        if path is None or not path.name:
            return ()
        folders = [folder for folder in path.parents if folder not in self.watch_paths]
        return (path, draft_path(path), *folders)


def _optional_path(written: str | None, cwd: Path, option: str) -> Path | None:
    return None if written is None else _path(written, cwd, option)


def _path(written: str, cwd: Path, option: str) -> Path:
    try:
        return cwd / Path(written).expanduser()
    except RuntimeError as error:
        raise LoopConfigError(
            f"Loop option `{option}` is {written!r}, and that home folder is not known.",
            hint="Give the whole path.",
        ) from error
