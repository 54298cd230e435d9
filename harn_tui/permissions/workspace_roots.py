"""The folders that may be touched: reading them, what two lists have in common, what is inside."""

from pathlib import Path

from harn_tui.errors import ConfigError
from harn_tui.json_types import JsonValue
from harn_tui.permissions import policy_values


def parse_roots(where: str, value: JsonValue, cwd: Path) -> tuple[Path, ...] | None:
    """Return folders, resolved from ``cwd``; ``None`` when there is no list."""
    if value is None:
        return None
    try:
        return tuple(
            (cwd / Path(t).expanduser()).resolve() for t in policy_values.texts(where, value)
        )
    except (OSError, RuntimeError, ValueError) as error:
        raise ConfigError(f"{where} has a folder that cannot be resolved: {error}.") from error


def common_roots(
    first: tuple[Path, ...] | None, second: tuple[Path, ...] | None
) -> tuple[Path, ...] | None:
    """Return the folders that lie in both; ``None`` is every folder, empty is none."""
    if first is None or second is None:
        return second if first is None else first
    inner = [a for a in first if any(a.is_relative_to(b) for b in second)]
    inner += [b for b in second if any(b.is_relative_to(a) for a in first)]
    return tuple(dict.fromkeys(inner))
