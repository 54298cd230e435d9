"""The names of keys: as they are written for people, and as a person may write them."""

import unicodedata

_KEY_WORDS = {
    "enter": "Enter",
    "escape": "Esc",
    "space": "Space",
    "tab": "Tab",
    "backspace": "Backspace",
    "insert": "Ins",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "delete": "Del",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "home": "Home",
    "end": "End",
}

_SPELLINGS = {
    "esc": "escape",
    "return": "enter",
    "pgup": "pageup",
    "pgdn": "pagedown",
    "del": "delete",
    "ins": "insert",
    "control": "ctrl",
    "option": "alt",
}
_SHORTER = {
    "solidus": "slash",
    "reverse_solidus": "backslash",
    "commercial_at": "at",
    "hyphen_minus": "minus",
    "plus_sign": "plus",
    "low_line": "underscore",
}
"""Characters that Textual calls otherwise than Unicode does."""

_MODIFIERS = ("alt", "ctrl", "shift", "super", "hyper", "meta")
_NAMED = frozenset([*_KEY_WORDS, *(f"f{number}" for number in range(1, 25))])
_SAME_AS = {
    "ctrl+m": "enter",
    "ctrl+i": "tab",
    "ctrl+h": "backspace",
    "ctrl+left_square_bracket": "escape",
}
"""Keys that most terminals send as another one."""

_PUNCTUATION = {
    _SHORTER.get(name, name): character
    for character in "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
    for name in [unicodedata.name(character).lower().replace("-", "_").replace(" ", "_")]
}


class UnusableKeyError(ValueError):
    """A key that cannot be bound; the message completes "`KEY` …"."""


def show_key(key: str) -> str:
    """Return a key's name for people: ``alt+up`` is ``Alt+↑``."""
    *modifiers, last = key.split("+")
    is_function_key = last in _NAMED and last.startswith("f")
    shown = last.upper() if is_function_key else _KEY_WORDS.get(last, _PUNCTUATION.get(last, last))
    return "+".join([*(modifier.capitalize() for modifier in modifiers), shown])


def is_typed(key: str) -> bool:
    """Whether pressing ``key`` types a character: it is one, alone or with Shift."""
    *modifiers, last = key.split("+")
    return set(modifiers) <= {"shift"} and (last not in _NAMED or last == "space")


def read_key(text: str) -> str:
    """Return Textual's name of the key that a person wrote, such as ``Ctrl+s``, ``?`` or ``F3``.

    Raises UnusableKeyError for what is no key, and for one that terminals send as another.
    """
    *modifiers, last = _parts(text.strip())
    modifiers = sorted(_SPELLINGS.get(word.lower(), word.lower()) for word in modifiers)
    unknown = [word for word in modifiers if word not in _MODIFIERS]
    if unknown or len(set(modifiers)) < len(modifiers):
        raise UnusableKeyError(f"is no key; what stands before one is {', '.join(_MODIFIERS)}")
    name = _last_name(last)
    if len(name) == 1 and "ctrl" in modifiers:
        name = name.lower()
    key = "+".join([*modifiers, name])
    if key in _SAME_AS:
        raise UnusableKeyError(f"is what most terminals send for {show_key(_SAME_AS[key])}")
    return key


def _parts(text: str) -> list[str]:
    if text.endswith("+"):
        # The plus key itself, alone or as in ``ctrl++``.
        return [*(part for part in text[:-1].split("+") if part), "+"]
    return text.split("+")


def _last_name(text: str) -> str:
    if len(text) == 1:
        if text.isalnum():
            return text
        if text.isprintable() and text != " ":
            name = unicodedata.name(text, "").lower().replace("-", "_").replace(" ", "_")
            return _SHORTER.get(name, name) or text
    word = text.lower()
    word = _SHORTER.get(word, _SPELLINGS.get(word, word))
    if word in _NAMED or word in _PUNCTUATION:
        return word
    raise UnusableKeyError("is no key; write it like ctrl+s, alt+up, f3, pagedown, space or ?")
