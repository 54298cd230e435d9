"""Which themes there are, found by the names of their files; one is read when it is wanted."""

from dataclasses import dataclass
from pathlib import Path

from harn_tui.console.themes import ThemeError, ThemeFile, is_theme_name, read_theme


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells a changed file: time in nanoseconds and size in bytes."""

    modified_ns: int
    size: int


class ThemeLibrary:
    """Themes of ``shipped``, and of the person's own folder; a name in both is the person's."""

    def __init__(self, shipped: Path, own: Path | None = None) -> None:
        self._shipped = shipped
        self.own = own
        """Where a person's themes are, which may not be there; ``None`` when there is no place."""

    def names(self) -> list[str]:
        """Return the name of every theme file, the person's own last. Reads two folders."""
        own = _names_in(self.own)
        return [name for name in _names_in(self._shipped) if name not in own] + own

    def path_of(self, name: str) -> Path | None:
        """Return the file of the theme called ``name``, ``None`` when there is none."""
        if not is_theme_name(name):
            return None
        places = [folder / f"{name}.toml" for folder in (self.own, self._shipped) if folder]
        return next((path for path in places if path.is_file()), None)

    def is_own(self, name: str) -> bool:
        """Whether the theme called ``name`` is the person's."""
        path = self.path_of(name)
        return path is not None and path.parent == self.own

    def read(self, name: str) -> ThemeFile:
        """Return the theme called ``name``. Raises ThemeError, which names all when it is none."""
        path = self.path_of(name)
        if path is None and not is_theme_name(name) and name in self.names():
            raise ThemeError(
                f"Theme {name!r} cannot be used: its name is that of its file.",
                hint="Name the file with letters, digits, dashes and underscores.",
            )
        if path is None:
            known = ", ".join(self.names()) or "none"
            raise ThemeError(f"There is no theme {name!r}.", hint=f"There are: {known}.")
        return read_theme(path)

    def stamp(self, name: str) -> Stamp | None:
        """Return what tells whether the file was changed; ``None`` when it cannot be told."""
        path = self.path_of(name)
        try:
            status = path.stat() if path is not None else None
        except OSError:
            return None
        return None if status is None else Stamp(status.st_mtime_ns, status.st_size)


def _names_in(folder: Path | None) -> list[str]:
    if folder is None:
        return []
    try:
        stems = [path.stem for path in folder.iterdir() if path.suffix == ".toml"]
    except OSError:
        return []
    return sorted(stems)
