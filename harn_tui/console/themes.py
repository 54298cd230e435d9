"""Read theme files: TOML to Textual themes.

A file has ``name``, ``dark`` and the colours of ``COLOUR_KEYS`` (``primary`` and ``name`` are
required), and a table ``[variables]`` of further CSS variables. A file that cannot be used is
reported and left out; it never keeps the console from starting.
"""

import tomllib
from pathlib import Path

from textual.color import Color, ColorParseError
from textual.theme import Theme

import harn_tui

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

EXTRA_VARIABLES = {
    True: {"muted": "#9aa2b1", "faint": "#757d8c", "line": "#3a404c"},
    False: {"muted": "#586070", "faint": "#6b7280", "line": "#cfcbc2"},
}
"""By ``dark``: variables that our styles use, for themes that lack them."""


class ThemeError(ValueError):
    """A theme file that cannot be used; the message names file and key."""


def theme_folder() -> Path:
    """Return where the theme files are: in the installed package, else in the checkout."""
    package = Path(harn_tui.__file__).parent
    installed = package / "_themes"
    return installed if installed.is_dir() else package.parent / "themes"


def load_themes(folder: Path) -> tuple[list[Theme], list[str]]:
    """Return the usable themes of ``folder`` by file name, and a sentence on each that is not."""
    themes: list[Theme] = []
    problems: list[str] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            themes.append(read_theme(path))
        except ThemeError as error:
            problems.append(str(error))
    if not themes and not problems:
        problems.append(f"There are no themes in {folder}.")
    return themes, problems


def read_theme(path: Path) -> Theme:
    """Return the theme in ``path``. Raises ThemeError."""
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ThemeError(f"Theme {path.name} cannot be read: {error}") from error
    variables = values.pop("variables", {})
    if not isinstance(variables, dict) or not all(
        isinstance(value, str) for value in variables.values()
    ):
        raise ThemeError(f"Theme {path.name}: `variables` must be a table of strings.")
    name, dark = values.pop("name", None), values.pop("dark", True)
    if not isinstance(name, str) or not name:
        raise ThemeError(f"Theme {path.name}: `name` is missing.")
    if not isinstance(dark, bool):
        raise ThemeError(f"Theme {path.name}: `dark` must be true or false.")
    colours = {key: _colour(path, key, value) for key, value in values.items()}
    if "primary" not in colours:
        raise ThemeError(f"Theme {path.name}: `primary` is missing.")
    return Theme(name=name, dark=dark, variables=variables, **colours)  # type: ignore[arg-type]


def _colour(path: Path, key: str, value: object) -> str:
    if key not in COLOUR_KEYS:
        raise ThemeError(
            f"Theme {path.name}: unknown key `{key}`; known are {', '.join(COLOUR_KEYS)}."
        )
    if not isinstance(value, str):
        raise ThemeError(f"Theme {path.name}: `{key}` must be a colour in quotes.")
    try:
        Color.parse(value)
    except ColorParseError as error:
        raise ThemeError(f"Theme {path.name}: `{key}` is not a colour: {value!r}") from error
    return value
