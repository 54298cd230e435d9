"""The tables that are about the console alone: ``[ui]`` and ``[keys]``."""

from collections.abc import Mapping
from dataclasses import dataclass

from harn_tui.config.value_rules import Fault, ValueRule, flag, one_of, text
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import Notifications


@dataclass(frozen=True, slots=True)
class UiSettings:
    """The ``[ui]`` table. ``theme`` ``None`` leaves the choice to the console."""

    theme: str | None = None
    show_timestamps: bool = False
    reduced_motion: bool = False
    vim_mode: bool = False
    notifications: Notifications = Notifications.AUTO


UI_KEYS: Mapping[str, ValueRule] = {
    "theme": text(),
    "show_timestamps": flag(),
    "reduced_motion": flag(),
    "vim_mode": flag(),
    "notifications": one_of(tuple(way.value for way in Notifications)),
}


def key_table() -> ValueRule:
    """Return the rule for ``[keys]``: which actions and keys there are, the console knows."""
    wanted = 'a table from action to a key, a list of keys, or "" for none, such as help = "f1"'

    def find_fault(value: JsonValue) -> Fault | None:
        if not isinstance(value, dict):
            return Fault((), wanted)
        for action, keys in value.items():
            listed = keys if isinstance(keys, list) else [keys]
            if not all(isinstance(key, str) for key in listed):
                return Fault((action,), 'a key in quotes, a list of keys, or "" for none')
        return None

    return ValueRule(wanted, find_fault)


def ui_settings(table: JsonObject) -> UiSettings:
    """Return the settings of a checked table."""
    theme = table.get("theme")
    return UiSettings(
        theme=theme if isinstance(theme, str) else None,
        show_timestamps=table.get("show_timestamps") is True,
        reduced_motion=table.get("reduced_motion") is True,
        vim_mode=table.get("vim_mode") is True,
        notifications=Notifications(str(table.get("notifications", Notifications.AUTO))),
    )


def keys_by_action(table: JsonObject) -> Mapping[str, tuple[str, ...]]:
    """Return the keys of each action of a checked table, as written; none for ``""``."""
    listed = {action: keys if isinstance(keys, list) else [keys] for action, keys in table.items()}
    return {
        action: tuple(str(key) for key in keys if str(key).strip())
        for action, keys in listed.items()
    }
