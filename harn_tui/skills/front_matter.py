"""Parts a skill file into its YAML front matter and its body.

The one file that knows YAML. Scalars stay text, whatever they look like (``no``, ``1.0``, a
date), tags make nothing, and anchors are refused: reading a file cannot run or inflate anything.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harn_tui.errors import ConfigError
from harn_tui.late_import import late_module

if TYPE_CHECKING:
    import yaml
else:
    yaml = late_module("yaml")

_MOST_CHARACTERS = 16 * 1024
_OPENING = re.compile(r"---[ \t]*\n")
_CLOSING = re.compile(r"^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class SplitFile:
    """A file in two parts. ``fields`` is ``None`` when it has no front matter."""

    fields: dict[str, Any] | None
    body: str


def split_front_matter(text: str) -> SplitFile:
    """Return the two parts of ``text``; without a whole front matter all of it is body.

    The values of ``fields`` are texts, lists and tables of them. Raises ConfigError when the
    front matter is too long, no YAML, or no table.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    opening = _OPENING.match(text)
    if opening is None:
        return SplitFile(None, text)
    closing = _CLOSING.search(text, opening.end())
    if closing is None:
        return SplitFile(None, text)
    front = text[opening.end() : closing.start()]
    return SplitFile(_table(front), text[closing.end() :])


def _table(front: str) -> dict[str, Any]:
    if len(front) > _MOST_CHARACTERS:
        raise ConfigError(
            "The front matter is longer than 16 KiB.", hint="Move text into the body of the file."
        )
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(front, yaml.BaseLoader)):
            raise ConfigError(
                "The front matter uses a YAML alias.", hint="Write the value out instead."
            )
        value = yaml.load(front, yaml.BaseLoader)
    except yaml.YAMLError as error:
        raise ConfigError(f"The front matter is not valid YAML: {_reason(error)}.") from error
    except (RecursionError, ValueError, TypeError) as error:
        raise ConfigError("The front matter is not valid YAML.") from error
    if value is None or value == "":
        return {}
    if not isinstance(value, dict):
        raise ConfigError(
            "The front matter is not a table of keys.", hint="Write it as lines of `key: value`."
        )
    return {str(key): item for key, item in value.items()}


def _reason(error: yaml.YAMLError) -> str:
    """Return what is wrong and in which line of the file, in one line of text."""
    problem = getattr(error, "problem", None) or "it cannot be read"
    mark = getattr(error, "problem_mark", None)
    where = f" (line {mark.line + 2})" if mark is not None else ""
    return " ".join(f"{problem}{where}".split())
