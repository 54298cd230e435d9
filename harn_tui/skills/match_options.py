"""Reads the option ``skill_match``."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from harn_tui.errors import ConfigError

METADATA: Final = "metadata"
HOST_STRATEGIES: Final = ("host", "embedding")
MINIMUM_SCORE: Final = 0.5
"""More than one keyword alone is worth, so that a single common word activates nothing."""

_KEYS: Final = ("strategy", "top_n", "sticky", "min_score")


@dataclass(frozen=True, slots=True)
class SkillMatchOptions:
    """How skills are matched to prompts.

    At most ``top_n`` skills are active. ``is_sticky`` keeps those of the first turn; otherwise
    every turn matches anew. ``warning`` tells of a strategy that is not known.
    """

    strategy: str = METADATA
    top_n: int = 1
    is_sticky: bool = True
    min_score: float = MINIMUM_SCORE
    warning: str | None = None


def skill_match_options(value: object) -> SkillMatchOptions:
    """Return the options that the table ``value`` gives, the defaults for ``None``.

    A strategy that is not known gives ``metadata`` with a warning. Raises ConfigError for
    anything else that is wrong.
    """
    if value is None:
        return SkillMatchOptions()
    if not isinstance(value, Mapping):
        raise ConfigError("`skill_match` is no table.", hint=f"Its keys are {', '.join(_KEYS)}.")
    for key in value:
        if key not in _KEYS:
            near = get_close_matches(str(key), _KEYS, n=1)
            meant = f"Did you mean `{near[0]}`? " if near else ""
            raise ConfigError(
                f"`skill_match.{key}` is no option.", hint=f"{meant}Accepted: {', '.join(_KEYS)}."
            )
    strategy, warning = _strategy(value.get("strategy", METADATA))
    top_n = value.get("top_n", 1)
    if type(top_n) is not int or top_n < 1:
        raise _wrong("top_n", "a whole number of at least 1")
    is_sticky = value.get("sticky", True)
    if not isinstance(is_sticky, bool):
        raise _wrong("sticky", "true or false")
    min_score = value.get("min_score", MINIMUM_SCORE)
    if type(min_score) not in {int, float} or not 0 <= min_score < float("inf"):
        raise _wrong("min_score", "a number of at least 0")
    return SkillMatchOptions(strategy, top_n, is_sticky, float(min_score), warning)


def _strategy(value: object) -> tuple[str, str | None]:
    if not isinstance(value, str):
        raise _wrong("strategy", f"one of {', '.join((METADATA, *HOST_STRATEGIES))}")
    word = value.strip().lower()
    if word in {METADATA, *HOST_STRATEGIES}:
        return word, None
    return METADATA, f"Skill matching knows no strategy {value!r}; metadata is used instead."


def _wrong(key: str, wanted: str) -> ConfigError:
    return ConfigError(f"`skill_match.{key}` has a wrong value.", hint=f"It must be {wanted}.")
