"""Read a theme file: TOML to a Textual theme.

The file's name is the theme's. It has the colours of ``COLOUR_KEYS`` (``primary`` is required),
``dark``, ``ansi`` and ``description``, and a table ``[variables]`` of single parts of the screen
(docs/themes.md). Everything is checked here: what Textual cannot read would end the program.
"""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from textual.color import Color, ColorParseError
from textual.theme import Theme

import harn_tui
from harn_tui.errors import ConfigError

DARK_THEME = "harn-dark"
LIGHT_THEME = "harn-light"

COLOUR_KEYS = (
    "primary",
    "secondary",
    "warning",
    "error",
    "success",
    "accent",
    "foreground",
    "background",
    "surface",
    "panel",
    "boost",
)
_OTHER_KEYS = ("description", "dark", "ansi", "variables")

EXTRA_VARIABLES = {
    True: {"muted": "#9aa2b1", "faint": "#757d8c", "line": "#3a404c"},
    False: {"muted": "#586070", "faint": "#6b7280", "line": "#cfcbc2"},
}
"""By ``dark``: variables that our styles use, for themes that lack them."""

ANSI_VARIABLES = {
    "muted": "ansi_default",
    "faint": "ansi_default",
    "line": "ansi_bright_black",
    # Textual 8.2.8 uses these two and defines them for other themes only.
    "ansi-background": "ansi_default",
    "ansi-foreground": "ansi_default",
}
"""The same for themes of the terminal's own colours."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_ALPHA = re.compile(r" \d{1,3}%$")
_STYLE_WORDS = frozenset({"none", "bold", "dim", "italic", "underline", "reverse", "strike", "not"})
_LARGEST_FILE_BYTES = 64 * 1024


class ThemeError(ConfigError):
    """A theme file that cannot be used; the message names file and key."""


@dataclass(frozen=True, slots=True)
class ThemeFile:
    """A theme that was read. ``description`` is one line, empty when the file has none."""

    theme: Theme
    description: str


def theme_folder() -> Path:
    """Return where the theme files are: in the installed package, else in the checkout."""
    package = Path(harn_tui.__file__).parent
    installed = package / "_themes"
    return installed if installed.is_dir() else package.parent / "themes"


def is_theme_name(text: str) -> bool:
    """Whether ``text`` can be the name of a theme, and of its file."""
    return _NAME.fullmatch(text) is not None


def variable_defaults(theme: Theme) -> dict[str, str]:
    """Return our variables for a theme that lacks them."""
    return ANSI_VARIABLES if theme.ansi else EXTRA_VARIABLES[theme.dark]


def read_theme(path: Path) -> ThemeFile:
    """Return the theme in ``path``. Raises ThemeError."""
    values = _values(path)
    variables = _variables(path, values.pop("variables", {}))
    description = values.pop("description", "")
    if not isinstance(description, str) or not description.isprintable():
        raise ThemeError(f"Theme {path.name}: `description` must be one line of text.")
    dark, ansi = (_flag(path, key, values.pop(key, key == "dark")) for key in ("dark", "ansi"))
    colours = {key: _colour(path, key, value, is_ansi=ansi) for key, value in values.items()}
    if "primary" not in colours:
        raise ThemeError(f"Theme {path.name}: `primary` is missing.")
    theme = Theme(name=path.stem, dark=dark, ansi=ansi, variables=variables, **colours)  # type: ignore[arg-type] # all of its colours are text
    known = {*theme.to_color_system().generate(), *variable_defaults(theme)}
    for name, value in variables.items():
        _check_variable(path, name, value, known, is_ansi=ansi)
    return ThemeFile(theme, description)


def _values(path: Path) -> dict[str, object]:
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST_FILE_BYTES + 1)
        if len(data) > _LARGEST_FILE_BYTES:
            raise ThemeError(f"Theme {path.name} is larger than 64 KiB.")
        return tomllib.loads(data.decode("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ThemeError(f"Theme {path.name} cannot be read: {reason}.") from error


def _flag(path: Path, key: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise ThemeError(f"Theme {path.name}: `{key}` must be true or false.")
    return value


def _variables(path: Path, value: object) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
        raise ThemeError(f"Theme {path.name}: `variables` must be a table of texts.")
    return value


def _colour(path: Path, key: str, value: object, *, is_ansi: bool) -> str:
    if key not in COLOUR_KEYS:
        raise ThemeError(
            f"Theme {path.name}: unknown key {_named(key)}.{_meant(key, COLOUR_KEYS)}",
            hint=f"Known are {', '.join((*COLOUR_KEYS, *_OTHER_KEYS))}.",
        )
    if not isinstance(value, str):
        raise ThemeError(f"Theme {path.name}: `{key}` must be a colour in quotes.")
    _check_colour(path, key, value, value, is_ansi=is_ansi)
    return value


def _check_variable(
    path: Path, name: str, value: str, known: Iterable[str], *, is_ansi: bool
) -> None:
    if name not in known:
        raise ThemeError(
            f"Theme {path.name}: there is no variable {_named(name)}.{_meant(name, known)}"
        )
    if name.endswith("-style"):
        if not value.split() or not set(value.split()) <= _STYLE_WORDS:
            raise ThemeError(
                f"Theme {path.name}: `{name}` must be made of {', '.join(sorted(_STYLE_WORDS))}."
            )
        return
    bare = _ALPHA.sub("", value)
    if bare != "auto" and bare != "transparent":
        _check_colour(path, name, bare, value, is_ansi=is_ansi)


def _check_colour(path: Path, key: str, bare: str, value: str, *, is_ansi: bool) -> None:
    try:
        colour = Color.parse(bare)
    except ColorParseError as error:
        raise ThemeError(
            f"Theme {path.name}: `{key}` is not a colour: {_named(value)}.",
            hint='Write it like "#7cc4ff", or "ansi_blue" in a theme with `ansi = true`.',
        ) from error
    # The two do not mix: a colour of the terminal has no known shade to blend or compare.
    if is_ansi != (colour.ansi is not None):
        wanted = "one of the terminal's own, such as ansi_blue" if is_ansi else "no ansi_ colour"
        raise ThemeError(f"Theme {path.name}: `{key}` is {_named(value)}; it must be {wanted}.")


def _meant(word: str, known: Iterable[str]) -> str:
    near = get_close_matches(word, list(known), n=1)
    return f" Did you mean `{near[0]}`?" if near else ""


def _named(text: str) -> str:
    return f"`{text[:40]}`" if text.isprintable() else ascii(text[:40])
