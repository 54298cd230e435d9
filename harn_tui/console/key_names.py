"""The names of keys as they are written for people."""

_KEY_WORDS = {
    "enter": "Enter",
    "escape": "Esc",
    "space": "Space",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "delete": "Del",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "home": "Home",
    "tab": "Tab",
    "end": "End",
    "plus": "+",
    "minus": "-",
    "equals_sign": "=",
    "underscore": "_",
}


def show_key(key: str) -> str:
    """Return a key's name for people: ``alt+up`` is ``Alt+↑``."""
    *modifiers, last = key.split("+")
    shown = _KEY_WORDS.get(last, last.upper() if last.startswith("f") and len(last) > 1 else last)
    return "+".join([*(modifier.capitalize() for modifier in modifiers), shown])
